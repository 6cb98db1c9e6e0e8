// Several steps of one deployment.
#include <gtest/gtest.h>

#include "synthetic_steps.hpp"
#include "tune/token_limits.hpp"

namespace tenon {
namespace {

// attn and mlp each save or cost so many nanoseconds of a million.
OtherStep other(int64_t tokens, double attn, double mlp) {
  auto steps = std::make_shared<SyntheticStep>(
      small_step(tokens),
      [attn, mlp](const SyntheticStep::Amounts& amounts, const PrefetchSettings&) {
        return (amounts.contains("attn.qkv") ? attn : 0.0) +
               (amounts.contains("mlp.down") ? mlp : 0.0);
      });
  return {
      tokens, [steps](const auto& settings) { return steps->timer()(settings); }, {1000000, 0, 0}};
}

bool prefetches(const PrefetchSettings& settings, const std::string& group, int64_t tokens) {
  PrefetchSettings alone = settings;
  std::erase_if(alone.ratio, [&](const auto& entry) { return entry.first != group; });
  return !effect_of(alone, small_step(tokens)).nothing();
}

const Caution caution{.margin_ns = 0, .threshold = 0.005};

TEST(TokenLimits, KeepEachGroupOutOfTheStepsThatAreBetterWithoutIt) {
  const PrefetchSettings settings = limit_tokens(
      small_guide(), small_step(144),
      {other(1, 4000, 3000), other(72, 9000, -9000), other(512, -9000, 9000)}, caution);
  EXPECT_FALSE(prefetches(settings, "attn", 1));
  EXPECT_FALSE(prefetches(settings, "mlp", 1));
  EXPECT_FALSE(prefetches(settings, "attn", 72));
  EXPECT_TRUE(prefetches(settings, "mlp", 72));
  EXPECT_TRUE(prefetches(settings, "attn", 144));
  EXPECT_TRUE(prefetches(settings, "mlp", 144));
  EXPECT_TRUE(prefetches(settings, "attn", 512));
  EXPECT_FALSE(prefetches(settings, "mlp", 512));
  EXPECT_EQ(settings.min_tokens.at("attn"), 144);
  EXPECT_EQ(settings.min_tokens.at("mlp"), 72);
  EXPECT_EQ(settings.max_tokens.at("mlp"), 144);
  EXPECT_FALSE(settings.max_tokens.contains("attn"));
}

TEST(TokenLimits, AGainBelowTheThresholdIsNone) {
  const PrefetchSettings settings =
      limit_tokens(small_guide(), small_step(144), {other(1, -2000, -2000)}, caution);
  EXPECT_FALSE(prefetches(settings, "attn", 1));
  const PrefetchSettings together =
      limit_tokens(small_guide(), small_step(144), {other(1, -3000, -3000)}, caution);
  EXPECT_TRUE(prefetches(together, "attn", 1)) << "0.6 % together";
}

TEST(TokenLimits, EachPrefetchMayCostMore) {
  const Caution wary{.margin_ns = 2500, .threshold = 0.005};
  const PrefetchSettings settings =
      limit_tokens(small_guide(), small_step(144), {other(1, -9000, -9000)}, wary);
  EXPECT_TRUE(prefetches(settings, "mlp", 1));
  EXPECT_TRUE(prefetches(settings, "attn", 1));
  const PrefetchSettings costly =
      limit_tokens(small_guide(), small_step(144), {other(1, -4900, -9000)}, wary);
  EXPECT_TRUE(prefetches(costly, "mlp", 1)) << "9,000 less one margin is more than 5,000";
  EXPECT_FALSE(prefetches(costly, "attn", 1)) << "two names are two margins";
}

TEST(TokenLimits, ALimitThatSeparatesTheStepsStays) {
  PrefetchSettings tuned = small_guide();
  tuned.min_tokens["mlp"] = 96;
  tuned.min_tokens["attn"] = 100;
  const PrefetchSettings settings =
      limit_tokens(tuned, small_step(144), {other(72, -9000, 9000)}, caution);
  EXPECT_EQ(settings.min_tokens.at("mlp"), 96);
  EXPECT_EQ(settings.min_tokens.at("attn"), 72) << "lifted where the step gains";
}

TEST(TokenLimits, AGroupThatIsOutStaysOutFurtherAway) {
  const PrefetchSettings settings = limit_tokens(
      small_guide(), small_step(144), {other(8, -9000, -9000), other(72, 9000, -9000)}, caution);
  EXPECT_FALSE(prefetches(settings, "attn", 8));
  EXPECT_TRUE(prefetches(settings, "mlp", 8));
}

TEST(TokenLimits, AGroupThatIsOutOfTheTunedStepStaysOut) {
  PrefetchSettings tuned = small_guide();
  tuned.min_tokens["mlp"] = 96;
  const PrefetchSettings alone = limit_tokens(tuned, small_step(4), {}, caution);
  EXPECT_EQ(alone.min_tokens, tuned.min_tokens);
  const PrefetchSettings two =
      limit_tokens(tuned, small_step(4), {other(2, -9000, -9000)}, caution);
  EXPECT_FALSE(prefetches(two, "mlp", 2));
  EXPECT_TRUE(prefetches(two, "attn", 2));
}

TEST(TokenLimits, StepsOfAsManyTokensCannotBeToldApart) {
  const PrefetchSettings settings =
      limit_tokens(small_guide(), small_step(144), {other(144, 9000, 9000)}, caution);
  EXPECT_TRUE(prefetches(settings, "attn", 144));
  EXPECT_TRUE(settings.min_tokens.empty());
}

}  // namespace
}  // namespace tenon
