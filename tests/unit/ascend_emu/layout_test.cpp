// FRACTAL_NZ: what its bytes are, which weights get it, and that a matmul reads it.
#include "ascend_calls.hpp"

namespace ascend_test {
namespace {

class Layouts : public RuntimeTest {
 protected:
  TestBackend backend;
  tn_stream* stream = backend.stream("compute");

  tn_layout_answer answer_for(const tn_tensor& tensor, const std::vector<tn_layout_use>& uses) {
    tn_layout_request request{};
    request.struct_size = sizeof request;
    request.role = TN_ROLE_WEIGHT;
    request.tensor = &tensor;
    request.uses = uses.data();
    request.use_count = static_cast<std::uint32_t>(uses.size());
    tn_layout_answer answer{};
    answer.struct_size = sizeof answer;
    EXPECT_EQ(t.layout_for(backend.device(), &request, &answer, &e), TN_OK) << e.message;
    return answer;
  }

  // `values` cast to FRACTAL_NZ on the card.
  template <class T>
  tn_tensor packed(const std::vector<T>& values, std::vector<std::int64_t> shape, tn_dtype dtype,
                   std::uint64_t bytes) {
    tn_tensor nz = as_nz(tensor(backend.buffer(bytes), shape, dtype));
    nz.storage_bytes = bytes;
    const tn_copy_cast_args args = cast_args(tensor(backend.filled(values), shape, dtype), nz);
    EXPECT_EQ(t.op_enqueue(stream, TN_OP_copy_cast, &args, nullptr, nullptr, &e), TN_OK)
        << e.message;
    backend.synchronize(stream);
    return nz;
  }
};

constexpr tn_layout_use linear_weight{TN_OP_linear, 1, 0, 0};
constexpr tn_layout_use grouped_weight{TN_OP_grouped_matmul, 1, 0, 0};
constexpr tn_layout_use transposed_grouped_weight{TN_OP_grouped_matmul, 1, 1, 0};
constexpr tn_layout_use embedding_table{TN_OP_embedding, 0, 0, 0};

TEST_F(Layouts, SixteenBitFractalsAreSixteenWide) {
  constexpr std::int64_t m = 18;
  constexpr std::int64_t n = 35;
  std::vector<std::uint16_t> values(m * n);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<std::uint16_t>(i + 1);
  const tn_tensor nz = packed(values, {m, n}, TN_DTYPE_BF16, 3 * 2 * 16 * 16 * 2);
  std::vector<std::uint16_t> expected(3 * 2 * 16 * 16, 0);
  for (std::int64_t row = 0; row < m; ++row) {
    for (std::int64_t column = 0; column < n; ++column) {
      const std::int64_t fractal = column / 16 * 2 + row / 16;
      expected[static_cast<std::size_t>(fractal * 256 + row % 16 * 16 + column % 16)] =
          values[static_cast<std::size_t>(row * n + column)];
    }
  }
  EXPECT_EQ(backend.values<std::uint16_t>(nz.buffer, expected.size()), expected);
}

TEST_F(Layouts, EightBitFractalsAreThirtyTwoWide) {
  std::vector<std::int8_t> values(17 * 33, 1);
  const tn_tensor nz = packed(values, {17, 33}, TN_DTYPE_I8, 2 * 2 * 16 * 32);
  const auto found = backend.values<std::int8_t>(nz.buffer, 2 * 2 * 16 * 32);
  EXPECT_EQ(found[31], 1);
  EXPECT_EQ(found[2 * 512], 1);      // (0, 32)
  EXPECT_EQ(found[2 * 512 + 1], 0);  // padding behind it
  EXPECT_EQ(found[512], 1);          // (16, 0)
  EXPECT_EQ(found[512 + 32], 0);     // padding below it
}

TEST_F(Layouts, WeightsOfMatmulsAreFractal) {
  for (const tn_dtype dtype : {TN_DTYPE_F16, TN_DTYPE_BF16, TN_DTYPE_I8}) {
    const std::uint64_t width = dtype == TN_DTYPE_I8 ? 32 : 16;
    const std::uint64_t item = dtype == TN_DTYPE_I8 ? 1 : 2;
    tn_layout_answer answer = answer_for(shaped({40, 48}, dtype), {linear_weight});
    EXPECT_EQ(answer.layout, TN_LAYOUT_FRACTAL_NZ);
    EXPECT_EQ(answer.storage_bytes, 48 * ((48 + width - 1) / width * width) * item);
    EXPECT_EQ(answer.row_major_uses, 0U);
    answer = answer_for(shaped({3, 40, 48}, dtype), {grouped_weight});
    EXPECT_EQ(answer.layout, TN_LAYOUT_FRACTAL_NZ);
  }
}

TEST_F(Layouts, WhatIsReadOtherwiseStaysRowMajor) {
  const tn_tensor matrix = shaped({40, 48}, TN_DTYPE_BF16);
  EXPECT_EQ(answer_for(shaped({40, 48}, TN_DTYPE_F32), {linear_weight}).layout,
            TN_LAYOUT_ROW_MAJOR);
  const tn_layout_answer tied = answer_for(matrix, {linear_weight, embedding_table});
  EXPECT_EQ(tied.layout, TN_LAYOUT_ROW_MAJOR);
  EXPECT_EQ(tied.storage_bytes, 40U * 48U * 2U);
  EXPECT_EQ(answer_for(shaped({3, 40, 48}, TN_DTYPE_BF16), {transposed_grouped_weight}).layout,
            TN_LAYOUT_ROW_MAJOR);
}

TEST_F(Layouts, LinearReadsFractalsToTheSameBits) {
  constexpr std::int64_t k = 37;
  constexpr std::int64_t n = 21;
  std::vector<std::uint16_t> weight(n * k);
  std::vector<std::uint16_t> input(2 * k);
  for (std::size_t i = 0; i < weight.size(); ++i)
    weight[i] = static_cast<std::uint16_t>(0x3f00 + i % 97);
  for (std::size_t i = 0; i < input.size(); ++i)
    input[i] = static_cast<std::uint16_t>(0xbe00 + i % 53);
  const tn_tensor x = tensor(backend.filled(input), {2, k}, TN_DTYPE_BF16);
  tn_buffer* plain = backend.buffer(2 * n * 2);
  tn_buffer* fractal = backend.buffer(2 * n * 2);
  const tn_linear_args from_plain =
      linear_args(x, tensor(backend.filled(weight), {n, k}, TN_DTYPE_BF16),
                  tensor(plain, {2, n}, TN_DTYPE_BF16));
  const tn_linear_args from_nz =
      linear_args(x, packed(weight, {n, k}, TN_DTYPE_BF16, 3 * 2 * 256 * 2),
                  tensor(fractal, {2, n}, TN_DTYPE_BF16));
  EXPECT_EQ(ask(backend, TN_OP_linear, from_nz).workspace_bytes, 0U);
  OK(t.op_enqueue(stream, TN_OP_linear, &from_plain, nullptr, nullptr, &e));
  OK(t.op_enqueue(stream, TN_OP_linear, &from_nz, nullptr, nullptr, &e));
  backend.synchronize(stream);
  EXPECT_EQ(backend.values<std::uint16_t>(fractal, 2 * n),
            backend.values<std::uint16_t>(plain, 2 * n));
}

}  // namespace
}  // namespace ascend_test
