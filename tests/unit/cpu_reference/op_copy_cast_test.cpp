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

TEST(CopyCast, EmptyTensors) {
  for (const auto& shape : {std::vector<int64_t>{0}, {0, 3}, {3, 0}, {2, 0, 4}}) {
    TestTensor x(TN_DTYPE_F32, shape);
    TestTensor y(TN_DTYPE_F16, shape);
    run_op(cast(x, y));
    EXPECT_EQ(y.touched_outside(), 0);
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
