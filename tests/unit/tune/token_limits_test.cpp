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

// Twenty groups have a million subsets.
class TokenLimitsOfManyGroups : public testing::Test {
 protected:
  static constexpr int groups = 20;

  static std::string name(int group) { return "g" + std::to_string(group); }

  static TunedStep step(int64_t tokens) {
    TunedStep step{tokens};
    for (int i = 0; i < groups; ++i)
      step.names.push_back({name(i), "w", {mebibyte}});
    return step;
  }

  static PrefetchSettings everything() {
    PrefetchSettings settings;
    for (int i = 0; i < groups; ++i)
      settings.ratio[name(i)]["w"] = 1;
    return settings;
  }

  // Even groups save more the higher they are, odd ones cost.
  SyntheticStep other_{step(1), [](const SyntheticStep::Amounts& amounts, const PrefetchSettings&) {
                         double sum = 0;
                         for (int i = 0; i < groups; ++i) {
                           if (amounts.contains(name(i) + ".w"))
                             sum += i % 2 == 0 ? -1000 - i : 2000 + i;
                         }
                         return sum;
                       }};
};

TEST_F(TokenLimitsOfManyGroups, TakeAHandfulOfSteps) {
  const PrefetchSettings settings =
      limit_tokens(everything(), step(64), {{1, other_.timer(), {1000000, 0, 0}}}, caution);
  for (int i = 0; i < groups; ++i) {
    EXPECT_EQ(settings.min_tokens.contains(name(i)), i % 2 == 1) << i;
  }
  EXPECT_LE(other_.runs(), groups * (groups + 1) / 2 + 1);
  EXPECT_EQ(other_.most_runs_of_one(), 1);
}

TEST_F(TokenLimitsOfManyGroups, StayWithinTheBudget) {
  const PrefetchSettings settings =
      limit_tokens(everything(), step(64), {{1, other_.timer(), {1000000, 0, 0}, 30}}, caution);
  EXPECT_EQ(other_.runs(), 30);
  EXPECT_EQ(settings.min_tokens.size(), static_cast<size_t>(groups))
      << "too few were dropped for a gain";
  SyntheticStep again = other_;
  const int before = again.runs();
  limit_tokens(everything(), step(64), {{1, again.timer(), {1000000, 0, 0}, 0}}, caution);
  EXPECT_EQ(again.runs(), before + 1);
}

TEST(TokenLimits, StepsOfAsManyTokensCannotBeToldApart) {
  const PrefetchSettings settings =
      limit_tokens(small_guide(), small_step(144), {other(144, 9000, 9000)}, caution);
  EXPECT_TRUE(prefetches(settings, "attn", 144));
  EXPECT_TRUE(settings.min_tokens.empty());
}

}  // namespace
}  // namespace tenon
