// Frequencies and tables against numbers computed in Python, in float64, from the formulas; those
// of llama3 and yarn also by an independent numpy implementation.
#include <gtest/gtest.h>

#include "checkpoint/rope_tables.hpp"
#include "checkpoint_files.hpp"

namespace tenon::rope_tables_test {
namespace {

using Expected = std::vector<std::pair<size_t, double>>;

void expect_values(const std::vector<double>& found, const Expected& expected) {
  for (const auto& [at, value] : expected) {
    EXPECT_NEAR(found.at(at), value, 1e-13 * value) << "pair " << at;
  }
}

RopeParameters scaled(RopeType type, double theta, double factor, int64_t original) {
  RopeParameters rope;
  rope.type = type;
  rope.theta = theta;
  rope.factor = factor;
  rope.original_max_position_embeddings = original;
  return rope;
}

TEST(RopeFrequencies, Unscaled) {
  RopeParameters rope;
  rope.theta = 1e6;
  const auto found = inverse_frequencies(rope, 128);
  ASSERT_EQ(found.size(), 64U);
  expect_values(found, {{0, 1.0},
                        {1, 0.8058421877614819},
                        {31, 0.0012409377607517195},
                        {63, 1.2409377607517195e-06}});
}

TEST(RopeFrequencies, Linear) {
  expect_values(inverse_frequencies(scaled(RopeType::linear, 1e4, 4.0, 0), 8),
                {{0, 0.25}, {1, 0.025}, {2, 0.0025}, {3, 0.00025}});
}

TEST(RopeFrequencies, Llama3AsPublishedFor31And32) {
  expect_values(inverse_frequencies(scaled(RopeType::llama3, 5e5, 8.0, 8192), 128),
                {{0, 1.0},
                 {20, 0.016560440080994446},
                 {28, 0.003211445994752591},
                 {29, 0.002166570763503359},
                 {31, 0.0008567514129196321},
                 {33, 0.00031269375038406517},
                 {35, 9.556212353964683e-05},
                 {36, 7.78465527393245e-05},
                 {63, 3.068925988914511e-07}});
  expect_values(inverse_frequencies(scaled(RopeType::llama3, 5e5, 32.0, 8192), 64),
                {{14, 0.003211445994752591},
                 {15, 0.001290547928209264},
                 {16, 0.00042955679655936815},
                 {17, 9.70828780262767e-05},
                 {31, 9.41830672543491e-08}});
}

TEST(RopeFrequencies, YarnAsPublishedForDeepSeekV3) {
  const RopeParameters rope = scaled(RopeType::yarn, 1e4, 40.0, 4096);
  expect_values(inverse_frequencies(rope, 64), {{0, 1.0},
                                                {10, 0.05623413251903491},
                                                {11, 0.03900692656714386},
                                                {16, 0.0055},
                                                {22, 0.0001778279410038922},
                                                {23, 3.33380358040831e-05},
                                                {31, 3.3338035804083097e-06}});
}

TEST(RopeFrequencies, YarnWithoutTruncation) {
  RopeParameters rope = scaled(RopeType::yarn, 1e4, 40.0, 4096);
  rope.truncate = false;
  expect_values(inverse_frequencies(rope, 64), {{10, 0.05623413251903491},
                                                {11, 0.04036758449441141},
                                                {16, 0.005524062977468265},
                                                {22, 0.00011838773159168897},
                                                {23, 3.33380358040831e-05}});
}

TEST(RopeFrequencies, YarnOfAShortOriginalLength) {
  expect_values(inverse_frequencies(scaled(RopeType::yarn, 1e4, 40.0, 64), 8),
                {{0, 1.0}, {1, 0.051250000000000004}, {2, 0.00025}, {3, 2.5e-05}});
}

TEST(RopeFrequencies, YarnOfALongQwen3) {
  expect_values(inverse_frequencies(scaled(RopeType::yarn, 1e6, 4.0, 32768), 128),
                {{23, 0.006978305848598663},
                 {24, 0.005375321490790102},
                 {30, 0.001064360981247002},
                 {39, 6.490394320837029e-05},
                 {40, 4.445698525097307e-05},
                 {63, 3.102344401879299e-07}});
}

TEST(RopeFactor, FollowsTheGivenNumbers) {
  RopeParameters rope = scaled(RopeType::yarn, 1e4, 40.0, 4096);
  EXPECT_NEAR(attention_factor(rope), 1.3688879454113936, 1e-14);
  rope.mscale_all_dim = 1.0;
  EXPECT_NEAR(attention_factor(rope), 1.3688879454113936, 1e-14);
  rope.mscale = 1.0;
  EXPECT_EQ(attention_factor(rope), 1.0);
  rope.mscale = 0.707;
  EXPECT_NEAR(attention_factor(rope), 0.9210423553163399, 1e-14);
  rope.attention_factor = 0.5;
  EXPECT_EQ(attention_factor(rope), 0.5);
  rope.type = RopeType::llama3;
  EXPECT_EQ(attention_factor(rope), 1.0);
  EXPECT_EQ(yarn_mscale(0.5, 1.0), 1.0);
}

// cos and sin of each pair at one position, computed with f32 rounding of frequency and angle.
using Row = std::vector<std::pair<double, double>>;

void expect_row(const RopeTables& tables, size_t position, const Row& expected) {
  for (size_t i = 0; i < expected.size(); ++i) {
    const size_t at = position * expected.size() + i;
    EXPECT_FLOAT_EQ(tables.cos.at(at), static_cast<float>(expected[i].first))
        << position << " " << i;
    EXPECT_FLOAT_EQ(tables.sin.at(at), static_cast<float>(expected[i].second))
        << position << " " << i;
  }
}

TEST(RopeTables, Unscaled) {
  const RopeTables tables = make_rope_tables(RopeParameters{}, 8, 512);
  ASSERT_EQ(tables.cos.size(), 512U * 4U);
  ASSERT_EQ(tables.sin.size(), 512U * 4U);
  expect_row(tables, 0, {{1, 0}, {1, 0}, {1, 0}, {1, 0}});
  expect_row(tables, 1,
             {{0.5403022766113281, 0.8414709568023682},
              {0.9950041770935059, 0.0998334214091301},
              {0.9999499917030334, 0.009999833069741726},
              {0.9999995231628418, 0.0009999999310821295}});
  expect_row(tables, 511,
             {{-0.47167888283729553, 0.8817703723907471},
              {0.6715335249900818, 0.7409741282463074},
              {0.3872165083885193, -0.9219887852668762},
              {0.8722558617591858, 0.4890497922897339}});
}

TEST(RopeTables, FarPositionsRoundTheAngleToF32) {
  RopeParameters rope;
  rope.theta = 1e6;
  const RopeTables tables = make_rope_tables(rope, 128, 131072);
  const size_t row = size_t{131071} * 64;
  EXPECT_FLOAT_EQ(tables.cos[row + 5], 0.6641854643821716F);
  EXPECT_FLOAT_EQ(tables.sin[row + 5], -0.7475678324699402F);
  EXPECT_FLOAT_EQ(tables.cos[row + 60], 0.9520835876464844F);
  EXPECT_FLOAT_EQ(tables.sin[row + 60], 0.30583783984184265F);
}

TEST(RopeTables, YarnMultipliesCosAndSin) {
  const RopeTables tables = make_rope_tables(scaled(RopeType::yarn, 1e4, 4.0, 64), 8, 101);
  expect_row(
      tables, 0,
      {{1.13862943649292, 0}, {1.13862943649292, 0}, {1.13862943649292, 0}, {1.13862943649292, 0}});
  expect_row(tables, 3,
             {{-1.1272345781326294, 0.16068339347839355},
              {1.1186730861663818, 0.21224428713321686},
              {1.1385973691940308, 0.008539640344679356},
              {1.1386290788650513, 0.0008539719856344163}});
  expect_row(tables, 100,
             {{0.9818616509437561, -0.5765628218650818},
              {1.1380025148391724, -0.0377788320183754},
              {1.1032321453094482, 0.2817014157772064},
              {1.1382735967636108, 0.028462771326303482}});
}

TEST(RopeTables, AbsurdSizesAreRefused) {
  using test::input_error;
  const RopeParameters rope;
  for (const int64_t dim : {int64_t{0}, int64_t{-2}, int64_t{7}, int64_t{1} << 40}) {
    EXPECT_CONTAINS(input_error([&] { inverse_frequencies(rope, dim); }), "rotating channels");
  }
  for (const int64_t positions : {int64_t{0}, int64_t{-1}, (int64_t{1} << 24) + 1, INT64_MAX}) {
    EXPECT_CONTAINS(input_error([&] { make_rope_tables(rope, 8, positions); }), "positions");
  }
  EXPECT_CONTAINS(input_error([&] { make_rope_tables(rope, 65536, 1 << 24); }), "too large");
}

}  // namespace
}  // namespace tenon::rope_tables_test
