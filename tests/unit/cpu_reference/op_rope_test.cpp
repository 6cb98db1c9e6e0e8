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

TEST(Rope, EveryVariant) {
  uint32_t seed = 0;
  const int64_t d = 12;
  for (const uint32_t a : float_dtypes) {
    for (const auto& [rotary, first] : {std::array<int32_t, 2>{12, 0}, {4, 0}, {4, 8}, {2, 3}}) {
      for (uint32_t variant = 0; variant < 8; ++variant) {
        const bool interleaved = (variant & 1) != 0;
        const bool inverse = (variant & 2) != 0;
        const bool in_place = (variant & 4) != 0;
        const auto [cosine, sine] = tables(9, rotary / 2);
        auto x = TestTensor(a, {5, 3, d}, 2).random(++seed);
        const auto before = x.values();
        const auto positions = indices({0, 8, 3, 3, 1});
        TestTensor other(a, {5, 3, d}, 4);
        const TestTensor& y = in_place ? x : other;
        auto args = new_args<tn_rope_args>();
        args.input = x;
        args.cosine = cosine;
        args.sine = sine;
        args.positions = positions;
        args.output = y;
        args.rotary_dim = rotary;
        args.first_channel = first;
        args.pairing = interleaved ? TN_ROPE_INTERLEAVED : TN_ROPE_HALF_SPLIT;
        args.inverse = inverse ? 1 : 0;
        run_op(args);
        for (int64_t i = 0; i < x.count(); ++i) {
          const int64_t channel = i % d - first;
          const int64_t head = i / d * d;
          if (channel < 0 || channel >= rotary) {
            ASSERT_EQ(y.at(i), before[static_cast<size_t>(i)]);
            continue;
          }
          const int64_t half = rotary / 2;
          const int64_t pair = interleaved ? channel / 2 : channel % half;
          const bool is_second = interleaved ? channel % 2 == 1 : channel >= half;
          const int64_t one = interleaved ? 2 * pair : pair;
          const int64_t two = interleaved ? 2 * pair + 1 : pair + half;
          const double p = before[static_cast<size_t>(head + first + one)];
          const double q = before[static_cast<size_t>(head + first + two)];
          const auto row = static_cast<int64_t>(positions.at(i / (3 * d)));
          const double c = cosine.at(row * half + pair);
          const double s = sine.at(row * half + pair) * (inverse ? -1 : 1);
          const double expected = is_second ? q * c + p * s : p * c - q * s;
          expect_near(y.at(i), expected, a, 2,
                      std::abs(p * c) + std::abs(q * s) + std::abs(q * c) + std::abs(p * s),
                      "rope");
        }
      }
    }
  }
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
