// Which layout a weight gets, and what each use of it reads.
#include <gtest/gtest.h>

#include "device/tensor.hpp"
#include "layout_device.hpp"
#include "weights/weight_uses.hpp"

namespace tenon {
namespace {

const std::vector<int64_t> stored_shape = {3, 8, 4};  // [experts, out, in]

tn_layout_use use_of(uint32_t op, bool transposed) {
  return {op, 1, transposed ? 1U : 0U, 0};
}

std::vector<int64_t> shape_of(const tn_tensor& tensor) {
  return {tensor.shape, tensor.shape + tensor.rank};
}

std::vector<int64_t> strides_of(const tn_tensor& tensor) {
  return {tensor.strides, tensor.strides + tensor.rank};
}

class StackLayout : public testing::Test {
 protected:
  WeightLayout choose(const LayoutRule& rule, bool native = true) {
    return choose_weight_layout(device_with(rule), stack, {use}, native);
  }
  tn_tensor stack = row_major_tensor(TN_DTYPE_BF16, stored_shape);
  tn_layout_use use = use_of(TN_OP_grouped_matmul, true);
};

TEST_F(StackLayout, ADeviceThatReadsViewsKeepsTheStoredBytes) {
  const WeightLayout layout =
      choose([](const tn_layout_request&) { return answer_of(TN_LAYOUT_ROW_MAJOR); });
  EXPECT_FALSE(layout.has_native());
  const tn_tensor read = layout.read_by(0, use);
  EXPECT_EQ(shape_of(read), (std::vector<int64_t>{3, 4, 8}));
  EXPECT_EQ(strides_of(read), (std::vector<int64_t>{32, 1, 4}));
  EXPECT_EQ(layout.storage_bytes(), 3U * 8 * 4 * 2);
}

TEST_F(StackLayout, ALayoutThatTakesNoViewHoldsTheTransposedStack) {
  const WeightLayout layout = choose(only_without_views);
  ASSERT_TRUE(layout.has_native());
  EXPECT_TRUE(layout.native_transposed);
  EXPECT_FALSE(layout.needs_row_major());
  const tn_tensor read = layout.read_by(0, use);
  EXPECT_EQ(read.layout, static_cast<uint32_t>(TN_LAYOUT_FRACTAL_NZ));
  EXPECT_EQ(shape_of(read), (std::vector<int64_t>{3, 4, 8}));
  EXPECT_EQ(strides_of(read), (std::vector<int64_t>{32, 8, 1}));
  EXPECT_EQ(layout.storage_bytes(), 1000U);
}

TEST_F(StackLayout, ADeviceThatCannotTransposeKeepsTheStoredBytes) {
  const Device device = device_with(only_without_views);
  fake().supported = false;
  EXPECT_FALSE(choose_weight_layout(device, stack, {use}, true).has_native());
}

TEST_F(StackLayout, AUseOfTheStoredFormForbidsTheTransposedOne) {
  const std::vector<tn_layout_use> uses = {use, use_of(TN_OP_batched_matmul, false)};
  EXPECT_FALSE(
      choose_weight_layout(device_with(only_without_views), stack, uses, true).has_native());
}

TEST_F(StackLayout, RowMajorOnRequestAsksNothing) {
  const WeightLayout layout = choose(
      [](const tn_layout_request&) {
        ADD_FAILURE() << "the device was asked";
        return answer_of(TN_LAYOUT_ROW_MAJOR);
      },
      false);
  EXPECT_FALSE(layout.has_native());
}

// A matrix of which one use keeps the row-major copy.
TEST(MatrixLayout, EachUseReadsItsForm) {
  const tn_tensor matrix = row_major_tensor(TN_DTYPE_F32, std::vector<int64_t>{8, 4});
  const std::vector<tn_layout_use> uses = {use_of(TN_OP_embedding, false),
                                           use_of(TN_OP_linear, false)};
  const WeightLayout layout = choose_weight_layout(
      device_with([](const tn_layout_request&) { return answer_of(TN_LAYOUT_PRIVATE, 500, 1); }),
      matrix, uses, true);
  EXPECT_TRUE(layout.needs_row_major());
  EXPECT_EQ(layout.read_by(0, uses[0]).layout, static_cast<uint32_t>(TN_LAYOUT_ROW_MAJOR));
  EXPECT_EQ(layout.read_by(1, uses[1]).layout, static_cast<uint32_t>(TN_LAYOUT_PRIVATE));
  EXPECT_EQ(layout.storage_bytes(), 500U + 8 * 4 * 4);
}

}  // namespace
}  // namespace tenon
