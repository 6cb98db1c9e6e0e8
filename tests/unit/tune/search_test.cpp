// The search over times that are known formulas.
#include <gtest/gtest.h>

#include <algorithm>

#include "synthetic_steps.hpp"
#include "tune/search.hpp"

namespace tenon {
namespace {

SearchOptions options_for(const TunedStep& step) {
  SearchOptions options;
  options.step = step;
  options.guide = small_guide();
  options.evaluations = 1000;
  options.caution.threshold = 0.005;
  return options;
}

double amount(const SyntheticStep::Amounts& amounts, const std::string& name) {
  const auto found = amounts.find(name);
  return found == amounts.end() ? 0 : found->second;
}

// Each name has a best size of its own: 4 MiB of qkv, 3 MiB of o, 24 MiB of down.
double three_peaks(const SyntheticStep::Amounts& amounts, const PrefetchSettings& /*settings*/) {
  return peak(amount(amounts, "attn.qkv"), 4, 10000) + peak(amount(amounts, "attn.o"), 3, 5000) +
         peak(amount(amounts, "mlp.down"), 24, 20000);
}

uint64_t bytes_of(const SearchResult& result, const TunedStep& step, size_t name) {
  return effect_of(result.best->settings, step).bytes[name];
}

TEST(Search, FindsThePeakOfEachName) {
  const TunedStep step = small_step();
  SyntheticStep steps(step, three_peaks);
  const SearchResult result = search_prefetch(steps.timer(), options_for(step));
  ASSERT_TRUE(result.prefetch);
  EXPECT_TRUE(result.complete);
  EXPECT_NEAR(static_cast<double>(bytes_of(result, step, 0)), 4.0 * mebibyte, 0.3 * mebibyte);
  EXPECT_NEAR(static_cast<double>(bytes_of(result, step, 1)), 3.0 * mebibyte, 0.3 * mebibyte);
  EXPECT_EQ(bytes_of(result, step, 2), 24 * mebibyte);
  EXPECT_LT(result.best->time.ns, 966000U);
}

TEST(Search, TakesAllWhereMoreIsAlwaysBetter) {
  const TunedStep step = small_step();
  SyntheticStep steps(step, [](const SyntheticStep::Amounts& amounts, const PrefetchSettings&) {
    double sum = 0;
    for (const auto& [name, mebibytes] : amounts)
      sum += mebibytes;
    return -1000 * sum;
  });
  const SearchResult result = search_prefetch(steps.timer(), options_for(step));
  ASSERT_TRUE(result.prefetch);
  EXPECT_EQ(effect_of(*result.answer(), step).bytes,
            (std::vector<uint64_t>{12 * mebibyte, 8 * mebibyte, 32 * mebibyte}));
}

TEST(Search, AnswersOffWhereEveryPrefetchCosts) {
  const TunedStep step = small_step();
  SyntheticStep steps(step, [](const SyntheticStep::Amounts& amounts, const PrefetchSettings&) {
    return amounts.empty() ? 0.0 : 500.0 * static_cast<double>(amounts.size());
  });
  const SearchResult result = search_prefetch(steps.timer(), options_for(step));
  EXPECT_FALSE(result.prefetch);
  EXPECT_FALSE(result.answer());
  EXPECT_EQ(result.answer_time(), result.off);
  ASSERT_TRUE(result.best) << "the least bad is still told";
  EXPECT_EQ(result.best->time.ns, 1000500U);
  EXPECT_EQ(result.guide.time.ns, 1001500U);
}

TEST(Search, AGainHasToPassTheThreshold) {
  const TunedStep step = small_step();
  const auto formula = [](const SyntheticStep::Amounts& amounts, const PrefetchSettings&) {
    return amounts.empty() ? 0.0 : -5000.0;
  };
  SyntheticStep steps(step, formula);
  SearchOptions options = options_for(step);
  EXPECT_FALSE(search_prefetch(steps.timer(), options).prefetch) << "0.5 % is not more than 0.5 %";
  options.caution.threshold = 0.0049;
  EXPECT_TRUE(search_prefetch(steps.timer(), options).prefetch);
}

TEST(Search, APrefetchThatGainsLessThanItsMarginIsLeftOut) {
  const TunedStep step = small_step();
  SyntheticStep steps(step, three_peaks);
  SearchOptions options = options_for(step);
  options.caution.margin_ns = 6000;
  const SearchResult result = search_prefetch(steps.timer(), options);
  ASSERT_TRUE(result.prefetch);
  EXPECT_EQ(result.best->time.prefetches, 2U) << "o gains 5,000 and costs 6,000";
  EXPECT_EQ(bytes_of(result, step, 1), 0U);
  EXPECT_LE(options.caution.ns(result.best->time), options.caution.ns(result.guide.time));
  options.caution.margin_ns = 30000;
  EXPECT_FALSE(search_prefetch(steps.timer(), options).prefetch);
}

TEST(Search, EqualTimesGoToFewerBytesThenToWhatTheDeploymentHas) {
  const TunedStep step = small_step();
  SyntheticStep steps(step, [](const SyntheticStep::Amounts& amounts, const PrefetchSettings&) {
    return amounts.empty() ? 0.0 : -20000.0;
  });
  const SearchResult fewest = search_prefetch(steps.timer(), options_for(step));
  ASSERT_TRUE(fewest.best);
  EXPECT_EQ(fewest.best->time.prefetched_bytes, mebibyte) << "one name, under the smallest cap";

  // "auto" and 64 MiB mean the same for weights of 12 MiB.
  SyntheticStep more(step, [](const SyntheticStep::Amounts& amounts, const PrefetchSettings&) {
    return -1000 * amount(amounts, "attn.qkv");
  });
  SearchOptions options = options_for(step);
  options.deployment = small_guide();
  options.deployment->max_bytes["attn"] = 64 * mebibyte;
  const SearchResult result = search_prefetch(more.timer(), options);
  EXPECT_EQ(result.best->settings.max_bytes.at("attn"), 64 * mebibyte);
}

TEST(Search, NothingIsTimedTwice) {
  const TunedStep step = small_step();
  SyntheticStep steps(step, three_peaks);
  SearchOptions options = options_for(step);
  options.deployment = small_guide();
  const SearchResult result = search_prefetch(steps.timer(), options);
  EXPECT_EQ(steps.most_runs_of_one(), 1);
  EXPECT_EQ(static_cast<size_t>(steps.runs()), result.evaluations);
}

TEST(Search, StaysWithinItsBudgetAndSaysSo) {
  const TunedStep step = small_step();
  SearchOptions options = options_for(step);
  for (const size_t evaluations : {size_t{2}, size_t{7}, size_t{30}}) {
    SyntheticStep steps(step, three_peaks);
    options.evaluations = evaluations;
    const SearchResult result = search_prefetch(steps.timer(), options);
    EXPECT_LE(static_cast<size_t>(steps.runs()), evaluations);
    EXPECT_FALSE(result.complete);
    EXPECT_LE(result.answer_time().ns, result.guide.time.ns);
  }
}

TEST(Search, IsNeverWorseThanOffGuideAndDeployment) {
  const TunedStep step = small_step();
  // Good only at the very settings of the deployment, which no grid holds.
  const auto formula = [](const SyntheticStep::Amounts& amounts, const PrefetchSettings&) {
    const double down = amount(amounts, "mlp.down");
    return down > 10.6 && down < 10.8 ? -30000.0 : static_cast<double>(amounts.size()) * 700;
  };
  SyntheticStep steps(step, formula);
  SearchOptions options = options_for(step);
  options.deployment = small_guide();
  options.deployment->max_bytes["mlp"] = 10 * mebibyte + 700 * 1024;
  const SearchResult result = search_prefetch(steps.timer(), options);
  ASSERT_TRUE(result.prefetch);
  EXPECT_LE(result.answer_time().ns, result.deployment->time.ns);
  EXPECT_LE(result.answer_time().ns, result.guide.time.ns);
  EXPECT_LE(result.answer_time().ns, result.off.ns);
  EXPECT_EQ(result.answer_time().ns, 970000U) << "names that cost are left out";
}

TEST(Search, TriesAGroupThatTokenLimitsKeepOut) {
  const TunedStep step = small_step(64);
  SearchOptions options = options_for(step);
  options.guide.min_tokens["mlp"] = 96;
  SyntheticStep helps(step, three_peaks);
  const SearchResult in = search_prefetch(helps.timer(), options);
  EXPECT_EQ(in.best->settings.min_tokens.at("mlp"), 64);
  EXPECT_GT(bytes_of(in, step, 2), 0U);

  SyntheticStep costs(step, [](const SyntheticStep::Amounts& amounts, const PrefetchSettings&) {
    return peak(amount(amounts, "attn.qkv"), 4, 10000) + 900 * amount(amounts, "mlp.down");
  });
  const SearchResult out = search_prefetch(costs.timer(), options);
  EXPECT_EQ(out.best->settings.min_tokens.at("mlp"), 96) << "what makes no difference stays";
  EXPECT_EQ(bytes_of(out, step, 2), 0U);
}

TEST(Search, LooksThroughAttentionWhereThatHelps) {
  const TunedStep step = small_step();
  SyntheticStep steps(
      step, [](const SyntheticStep::Amounts& amounts, const PrefetchSettings& settings) {
        return three_peaks(amounts, settings) - (settings.through_attention ? 3000 : 0);
      });
  const SearchResult result = search_prefetch(steps.timer(), options_for(step));
  EXPECT_TRUE(result.answer()->through_attention);
}

TEST(Search, CurvesHoldEveryValueAndTheChosenOne) {
  const TunedStep step = small_step();
  SyntheticStep steps(step, three_peaks);
  const SearchResult result = search_prefetch(steps.timer(), options_for(step));
  ASSERT_FALSE(result.curves.empty());
  for (const Curve& curve : result.curves) {
    EXPECT_EQ(curve.points.size(), curve.knob.values.size()) << curve.knob.key();
    ASSERT_TRUE(curve.chosen) << curve.knob.key();
    EXPECT_EQ(curve.points[*curve.chosen].time, result.best->time) << curve.knob.key();
    for (const CurvePoint& point : curve.points)
      EXPECT_GE(point.time.ns, result.best->time.ns) << curve.knob.key();
  }
  EXPECT_EQ(result.one_cap.size(), cap_grid(0).size() + 1);
}

// The guide's cap of 16 MiB does what that of 8 MiB does at a ratio of 0.6, and stays; the ratios beyond are
// timed under it.
TEST(Search, CurvesAreWholeWhereAnEqualCapStays) {
  const TunedStep step = small_step();
  SyntheticStep steps(step, [](const SyntheticStep::Amounts& amounts, const PrefetchSettings&) {
    return peak(amount(amounts, "attn.qkv"), 7.2, 10000) + 300 * amount(amounts, "attn.o");
  });
  const SearchResult result = search_prefetch(steps.timer(), options_for(step));
  EXPECT_EQ(result.best->settings.max_bytes.at("attn"), 16 * mebibyte);
  for (const Curve& curve : result.curves)
    EXPECT_EQ(curve.points.size(), curve.knob.values.size()) << curve.knob.key();
}

TEST(Search, NothingToPrefetchIsOff) {
  TunedStep step;
  SyntheticStep steps(step, three_peaks);
  const SearchResult result = search_prefetch(steps.timer(), options_for(step));
  EXPECT_FALSE(result.prefetch);
  EXPECT_FALSE(result.best);
  EXPECT_TRUE(result.one_cap.empty());
  EXPECT_TRUE(result.curves.empty());
  EXPECT_EQ(steps.runs(), 1);
}

TEST(Search, ProgressNeverGoesBackAndEnds) {
  const TunedStep step = small_step();
  SyntheticStep steps(step, three_peaks);
  SearchOptions options = options_for(step);
  size_t last = 0;
  options.progress = [&](size_t done, size_t most) {
    EXPECT_GE(done, last);
    EXPECT_EQ(most, options.evaluations);
    last = done;
  };
  search_prefetch(steps.timer(), options);
  EXPECT_EQ(last, options.evaluations);
}

}  // namespace
}  // namespace tenon
