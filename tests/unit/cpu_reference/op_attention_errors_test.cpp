#include "attention_case.hpp"

namespace tenon::cpu_reference {
namespace {

TEST(PagedAttention, BadIndexValues) {
  AttentionCase attention(AttentionShape{});
  attention.table.set(4, 99);
  EXPECT_EQ(failure_of(attention.args()),
            "[paged_attention] block_table[1][0] is out of range; expected 0..9; found 99");
  attention.table.set(4, 0);
  attention.lengths.set(1, 17);
  EXPECT_EQ(failure_of(attention.args()),
            "[paged_attention] seq_lens[1] is out of range; expected 1..16; found 17");
  attention.lengths.set(1, 9);
  attention.lengths.set(3, 4);
  EXPECT_EQ(failure_of(attention.args()),
            "[paged_attention] seq_lens[3] is out of range; expected 5..16; found 4");
  attention.starts.set(2, 1);
  EXPECT_EQ(failure_of(attention.args()),
            "[paged_attention] query_start_loc[2] is out of range; expected 3..11; found 1");
  attention.starts.set(0, 1);
  EXPECT_EQ(failure_of(attention.args()),
            "[paged_attention] query_start_loc[0] is out of range; expected 0..0; found 1");
}

TEST(PagedAttention, LengthsBeyondTheBounds) {
  AttentionCase attention(AttentionShape{});
  auto args = attention.args();
  args.max_seq_len = 8;
  EXPECT_EQ(failure_of(args),
            "[paged_attention] seq_lens[1] is out of range; expected 1..8; found 9");
  args.max_query_len = 2;
  EXPECT_EQ(failure_of(args),
            "[paged_attention] query_start_loc[1] is out of range; expected 0..2; found 3");
}

TEST(PagedAttention, HostArraysMustAgree) {
  AttentionCase attention(AttentionShape{});
  auto args = attention.args();
  std::vector<int32_t> lengths{3, 9, 4, 7};
  std::vector<int32_t> starts{0, 3, 4, 4, 9};
  args.host_seq_lens = lengths.data();
  args.host_seq_lens_count = 4;
  args.host_query_start_loc = starts.data();
  args.host_query_start_loc_count = 5;
  run_op(args);
  lengths[2] = 5;
  EXPECT_EQ(failure_of(args),
            "[paged_attention] host_seq_lens[2] differs from the device's; expected 4; found 5");
  args.host_query_start_loc_count = 4;
  EXPECT_EQ(failure_of(args),
            "[paged_attention] host_query_start_loc_count is wrong; expected 5; found 4");
}

// Not even the table entries are, which goes beyond the specification.
TEST(PagedAttention, BlocksOutsideTheWindowAreNotRead) {
  AttentionShape shape;
  shape.query_lengths = {1};
  shape.sequence_lengths = {12};
  shape.window = 3;
  AttentionCase attention(shape);
  run_op(attention.args());
  const auto expected = attention.output.all_bits();
  attention.table.set(0, -7);  // keys 0..3
  attention.table.set(1, 999);
  run_op(attention.args());
  EXPECT_EQ(attention.output.all_bits(), expected);
}

TEST(PagedAttention, Refusals) {
  AttentionCase attention(AttentionShape{});
  auto args = attention.args();
  args.key_cache.shape[2] = 3;
  EXPECT_NE(refusal(args).find("[paged_attention]"), std::string::npos);
  args = attention.args();
  args.value_dim = 5;
  EXPECT_EQ(
      refusal(args),
      "[paged_attention] value_cache's fourth dimension must equal value_dim; expected 5; found 6");
  args = attention.args();
  args.value_cache = {};
  args.value_dim = 11;
  EXPECT_EQ(
      refusal(args),
      "[paged_attention] without value_cache, value_dim must lie within a key; expected 1..10; "
      "found 11");
  args = attention.args();
  args.causal = 2;
  EXPECT_EQ(refusal(args), "[paged_attention] causal is out of range; expected 0..1; found 2");
  args = attention.args();
  args.sliding_window = -1;
  EXPECT_EQ(refusal(args),
            "[paged_attention] sliding_window is out of range; expected 0 or more; found -1");
  args = attention.args();
  args.value_cache.dtype = TN_DTYPE_BF16;
  EXPECT_EQ(
      refusal(args),
      "[paged_attention] value_cache must have the dtype of key_cache; expected f32; found bf16");
  args = attention.args();
  args.query = TestTensor(TN_DTYPE_F32, {11, 3, 10}).view();
  EXPECT_EQ(
      refusal(args),
      "[paged_attention] query heads must be a multiple of kv heads; expected a multiple of 2; "
      "found 3");
}

}  // namespace
}  // namespace tenon::cpu_reference
