#include "executor/step_metadata.hpp"

#include <fmt/format.h>
#include <tenon/types.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/error.hpp"

namespace tenon {
namespace {

uint64_t aligned(uint64_t bytes) {
  return (bytes + TN_BUFFER_ALIGNMENT - 1) / TN_BUFFER_ALIGNMENT * TN_BUFFER_ALIGNMENT;
}

std::vector<int32_t> padded(const std::vector<int32_t>& values, int64_t size, int32_t padding) {
  std::vector<int32_t> result(values);
  result.resize(static_cast<size_t>(size), padding);
  return result;
}

// Rows of another width, entries past the old width zero.
std::vector<int32_t> padded_table(const StepInputs& inputs, int64_t sequences, int64_t width) {
  std::vector<int32_t> table(static_cast<size_t>(sequences * width));
  const auto old_width = static_cast<size_t>(inputs.block_table_width);
  for (size_t s = 0; s < inputs.seq_lens.size(); ++s) {
    std::copy_n(inputs.block_table.begin() + static_cast<ptrdiff_t>(s * old_width), old_width,
                table.begin() + static_cast<ptrdiff_t>(s) * width);
  }
  return table;
}

void check_range(std::string_view field, const std::vector<int32_t>& values, int64_t low,
                 int64_t high) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] < low || values[i] >= high) {
      fail_run("step", fmt::format("{}[{}] is out of range", field, i),
               fmt::format("{} to {}", low, high - 1), std::to_string(values[i]));
    }
  }
}

}  // namespace

MetadataLayout metadata_layout(const ShapeBucket& bucket, int64_t block_table_width) {
  const std::array<int64_t, metadata_count> counts = {
      bucket.tokens,        bucket.tokens,
      bucket.tokens,        bucket.sequences * block_table_width,
      bucket.sequences + 1, bucket.sequences,
      bucket.logit_rows};
  MetadataLayout layout;
  for (uint32_t i = 0; i < metadata_count; ++i) {
    layout.offsets[i] = layout.bytes;
    layout.bytes += aligned(static_cast<uint64_t>(counts[i]) * sizeof(int32_t));
  }
  return layout;
}

StepMetadata make_step_metadata(const StepInputs& inputs, const ShapeBucket& bucket,
                                const EngineDimensions& dimensions) {
  StepMetadata metadata;
  const int32_t rows = inputs.query_start_loc.back();
  metadata.host_query_start_loc = padded(inputs.query_start_loc, bucket.sequences + 1, rows);
  metadata.host_seq_lens = padded(inputs.seq_lens, bucket.sequences, 0);

  const MetadataLayout layout = metadata_layout(bucket, dimensions.block_table_width);
  metadata.block.resize(layout.bytes);
  const auto put = [&](Metadata which, const std::vector<int32_t>& values) {
    if (values.empty()) return;
    std::memcpy(metadata.block.data() + layout.offsets[static_cast<uint32_t>(which)], values.data(),
                values.size() * sizeof(int32_t));
  };
  put(Metadata::token_ids, padded(inputs.token_ids, bucket.tokens, 0));
  put(Metadata::positions, padded(inputs.positions, bucket.tokens, 0));
  put(Metadata::slot_mapping, padded(inputs.slot_mapping, bucket.tokens, -1));
  put(Metadata::block_table, padded_table(inputs, bucket.sequences, dimensions.block_table_width));
  put(Metadata::query_start_loc, metadata.host_query_start_loc);
  put(Metadata::seq_lens, metadata.host_seq_lens);
  put(Metadata::logit_rows, padded(inputs.logit_rows, bucket.logit_rows, 0));
  return metadata;
}

void check_step_inputs(const StepInputs& inputs, const EngineDimensions& dimensions,
                       int64_t vocabulary) {
  for (const int32_t id : inputs.token_ids) {
    if (id < 0 || id >= vocabulary) {
      fail_input("token_ids",
                 "a token id is outside the model's vocabulary; the tokenizer does not "
                 "belong to this model",
                 fmt::format("0 to {}", vocabulary - 1), std::to_string(id));
    }
  }
  const auto tokens = static_cast<int64_t>(inputs.token_ids.size());
  check_range("positions", inputs.positions, 0, dimensions.context);
  check_range("slot_mapping", inputs.slot_mapping, -1,
              dimensions.cache_blocks * dimensions.block_size);
  check_range("block_table", inputs.block_table, 0, dimensions.cache_blocks);
  check_range("seq_lens", inputs.seq_lens, 0, dimensions.context + 1);
  check_range("query_start_loc", inputs.query_start_loc, 0, tokens + 1);
  check_range("logit_rows", inputs.logit_rows, 0, tokens);
  if (inputs.block_table_width > dimensions.block_table_width) {
    fail_run("step", "a block table is wider than the context allows",
             std::to_string(dimensions.block_table_width),
             std::to_string(inputs.block_table_width));
  }
}

}  // namespace tenon
