// What is tried, and what two settings have in common.
#include <gtest/gtest.h>

#include <algorithm>

#include "synthetic_steps.hpp"
#include "tune/knobs.hpp"

namespace tenon {
namespace {

const Knob* find_knob(const std::vector<Knob>& knobs, const std::string& key) {
  const auto found = std::ranges::find(knobs, key, &Knob::key);
  return found == knobs.end() ? nullptr : &*found;
}

std::vector<std::string> texts(const Knob& knob) {
  std::vector<std::string> all;
  for (const KnobValue& value : knob.values)
    all.push_back(value_text(knob, value));
  return all;
}

TEST(Knobs, CapsAreGeometricUpToTheWholeWeightWithTheKnownOnesAmongThem) {
  PrefetchSettings own = small_guide();
  own.max_bytes["attn"] = 5 * mebibyte + 1;
  const std::vector<Knob> knobs = knobs_for(small_step(), {own, small_guide()});
  const Knob* attn = find_knob(knobs, "prefetch.max_bytes.attn");
  ASSERT_NE(attn, nullptr);
  EXPECT_EQ(texts(*attn), (std::vector<std::string>{"1MiB", "1536KiB", "2MiB", "3MiB", "4MiB",
                                                    "5242881B", "6MiB", "8MiB", "16MiB", "auto"}));
  const std::vector<uint64_t> grid = cap_grid(0);
  EXPECT_EQ(grid.front(), mebibyte);
  EXPECT_EQ(grid.back(), 160 * mebibyte);
}

TEST(Knobs, CapsEndBelowTheCacheOfTheDevice) {
  EXPECT_EQ(cap_grid(192 * mebibyte), cap_grid(0));
  EXPECT_EQ(cap_grid(0).back(), 160 * mebibyte);
  EXPECT_EQ(cap_grid(24 * mebibyte).back(), 20 * mebibyte);
  EXPECT_EQ(cap_grid(24 * mebibyte).front(), mebibyte);
  EXPECT_EQ(cap_grid(600000), std::vector<uint64_t>{500000});
  TunedStep step = small_step();
  step.cache_bytes = 12 * mebibyte;
  for (const Knob& knob : knobs_for(step, {})) {
    if (knob.kind != KnobKind::max_bytes) continue;
    EXPECT_EQ(knob.values[knob.values.size() - 2].max_bytes, 10 * mebibyte);
  }
}

TEST(Knobs, RatiosGoFromLeftOutToWhole) {
  PrefetchSettings own = small_guide();
  own.ratio["attn"]["o"] = 0.85;
  const Knob* knob = nullptr;
  const std::vector<Knob> knobs = knobs_for(small_step(), {own, small_guide()});
  knob = find_knob(knobs, "prefetch.ratio.attn.o");
  ASSERT_NE(knob, nullptr);
  EXPECT_EQ(texts(*knob), (std::vector<std::string>{"0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6",
                                                    "0.7", "0.8", "0.85", "0.9", "1"}));
}

TEST(Knobs, TokenLimitsAreAKnobOnlyWhereTheyKeepAGroupOut) {
  PrefetchSettings own = small_guide();
  own.min_tokens = {{"attn", 96}, {"mlp", 16}};
  own.max_tokens = {{"mlp", 500}};
  const TunedStep step = small_step(64);
  const std::vector<Knob> knobs = knobs_for(step, {own, small_guide()});
  const auto limits = [](const Knob& knob) { return knob.kind == KnobKind::token_limits; };
  ASSERT_EQ(std::ranges::count_if(knobs, limits), 1);
  EXPECT_EQ(knobs[0].group, "attn");
  EXPECT_EQ(texts(knobs[0]), (std::vector<std::string>{"96 to none", "64 to none"}));

  EXPECT_EQ(effect_of(own, step).bytes[0], 0U);
  const PrefetchSettings lifted = without_token_limits(own, step);
  EXPECT_EQ(effect_of(lifted, step).bytes[0], 12 * mebibyte);
  EXPECT_EQ(lifted.min_tokens.at("mlp"), 16);
  EXPECT_EQ(lifted.max_tokens.at("mlp"), 500);
  EXPECT_TRUE(effect_of(own, small_step(501)).bytes[2] == 0);
}

TEST(Knobs, AnEffectIsTheSmallerOfRatioAndCap) {
  const TunedStep step = small_step();
  PrefetchSettings settings = small_guide();
  settings.ratio["mlp"]["down"] = 0.5;
  EXPECT_EQ(effect_of(settings, step).bytes,
            (std::vector<uint64_t>{12 * mebibyte, 8 * mebibyte, 16 * mebibyte}));
  PrefetchSettings same = settings;
  same.ratio["mlp"]["down"] = 1;
  same.max_bytes["mlp"] = 16 * mebibyte;
  EXPECT_EQ(effect_of(same, step), effect_of(settings, step));
  settings.ratio.clear();
  EXPECT_TRUE(effect_of(settings, step).nothing());
}

TEST(Knobs, ATurnedKnobReadsWhatItWasTurnedTo) {
  const PrefetchSettings own = small_guide();
  for (const Knob& knob : knobs_for(small_step(), {own})) {
    for (const KnobValue& value : knob.values)
      EXPECT_EQ(value_of(with(own, knob, value), knob), value) << knob.key();
  }
}

}  // namespace
}  // namespace tenon
