// Helpers for tensors.
#include "device/tensor.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/error.hpp"

namespace tenon {
namespace {

tn_tensor make(std::vector<int64_t> shape, tn_dtype dtype = TN_DTYPE_F32) {
  return row_major_tensor(dtype, shape);
}

TEST(Tensor, RowMajorStridesAndBytes) {
  const tn_tensor tensor = make({2, 3, 4}, TN_DTYPE_BF16);
  EXPECT_EQ(tensor.rank, 3u);
  EXPECT_EQ(tensor.strides[0], 12);
  EXPECT_EQ(tensor.strides[2], 1);
  EXPECT_EQ(tensor.storage_bytes, 48u);
  EXPECT_EQ(tensor.shape[3], 0);
  EXPECT_EQ(element_count(tensor), 24);
  EXPECT_EQ(extent_bytes(tensor), 48u);
}

TEST(Tensor, ScalarAndEmpty) {
  EXPECT_EQ(make({}).storage_bytes, 4u);
  EXPECT_EQ(element_count(make({})), 1);
  EXPECT_EQ(make({0, 5}).storage_bytes, 0u);
  EXPECT_EQ(extent_bytes(make({0, 5})), 0u);
  EXPECT_TRUE(is_contiguous(make({0, 5})));
}

TEST(Tensor, ExtentOfAStridedView) {
  tn_tensor view = make({3, 4});
  view.strides[0] = 10;
  EXPECT_EQ(extent_bytes(view), (2 * 10 + 4) * 4u);
  EXPECT_FALSE(is_contiguous(view));
  view.shape[0] = 1;
  EXPECT_TRUE(is_contiguous(view));
}

TEST(Tensor, RefusesWhatDoesNotFit) {
  constexpr int64_t large = std::numeric_limits<int64_t>::max() / 2;
  EXPECT_THROW(make({large, 4}), Error);
  EXPECT_THROW(make({large}), Error);  // bytes
  EXPECT_THROW(make({-1}), Error);
  EXPECT_THROW(make({1, 1, 1, 1, 1, 1, 1}), Error);
  EXPECT_THROW(make({1}, TN_DTYPE_NONE), Error);
  EXPECT_EQ(make({large, 0}).storage_bytes, 0u);
  tn_tensor view = make({2});
  view.strides[0] = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(extent_bytes(view), std::nullopt);
}

TEST(Tensor, Names) {
  EXPECT_EQ(dtype_name(TN_DTYPE_BF16), "bf16");
  EXPECT_EQ(dtype_name(99), "dtype 99");
  EXPECT_EQ(dtype_bytes(99), 0u);
  EXPECT_EQ(dtype_by_name("i8"), TN_DTYPE_I8);
  EXPECT_EQ(dtype_by_name("none"), std::nullopt);
  EXPECT_EQ(tensor_text(make({4, 8})), "f32[4, 8]");
  tn_tensor view = make({3, 4});
  view.strides[0] = 10;
  EXPECT_EQ(tensor_text(view), "f32[3, 4] strides [10, 1]");
}

}  // namespace
}  // namespace tenon
