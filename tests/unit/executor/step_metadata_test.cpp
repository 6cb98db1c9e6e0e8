#include "executor/step_metadata.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "base/error.hpp"

namespace tenon {
namespace {

const EngineDimensions dimensions{TN_DTYPE_F32, 4, 8, 3, 12};

StepInputs two_sequences() {
  StepInputs inputs;
  inputs.token_ids = {5, 6, 7};
  inputs.positions = {4, 0, 1};
  inputs.slot_mapping = {8, 12, 13};
  inputs.query_start_loc = {0, 1, 3};
  inputs.seq_lens = {5, 2};
  inputs.block_table = {1, 2, 3, 0};
  inputs.block_table_width = 2;
  inputs.logit_rows = {0, 2};
  return inputs;
}

std::vector<int32_t> field(const StepMetadata& metadata, const ShapeBucket& bucket, Metadata which,
                           size_t count) {
  const MetadataLayout layout = metadata_layout(bucket, dimensions.block_table_width);
  std::vector<int32_t> values(count);
  std::memcpy(values.data(), metadata.block.data() + layout.offsets[static_cast<uint32_t>(which)],
              count * sizeof(int32_t));
  return values;
}

using Ids = std::vector<int32_t>;

TEST(StepMetadataTest, PaddingBelongsToNoSequence) {
  const ShapeBucket bucket{4, 4, 4};
  const StepMetadata m = make_step_metadata(two_sequences(), bucket, dimensions);
  EXPECT_EQ(field(m, bucket, Metadata::token_ids, 4), (Ids{5, 6, 7, 0}));
  EXPECT_EQ(field(m, bucket, Metadata::slot_mapping, 4), (Ids{8, 12, 13, -1}));
  EXPECT_EQ(field(m, bucket, Metadata::query_start_loc, 5), (Ids{0, 1, 3, 3, 3}));
  EXPECT_EQ(field(m, bucket, Metadata::seq_lens, 4), (Ids{5, 2, 0, 0}));
  EXPECT_EQ(field(m, bucket, Metadata::logit_rows, 4), (Ids{0, 2, 0, 0}));
  EXPECT_EQ(m.host_query_start_loc, (Ids{0, 1, 3, 3, 3}));
  EXPECT_EQ(m.host_seq_lens, (Ids{5, 2, 0, 0}));
}

TEST(StepMetadataTest, BlockTablesAreWidened) {
  const ShapeBucket bucket{4, 2, 2};
  const StepMetadata m = make_step_metadata(two_sequences(), bucket, dimensions);
  EXPECT_EQ(field(m, bucket, Metadata::block_table, 6), (Ids{1, 2, 0, 3, 0, 0}));
}

TEST(StepMetadataTest, NoIndexLeavesTheHostOutOfRange) {
  EXPECT_NO_THROW(check_step_inputs(two_sequences(), dimensions, 512));
  const auto refused = [](auto change, int64_t vocabulary = 512) {
    StepInputs inputs = two_sequences();
    change(inputs);
    EXPECT_THROW(check_step_inputs(inputs, dimensions, vocabulary), Error);
  };
  refused([](StepInputs&) {}, 7);
  refused([](StepInputs& i) { i.token_ids[1] = -1; });
  refused([](StepInputs& i) { i.positions[0] = 12; });
  refused([](StepInputs& i) { i.slot_mapping[0] = 32; });
  refused([](StepInputs& i) { i.slot_mapping[0] = -2; });
  refused([](StepInputs& i) { i.block_table[0] = 8; });
  refused([](StepInputs& i) { i.seq_lens[0] = 13; });
  refused([](StepInputs& i) { i.query_start_loc[2] = 4; });
  refused([](StepInputs& i) { i.logit_rows[1] = 3; });
  refused([](StepInputs& i) { i.block_table_width = 4; });
}

}  // namespace
}  // namespace tenon
