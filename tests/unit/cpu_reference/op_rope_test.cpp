#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

struct Tables {
  TestTensor cosine;
  TestTensor sine;
};

Tables tables(int64_t positions, int64_t half) {
  Tables result{TestTensor(TN_DTYPE_F32, {positions, half}),
                TestTensor(TN_DTYPE_F32, {positions, half})};
  for (int64_t i = 0; i < positions * half; ++i) {
    const double angle =
        static_cast<double>(i / half) *
        std::pow(100.0, -static_cast<double>(i % half) / static_cast<double>(half));
    result.cosine.set(i, std::cos(angle));
    result.sine.set(i, std::sin(angle));
  }
  return result;
}

tn_rope_args small(const TestTensor& x, const Tables& table, const TestTensor& positions) {
  auto args = new_args<tn_rope_args>();
  args.input = x;
  args.cosine = table.cosine;
  args.sine = table.sine;
  args.positions = positions;
  args.output = x;
  args.rotary_dim = 4;
  return args;
}

TEST(Rope, BadPositionsAndNoRows) {
  const auto table = tables(7, 2);
  auto x = TestTensor(TN_DTYPE_F32, {2, 1, 4}).random(1);
  EXPECT_EQ(failure_of(small(x, table, indices({0, 7}))),
            "[rope] positions[1] is out of range; expected 0..6; found 7");
  EXPECT_EQ(failure_of(small(x, table, indices({-1, 0}))),
            "[rope] positions[0] is out of range; expected 0..6; found -1");
  run_op(small(TestTensor(TN_DTYPE_F32, {0, 1, 4}), table, TestTensor(TN_DTYPE_I32, {0})));
}

TEST(Rope, Refusals) {
  const auto table = tables(7, 2);
  const TestTensor x(TN_DTYPE_F32, {2, 1, 4});
  auto args = small(x, table, indices({0, 1}));
  args.rotary_dim = 3;
  EXPECT_EQ(refusal(args),
            "[rope] rotary_dim must be even and above 0; expected 2, 4, ...; found 3");
  args.rotary_dim = 4;
  args.first_channel = 1;
  EXPECT_EQ(
      refusal(args),
      "[rope] the rotated channels must lie within a head; expected channels below 4; found 1..4");
  args.first_channel = 0;
  args.pairing = 2;
  EXPECT_EQ(refusal(args), "[rope] pairing is out of range; expected 0..1; found 2");
}

}  // namespace
}  // namespace tenon::cpu_reference
