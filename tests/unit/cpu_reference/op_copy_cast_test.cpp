#include "op_fixture.hpp"
#include "ops/private_layout.hpp"

namespace tenon::cpu_reference {
namespace {

tn_copy_cast_args cast(const TestTensor& from, const TestTensor& to) {
  auto args = new_args<tn_copy_cast_args>();
  args.input = from;
  args.output = to;
  return args;
}

TEST(CopyCast, EveryCastOfFloats) {
  for (const uint32_t from : float_dtypes) {
    for (const uint32_t to : float_dtypes) {
      auto x = TestTensor(from, {3, 5, 7}, 2).random(from * 10 + to, -70000, 70000);
      x.set(3, std::numeric_limits<double>::infinity());
      x.set(4, 1e-7);
      x.set(5, -0.0);
      TestTensor y(to, {3, 5, 7}, 1);
      run_op(cast(x, y));
      for (int64_t i = 0; i < x.count(); ++i)
        ASSERT_EQ(y.bits(i), encode(to, x.at(i))) << x.at(i);
      EXPECT_EQ(y.touched_outside(), 0);
    }
  }
}

TEST(CopyCast, NanStaysAndTheSameTypeCopiesBits) {
  for (const uint32_t from : float_dtypes) {
    for (const uint32_t to : float_dtypes) {
      TestTensor x(from, {4});  // all bits set: NaN
      x.set_bits(1, from == TN_DTYPE_F32 ? 0x7f800001 : from == TN_DTYPE_F16 ? 0x7c01 : 0x7f81);
      x.set(2, 1);
      x.set(3, 2);
      TestTensor y(to, {4});
      run_op(cast(x, y));
      EXPECT_TRUE(std::isnan(y.at(0)));
      EXPECT_TRUE(std::isnan(y.at(1)));
      if (from == to) {
        EXPECT_EQ(y.all_bits(), x.all_bits());
      }
    }
  }
}

TEST(CopyCast, Integers) {
  auto x = TestTensor(TN_DTYPE_I32, {5}).fill({0, -1, 16777217, 2147483647, -2147483648.0});
  TestTensor y(TN_DTYPE_F32, {5});
  run_op(cast(x, y));
  EXPECT_EQ(y.values(), (std::vector<double>{0, -1, 16777216, 2147483648.0, -2147483648.0}));
  auto bytes = TestTensor(TN_DTYPE_I8, {3, 3}, 1).random(1, -128, 127);
  TestTensor other(TN_DTYPE_I8, {3, 3});
  run_op(cast(bytes, other));
  EXPECT_EQ(other.all_bits(), bytes.all_bits());
  TestTensor same(TN_DTYPE_I32, {5});
  run_op(cast(x, same));
  EXPECT_EQ(same.all_bits(), x.all_bits());
}

TEST(CopyCast, TransposedViewsOnBothSides) {
  auto x = TestTensor(TN_DTYPE_BF16, {2, 3, 4, 5}, 1).random(1).swapped(1, 3);
  auto y = TestTensor(TN_DTYPE_F32, {4, 3, 2, 5}).swapped(0, 2).swapped(1, 3);
  run_op(cast(x, y));
  for (int64_t i = 0; i < x.count(); ++i)
    EXPECT_EQ(y.at(i), x.at(i));
}

TEST(CopyCast, EmptyTensors) {
  for (const auto& shape : {std::vector<int64_t>{0}, {0, 3}, {3, 0}, {2, 0, 4}}) {
    TestTensor x(TN_DTYPE_F32, shape);
    TestTensor y(TN_DTYPE_F16, shape);
    run_op(cast(x, y));
    EXPECT_EQ(y.touched_outside(), 0);
  }
}

// The formula of types.h, written out.
int64_t nz_index(int64_t m, int64_t n, int64_t rows, int64_t c0) {
  const int64_t down = (rows + 15) / 16;
  return (((n / c0) * down + m / 16) * 16 + m % 16) * c0 + n % c0;
}

TEST(CopyCast, FractalNzBothWaysWithZeroPadding) {
  for (const uint32_t dtype :
       {TN_DTYPE_F16, TN_DTYPE_BF16, TN_DTYPE_I8, TN_DTYPE_F32, TN_DTYPE_I32}) {
    const int64_t c0 = dtype == TN_DTYPE_I8 ? 32 : 16;
    for (const auto& [m, n] : {std::array<int64_t, 2>{1, 1}, {16, 32}, {17, 33}, {40, 70}}) {
      const int64_t outer = 2;
      auto x = TestTensor(dtype, {outer, m, n}, 3).random(9, -100, 100);
      const int64_t elements = (n + c0 - 1) / c0 * ((m + 15) / 16) * 16 * c0;
      auto nz = TestTensor::blocked(dtype, {outer, m, n}, TN_LAYOUT_FRACTAL_NZ,
                                    static_cast<uint64_t>(outer * elements) * item_bytes(dtype));
      const auto args = cast(x, nz);
      EXPECT_FALSE(query(args).capturable);
      run_op(args);
      std::vector<std::byte> expected(nz.memory().size(), std::byte{0});
      for (int64_t o = 0; o < outer; ++o) {
        for (int64_t row = 0; row < m; ++row) {
          for (int64_t column = 0; column < n; ++column) {
            const uint64_t bits = x.bits((o * m + row) * n + column);
            const auto place = static_cast<uint64_t>(o * elements + nz_index(row, column, m, c0));
            std::memcpy(expected.data() + place * item_bytes(dtype), &bits, item_bytes(dtype));
          }
        }
      }
      ASSERT_EQ(nz.memory(), expected);
      TestTensor back(dtype, {outer, m, n}, 1);
      run_op(cast(nz, back));
      EXPECT_EQ(back.all_bits(), x.all_bits());
      EXPECT_EQ(back.touched_outside(), 0);
    }
  }
}

TEST(CopyCast, FromOneBlockedLayoutToTheOtherWithAnotherType) {
  auto x = TestTensor(TN_DTYPE_BF16, {19, 21}).random(1);
  auto nz = TestTensor::blocked(TN_DTYPE_BF16, {19, 21}, TN_LAYOUT_FRACTAL_NZ, 2 * 2 * 256 * 2);
  auto blocked = TestTensor::blocked(TN_DTYPE_F32, {19, 21}, private_blocked_layout, 32 * 24 * 4);
  TestTensor back(TN_DTYPE_F32, {19, 21});
  run_op(cast(x, nz));
  run_op(cast(nz, blocked));
  run_op(cast(blocked, back));
  EXPECT_EQ(back.values(), x.values());
}

TEST(CopyCast, TransposedViewIntoFractalNz) {
  auto x = TestTensor(TN_DTYPE_F16, {20, 18}).random(1).swapped(0, 1);
  auto nz = TestTensor::blocked(TN_DTYPE_F16, {18, 20}, TN_LAYOUT_FRACTAL_NZ, 2 * 2 * 256 * 2);
  TestTensor back(TN_DTYPE_F16, {18, 20});
  run_op(cast(x, nz));
  run_op(cast(nz, back));
  EXPECT_EQ(back.values(), x.values());
}

TEST(CopyCast, Refusals) {
  TestTensor f32(TN_DTYPE_F32, {3, 4});
  TestTensor i32(TN_DTYPE_I32, {3, 4});
  TestTensor i8(TN_DTYPE_I8, {3, 4});
  EXPECT_EQ(
      refusal(cast(f32, i32)),
      "[copy_cast] this cast does not exist; expected float to float, i32 to f32, or the same "
      "dtype; found f32 to i32");
  EXPECT_NE(refusal(cast(i8, f32)).find("found i8 to f32"), std::string::npos);
  EXPECT_EQ(refusal(cast(f32, TestTensor(TN_DTYPE_F32, {4, 3}))),
            "[copy_cast] output must have the shape of input; expected [3, 4]; found [4, 3]");
  auto flat = TestTensor::blocked(TN_DTYPE_F32, {3}, TN_LAYOUT_FRACTAL_NZ, 4096);
  EXPECT_NE(refusal(cast(TestTensor(TN_DTYPE_F32, {3}), flat)).find("too few dimensions"),
            std::string::npos);
  auto strange = TestTensor::blocked(TN_DTYPE_F32, {3, 4}, 77, 4096);
  EXPECT_NE(refusal(cast(f32, strange)).find("layout is not known"), std::string::npos);
}

}  // namespace
}  // namespace tenon::cpu_reference
