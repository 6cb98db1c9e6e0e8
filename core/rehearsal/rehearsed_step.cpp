#include "rehearsal/rehearsed_step.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/error.hpp"
#include "parallel/layout.hpp"

namespace tenon {
namespace {

int64_t blocks_of_sequence(const RehearsedStep& share, int64_t block_size) {
  return (share.context + block_size - 1) / block_size;
}

void require(std::string_view key, std::string_view what, int64_t limit, int64_t found) {
  if (found <= limit) return;
  fail_input(key, fmt::format("the step has too {}", what), fmt::format("at most {}", limit),
             std::to_string(found));
}

}  // namespace

std::string rehearsed_step_text(const RehearsedStep& step) {
  return fmt::format("{} sequence{} of {} row{}, {} token{} each", step.sequences,
                     step.sequences == 1 ? "" : "s", step.rows, step.rows == 1 ? "" : "s",
                     step.context, step.context == 1 ? "" : "s");
}

RehearsedStep share_of_replica(const RehearsedStep& step, int64_t replicas) {
  RehearsedStep share = step;
  share.sequences = share_of(step.sequences, replicas);
  return share;
}

void check_rehearsed_step(const RehearsedStep& share, const EngineLimits& limits) {
  if (share.sequences < 1 || share.rows < 1 || share.context < share.rows) {
    fail_input("step", "no such step",
               "1 or more sequences of 1 or more rows, in a context that holds these rows",
               fmt::format("{} sequences of {} rows, context {}", share.sequences, share.rows,
                           share.context));
  }
  require("engine.max_num_seqs", "many sequences", limits.max_num_seqs, share.sequences);
  require("engine.context", "long sequences", limits.context, share.context);
  require("engine.max_num_batched_tokens", "many rows",
          limits.max_num_batched_tokens / share.sequences, share.rows);
  const int64_t blocks = share.sequences * blocks_of_sequence(share, limits.block_size);
  if (blocks > limits.block_count) {
    fail_input("engine.kv_cache", "the sequences of the step do not fit into the KV cache",
               fmt::format("at most {} blocks of {} tokens, or a device with more memory",
                           limits.block_count, limits.block_size),
               fmt::format("{} sequences of {} tokens, which take {} blocks", share.sequences,
                           share.context, blocks));
  }
}

ShapeBucket bucket_of(const RehearsedStep& share, const EngineLimits& limits) {
  return bucket_for({share.sequences * share.rows, share.sequences, share.sequences},
                    limits.max_num_batched_tokens, limits.max_num_seqs);
}

int64_t usual_context(const RehearsedStep& share, const EngineLimits& limits) {
  constexpr int64_t usual = 1024;
  const int64_t room = limits.block_count / std::max<int64_t>(1, share.sequences) *
                       static_cast<int64_t>(limits.block_size);
  return std::max(share.rows, std::min<int64_t>({usual, limits.context, room}));
}

StepInputs make_rehearsed_inputs(const RehearsedStep& share, int64_t block_size) {
  const int64_t blocks = blocks_of_sequence(share, block_size);
  StepInputs inputs;
  inputs.block_table_width = static_cast<int32_t>(blocks);
  inputs.token_ids.assign(static_cast<size_t>(share.sequences * share.rows), 0);
  inputs.query_start_loc = {0};
  for (int64_t sequence = 0; sequence < share.sequences; ++sequence) {
    for (int64_t block = 0; block < blocks; ++block)
      inputs.block_table.push_back(static_cast<int32_t>(sequence * blocks + block));
    for (int64_t position = share.context - share.rows; position < share.context; ++position) {
      inputs.positions.push_back(static_cast<int32_t>(position));
      inputs.slot_mapping.push_back(
          static_cast<int32_t>(sequence * blocks * block_size + position));
    }
    const auto rows = static_cast<int32_t>((sequence + 1) * share.rows);
    inputs.query_start_loc.push_back(rows);
    inputs.logit_rows.push_back(rows - 1);
    inputs.seq_lens.push_back(static_cast<int32_t>(share.context));
  }
  return inputs;
}

}  // namespace tenon
