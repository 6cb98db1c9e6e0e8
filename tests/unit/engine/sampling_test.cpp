#include "engine/sampling.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "engine/random.hpp"

namespace tenon::sampling_test {
namespace {

constexpr uint64_t seed = 20240607;
constexpr float minus_infinity = -std::numeric_limits<float>::infinity();

std::vector<float> logs(const std::vector<double>& probabilities) {
  std::vector<float> result;
  for (const double p : probabilities)
    result.push_back(static_cast<float>(std::log(p)));
  return result;
}

SamplingParameters seeded() {
  SamplingParameters parameters;
  parameters.seed = seed;
  return parameters;
}

int32_t sample_once(const SamplingParameters& parameters, const std::vector<float>& logits,
                    const std::vector<int32_t>& history = {}) {
  SamplingScratch scratch;
  return Sampler(parameters).sample(logits, history, 0, scratch).token;
}

std::map<int32_t, int> counts(const SamplingParameters& parameters,
                              const std::vector<float>& logits, int draws) {
  Sampler sampler(parameters);
  SamplingScratch scratch;
  std::map<int32_t, int> result;
  for (int i = 0; i < draws; ++i)
    ++result[sampler.sample(logits, {}, 0, scratch).token];
  return result;
}

std::set<int32_t> kept(const SamplingParameters& parameters, const std::vector<float>& logits) {
  std::set<int32_t> result;
  for (const auto& [token, count] : counts(parameters, logits, 5000))
    result.insert(token);
  return result;
}

// Every count within five standard deviations of what the probabilities say.
void expect_distribution(const std::map<int32_t, int>& found, const std::vector<double>& expected,
                         int draws) {
  for (size_t i = 0; i < expected.size(); ++i) {
    const auto entry = found.find(static_cast<int32_t>(i));
    const double count = entry == found.end() ? 0 : entry->second;
    const double sigma = std::sqrt(draws * expected[i] * (1 - expected[i]));
    EXPECT_NEAR(count, draws * expected[i], 5 * sigma) << "token " << i;
  }
}

// The definition of the filters, written the slow way: sort everything, cut, draw.
int32_t slow_sample(const SamplingParameters& p, std::vector<float> logits,
                    const std::vector<int32_t>& history, double uniform) {
  for (const int32_t id : std::set<int32_t>(history.begin(), history.end())) {
    float& logit = logits[static_cast<size_t>(id)];
    logit = logit > 0 ? logit / p.repetition_penalty : logit * p.repetition_penalty;
  }
  std::vector<size_t> order(logits.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return logits[a] > logits[b]; });
  if (p.top_k > 0) order.resize(std::min(order.size(), static_cast<size_t>(p.top_k)));
  const double highest = logits[order[0]];
  const auto weight = [&](size_t id) { return std::exp((logits[id] - highest) / p.temperature); };
  double total = 0;
  for (const size_t id : order)
    total += weight(id);
  std::vector<size_t> nucleus;
  double before = 0;
  for (const size_t id : order) {
    if (!nucleus.empty() && before >= p.top_p * total) break;
    nucleus.push_back(id);
    before += weight(id);
  }
  std::erase_if(nucleus, [&](size_t id) { return weight(id) < p.min_p; });
  std::sort(nucleus.begin(), nucleus.end());
  double sum = 0;
  for (const size_t id : nucleus)
    sum += weight(id);
  double passed = 0;
  for (const size_t id : nucleus) {
    passed += weight(id);
    if (passed > uniform * sum) return static_cast<int32_t>(id);
  }
  return -1;
}

TEST(Sampler, GreedyTakesTheHighestLogitAndTheLowestIdOfATie) {
  SamplingParameters parameters;
  parameters.temperature = 0;
  EXPECT_FALSE(Sampler(parameters).needs_logits());
  EXPECT_EQ(sample_once(parameters, {0.5F, 3.0F, -1.0F, 3.0F}), 1);
  EXPECT_EQ(sample_once(parameters, {minus_infinity, -7.0F}), 1);
}

TEST(Sampler, DrawsByTheInverseDistributionInTheOrderOfIds) {
  const std::vector<double> p = {0.1, 0.4, 0.3, 0.2};
  Sampler sampler(seeded());
  SamplingScratch scratch;
  for (uint64_t i = 0; i < 1000; ++i) {
    const double u = random_uniform(seed, i);
    int32_t expected = 0;
    for (double passed = p[0]; passed <= u; passed += p[static_cast<size_t>(expected)])
      ++expected;
    ASSERT_EQ(sampler.sample(logs(p), {}, 0, scratch).token, expected) << "draw " << i;
  }
}

TEST(Sampler, FrequenciesFollowTheSoftmax) {
  const std::vector<double> p = {0.5, 0.25, 0.2, 0.05};
  expect_distribution(counts(seeded(), logs(p), 50000), p, 50000);
}

TEST(Sampler, TemperatureFlattensAndSharpens) {
  SamplingParameters parameters = seeded();
  parameters.temperature = 2.0F;  // probabilities go with the square root
  expect_distribution(counts(parameters, logs({0.64, 0.16, 0.16, 0.04}), 50000),
                      {0.8 / 1.8, 0.4 / 1.8, 0.4 / 1.8, 0.2 / 1.8}, 50000);
  parameters.temperature = 0.5F;  // with the square
  expect_distribution(counts(parameters, logs({0.4, 0.4, 0.2}), 50000), {4. / 9, 4. / 9, 1. / 9},
                      50000);
  parameters.temperature = 1e-30F;
  EXPECT_EQ(kept(parameters, {1.0F, 1.001F, 0.0F}), (std::set<int32_t>{1}));
}

TEST(Sampler, TopKKeepsExactlyKAndTheLowestIdsOfATie) {
  SamplingParameters parameters = seeded();
  parameters.top_k = 2;
  EXPECT_EQ(kept(parameters, {0.0F, 1.0F, 2.0F, 1.0F}), (std::set<int32_t>{1, 2}));
  parameters.top_k = 3;
  EXPECT_EQ(kept(parameters, {1, 1, 1, 1, 1}), (std::set<int32_t>{0, 1, 2}));
  parameters.top_k = 9;
  EXPECT_EQ(kept(parameters, {1, 1, 1}), (std::set<int32_t>{0, 1, 2}));
  parameters.top_k = 2;
  expect_distribution(counts(parameters, logs({0.1, 0.6, 0.3}), 50000), {0, 2. / 3, 1. / 3}, 50000);
}

TEST(Sampler, TopPKeepsTheFewestThatReachIt) {
  SamplingParameters parameters = seeded();
  const std::vector<float> logits = logs({0.125, 0.5, 0.125, 0.25});
  parameters.top_p = 0.49F;
  EXPECT_EQ(kept(parameters, logits), (std::set<int32_t>{1}));
  parameters.top_p = 0.51F;
  EXPECT_EQ(kept(parameters, logits), (std::set<int32_t>{1, 3}));
  parameters.top_p = 0.76F;  // a tie between 0 and 2
  EXPECT_EQ(kept(parameters, logits), (std::set<int32_t>{0, 1, 3}));
  parameters.top_p = 0.99F;
  EXPECT_EQ(kept(parameters, logits), (std::set<int32_t>{0, 1, 2, 3}));
  parameters.top_p = 1e-20F;
  EXPECT_EQ(kept(parameters, logits), (std::set<int32_t>{1}));
}

TEST(Sampler, TopPCountsWithinWhatTopKLeft) {
  SamplingParameters parameters = seeded();
  parameters.top_k = 2;  // leaves 0.4 and 0.3: renormalised 0.571 and 0.429
  parameters.top_p = 0.5F;
  EXPECT_EQ(kept(parameters, logs({0.4, 0.3, 0.2, 0.1})), (std::set<int32_t>{0}));
  parameters.top_k = 0;  // 0.4 alone does not reach 0.5
  EXPECT_EQ(kept(parameters, logs({0.4, 0.3, 0.2, 0.1})), (std::set<int32_t>{0, 1}));
}

TEST(Sampler, MinPIsRelativeToTheHighest) {
  SamplingParameters parameters = seeded();
  parameters.min_p = 0.3F;
  EXPECT_EQ(kept(parameters, logs({0.14, 0.5, 0.2, 0.16})), (std::set<int32_t>{1, 2, 3}));
  parameters.min_p = 1.0F;
  EXPECT_EQ(kept(parameters, {2.0F, 5.0F, 5.0F}), (std::set<int32_t>{1, 2}));
}

TEST(Sampler, MinusInfinityIsNeverChosen) {
  EXPECT_EQ(kept(seeded(), {minus_infinity, 0.0F, minus_infinity, 0.0F}),
            (std::set<int32_t>{1, 3}));
}

TEST(Sampler, RepetitionPenaltyDividesPositiveAndMultipliesNegativeOnce) {
  SamplingParameters parameters;
  parameters.temperature = 0;
  parameters.repetition_penalty = 2.0F;
  EXPECT_TRUE(Sampler(parameters).needs_logits());
  EXPECT_EQ(sample_once(parameters, {4.0F, 2.5F}), 0);
  EXPECT_EQ(sample_once(parameters, {4.0F, 2.5F}, {0}), 1);        // 2 < 2.5
  EXPECT_EQ(sample_once(parameters, {4.0F, 1.5F}, {0, 0, 0}), 0);  // once only: 2 > 1.5
  EXPECT_EQ(sample_once(parameters, {-1.0F, -1.5F}, {0}), 1);      // -2 < -1.5
  EXPECT_EQ(sample_once(parameters, {-1.0F, -2.5F}, {0}), 0);      // -2 > -2.5
  parameters.repetition_penalty = 0.5F;                            // rewards repetition
  EXPECT_EQ(sample_once(parameters, {4.0F, 2.5F}, {1}), 1);        // 5 > 4
}

TEST(Sampler, LogprobIsTheModelsOwn) {
  SamplingParameters parameters = seeded();
  parameters.want_logprob = true;
  parameters.top_k = 1;
  parameters.temperature = 3.0F;
  SamplingScratch scratch;
  const std::vector<float> logits = logs({0.2, 0.7, 0.1});
  const Sample sample = Sampler(parameters).sample(logits, {}, 0, scratch);
  EXPECT_EQ(sample.token, 1);
  ASSERT_TRUE(sample.logprob.has_value());
  EXPECT_NEAR(sample.logprob.value_or(0), std::log(0.7), 1e-6);
  parameters.temperature = 0;
  parameters.repetition_penalty = 10.0F;  // logits are negative: the penalised one falls behind
  const Sample penalised = Sampler(parameters).sample(logits, std::vector<int32_t>{1}, 0, scratch);
  EXPECT_EQ(penalised.token, 0);
  EXPECT_NEAR(penalised.logprob.value_or(0), std::log(0.2), 1e-6);
  parameters.want_logprob = false;
  EXPECT_FALSE(Sampler(parameters).sample(logits, {}, 0, scratch).logprob.has_value());
}

TEST(Sampler, SameSeedSameTokensAndOtherSeedOthers) {
  const std::vector<float> logits(1000, 0.0F);
  SamplingParameters parameters = seeded();
  std::vector<std::vector<int32_t>> runs;
  for (const uint64_t s : {uint64_t{1}, uint64_t{1}, uint64_t{2}}) {
    parameters.seed = s;
    Sampler sampler(parameters);
    SamplingScratch scratch;
    runs.emplace_back();
    for (int i = 0; i < 50; ++i)
      runs.back().push_back(sampler.sample(logits, {}, 0, scratch).token);
  }
  EXPECT_EQ(runs[0], runs[1]);
  EXPECT_NE(runs[0], runs[2]);
}

TEST(Sampler, WithoutSeedTheSystemGivesOne) {
  const Sampler first{SamplingParameters{}};
  const Sampler second{SamplingParameters{}};
  EXPECT_NE(first.seed(), second.seed());
}

TEST(Sampler, AgreesWithTheDefinitionForRandomLogitsAndParameters) {
  uint64_t counter = 0;
  const auto uniform = [&] { return random_uniform(99, counter++); };
  SamplingScratch scratch;
  for (int round = 0; round < 400; ++round) {
    const auto vocab = static_cast<size_t>(1 + uniform() * 1500);
    std::vector<float> logits;
    // Coarse values in half of the rounds, so that there are ties.
    for (size_t i = 0; i < vocab; ++i) {
      const double value = 12 * uniform() - 8;
      logits.push_back(static_cast<float>(round % 2 == 0 ? std::round(value) : value));
    }
    SamplingParameters p;
    p.seed = static_cast<uint64_t>(round);
    p.temperature = static_cast<float>(0.2 + 2 * uniform());
    if (uniform() < 0.5) p.top_k = static_cast<int32_t>(1 + uniform() * 1.2 * vocab);
    if (uniform() < 0.6) p.top_p = static_cast<float>(0.05 + 0.94 * uniform());
    if (uniform() < 0.4) p.min_p = static_cast<float>(0.5 * uniform());
    if (uniform() < 0.5) p.repetition_penalty = static_cast<float>(0.7 + uniform());
    std::vector<int32_t> history;
    for (int i = 0; i < 20; ++i)
      history.push_back(static_cast<int32_t>(uniform() * vocab));
    Sampler sampler(p);
    for (uint64_t i = 0; i < 5; ++i) {
      const int32_t expected = slow_sample(p, logits, history, random_uniform(*p.seed, i));
      ASSERT_EQ(sampler.sample(logits, history, 0, scratch).token, expected)
          << "round " << round << " draw " << i << " vocab " << vocab;
    }
  }
}

TEST(Sampler, AgreesWithTheDefinitionForALargeVocabulary) {
  std::vector<float> logits;
  for (uint64_t i = 0; i < 151936; ++i) {
    logits.push_back(static_cast<float>(20 * random_uniform(5, i) - 10));
  }
  SamplingScratch scratch;
  for (const int32_t top_k : {0, 1, 50, 151936}) {
    for (const float top_p : {1.0F, 0.95F, 0.001F}) {
      SamplingParameters p = seeded();
      p.top_k = top_k;
      p.top_p = top_p;
      p.temperature = 0.7F;
      Sampler sampler(p);
      EXPECT_EQ(sampler.sample(logits, {}, 0, scratch).token,
                slow_sample(p, logits, {}, random_uniform(seed, 0)))
          << "top_k " << top_k << " top_p " << top_p;
    }
  }
}

}  // namespace
}  // namespace tenon::sampling_test
