// Imported memory keeps its own alignment: operands at odd addresses give the same bits.
#include "op_fixture.hpp"
#include "ops/private_layout.hpp"

namespace tenon::cpu_reference {
namespace {

// The same tensor one byte further.
class Misaligned {
 public:
  explicit Misaligned(const TestTensor& original)
      : bytes_(original.memory().size() + 1), buffer_(bytes_.data() + 1, original.memory().size()) {
    std::copy(original.memory().begin(), original.memory().end(), bytes_.begin() + 1);
    tensor_ = original;
    tensor_.buffer = buffer_.handle();
  }
  operator const tn_tensor&() const { return tensor_; }  // NOLINT: stands for its tensor

 private:
  std::vector<std::byte> bytes_;
  MemoryBuffer buffer_;
  tn_tensor tensor_;
};

TEST(Misaligned, Linear) {
  for (const uint32_t weight_type : {TN_DTYPE_F32, TN_DTYPE_BF16, TN_DTYPE_I8}) {
    const bool quantised = weight_type == TN_DTYPE_I8;
    auto x = TestTensor(quantised ? TN_DTYPE_I8 : TN_DTYPE_F32, {5, 24}).random(1, -90, 90);
    auto weight = TestTensor(weight_type, {20, 24}).random(2, -90, 90);
    auto bias = TestTensor(TN_DTYPE_F32, {20}).random(3);
    auto scale = TestTensor(TN_DTYPE_F32, {20}).random(4);
    TestTensor y(TN_DTYPE_F32, {5, 20});
    auto args = new_args<tn_linear_args>();
    args.input = x;
    args.weight = weight;
    args.bias = bias;
    if (quantised) args.weight_scale = scale;
    args.output = y;
    run_op(args);
    const auto expected = y.all_bits();
    const Misaligned odd_x(x);
    const Misaligned odd_weight(weight);
    const Misaligned odd_bias(bias);
    const Misaligned odd_scale(scale);
    args.input = odd_x;
    args.weight = odd_weight;
    args.bias = odd_bias;
    if (quantised) args.weight_scale = odd_scale;
    run_op(args);
    EXPECT_EQ(y.all_bits(), expected);
  }
}

TEST(Misaligned, CopyCastIntoTheBlockedLayout) {
  auto x = TestTensor(TN_DTYPE_BF16, {7, 9}).random(1);
  const Misaligned odd(x);
  auto blocked = TestTensor::blocked(TN_DTYPE_BF16, {7, 9}, private_blocked_layout, 16 * 16 * 2);
  TestTensor back(TN_DTYPE_F32, {7, 9});
  auto args = new_args<tn_copy_cast_args>();
  args.input = odd;
  args.output = blocked;
  run_op(args);
  args.input = blocked;
  args.output = back;
  run_op(args);
  EXPECT_EQ(back.values(), x.values());
}

TEST(Misaligned, NormAndEmbedding) {
  auto table = TestTensor(TN_DTYPE_F32, {4, 6}).random(1);
  const auto ids = indices({3, 1});
  const Misaligned odd_table(table);
  const Misaligned odd_ids(ids);
  TestTensor rows(TN_DTYPE_F16, {2, 6});
  auto embedding = new_args<tn_embedding_args>();
  embedding.table = odd_table;
  embedding.token_ids = odd_ids;
  embedding.output = rows;
  run_op(embedding);
  for (int64_t i = 0; i < 12; ++i) {
    EXPECT_EQ(rows.bits(i), encode(TN_DTYPE_F16, table.at((i < 6 ? 18 : 6) + i % 6)));
  }
  auto norm = new_args<tn_rms_norm_args>();
  TestTensor y(TN_DTYPE_F32, {4, 6});
  norm.input = table;
  norm.weight = table.rows(0, 1).view();
  norm.weight.rank = 1;
  norm.weight.shape[0] = 6;
  norm.weight.strides[0] = 1;
  norm.weight.shape[1] = norm.weight.strides[1] = 0;
  norm.output = y;
  run_op(norm);
  const auto expected = y.all_bits();
  norm.input = odd_table;
  tn_tensor odd_weight = odd_table;
  odd_weight.rank = 1;
  odd_weight.shape[0] = 6;
  odd_weight.strides[0] = 1;
  odd_weight.shape[1] = odd_weight.strides[1] = 0;
  norm.weight = odd_weight;
  run_op(norm);
  EXPECT_EQ(y.all_bits(), expected);
}

}  // namespace
}  // namespace tenon::cpu_reference
