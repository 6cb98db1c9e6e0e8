#include "attention_case.hpp"

namespace tenon::cpu_reference {
namespace {

TEST(PagedAttention, EveryPairOfTypesAndForm) {
  uint32_t seed = 0;
  for (const uint32_t a : float_dtypes) {
    for (const uint32_t c : float_dtypes) {
      for (int form = 0; form < 16; ++form) {
        AttentionShape shape;
        shape.activation = a;
        shape.cache = c;
        shape.mla = (form & 1) != 0;
        shape.sinks = (form & 2) != 0;
        shape.causal = (form & 4) != 0 ? 0 : 1;
        shape.window = (form & 8) != 0 ? 3 : 0;
        AttentionCase(shape, ++seed).run_and_check();
      }
    }
  }
}

TEST(PagedAttention, HeadRatiosAndBlockSizes) {
  for (const auto& [heads, kv_heads] : {std::array<int64_t, 2>{1, 1}, {6, 6}, {6, 1}, {6, 3}}) {
    for (const int64_t block_size : {1, 5, 64}) {
      AttentionShape shape;
      shape.heads = heads;
      shape.kv_heads = kv_heads;
      shape.block_size = block_size;
      AttentionCase(shape).run_and_check();
    }
  }
}

TEST(PagedAttention, PaddedSequencesAndNoRows) {
  AttentionShape shape;
  shape.query_lengths = {2, 1, 3};
  shape.sequence_lengths = {2, 0, 3};  // the second is padding: a query row, no context
  AttentionCase(shape).run_and_check();
  shape.query_lengths = {};
  shape.sequence_lengths = {};
  AttentionCase(shape).run_and_check();
  shape.padding_rows = 0;
  AttentionCase(shape).run_and_check();
}

TEST(PagedAttention, LargeScoresDoNotOverflow) {
  AttentionCase attention(AttentionShape{});
  attention.query.random(3, -200, 200);
  attention.run_and_check();
}

// One sequence of nine tokens, however it is cut into chunks and blocks, beside others or alone.
TEST(PagedAttention, BitsDependOnNothingButTheSequence) {
  AttentionShape whole;
  whole.query_lengths = {9};
  whole.sequence_lengths = {9};
  whole.padding_rows = 0;
  for (const uint32_t cache : {TN_DTYPE_F32, TN_DTYPE_BF16}) {
    whole.cache = cache;
    AttentionCase expected(whole);
    expected.run_and_check();
    const int64_t row_values = whole.heads * whole.value_dim;
    for (const int64_t block_size : {1, 3, 16}) {
      for (int64_t chunk = 1; chunk <= 9; ++chunk) {
        for (int64_t first = 0; first < 9; first += chunk) {
          const int64_t rows = std::min(chunk, 9 - first);
          AttentionShape shape = whole;
          shape.block_size = block_size;
          shape.query_lengths = {rows, 2};
          shape.sequence_lengths = {first + rows, 6};
          AttentionCase part(shape);
          for (int64_t i = 0; i < rows * whole.heads * whole.width; ++i) {
            part.query.set_bits(i, expected.query.bits(first * whole.heads * whole.width + i));
          }
          run_op(part.args(), static_cast<unsigned>(1 + chunk % 3));
          for (int64_t i = 0; i < rows * row_values; ++i) {
            ASSERT_EQ(part.output.bits(i), expected.output.bits(first * row_values + i))
                << "block size " << block_size << ", chunk " << chunk << ", first row " << first;
          }
        }
      }
    }
  }
}

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

}  // namespace
}  // namespace tenon::cpu_reference
