#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "engine/sampling.hpp"
#include "paged_fake.hpp"

namespace tenon::sampling_errors_test {
namespace {

using test::error_of;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

std::string error_with(const std::function<void(SamplingParameters&)>& change) {
  SamplingParameters parameters;
  change(parameters);
  return error_of([&] { validate(parameters); });
}

TEST(SamplingParameters, DefaultsAndBoundariesAreFine) {
  EXPECT_EQ(error_with([](auto&) {}), "nothing thrown");
  EXPECT_EQ(error_with([](auto& p) { p.temperature = 0; }), "nothing thrown");
  EXPECT_EQ(error_with([](auto& p) { p.min_p = 1; }), "nothing thrown");
  EXPECT_EQ(error_with([](auto& p) { p.top_p = 1e-20F; }), "nothing thrown");
}

TEST(SamplingParameters, EveryRangeIsChecked) {
  EXPECT_EQ(error_with([](auto& p) { p.temperature = -0.5F; }),
            "input: [sampling] temperature is out of range; expected a finite number, at least 0; "
            "found -0.5");
  EXPECT_EQ(error_with([](auto& p) { p.top_k = -1; }),
            "input: [sampling] top_k is out of range; expected at least 0 (0 = off); found -1");
  EXPECT_EQ(error_with([](auto& p) { p.top_p = 0; }),
            "input: [sampling] top_p is out of range; expected above 0, at most 1; found 0");
  EXPECT_EQ(error_with([](auto& p) { p.min_p = 1.5F; }),
            "input: [sampling] min_p is out of range; expected 0 to 1; found 1.5");
  EXPECT_EQ(error_with([](auto& p) { p.repetition_penalty = 0; }),
            "input: [sampling] repetition_penalty is out of range; expected a finite number above "
            "0; found 0");
  for (const float bad : {nan, infinity, -infinity}) {
    EXPECT_NE(error_with([bad](auto& p) { p.temperature = bad; }), "nothing thrown");
    EXPECT_NE(error_with([bad](auto& p) { p.top_p = bad; }), "nothing thrown");
    EXPECT_NE(error_with([bad](auto& p) { p.min_p = bad; }), "nothing thrown");
    EXPECT_NE(error_with([bad](auto& p) { p.repetition_penalty = bad; }), "nothing thrown");
  }
  EXPECT_NE(error_with([](auto& p) { p.top_p = 1.01F; }), "nothing thrown");
  EXPECT_NE(error_with([](auto& p) { p.min_p = -0.1F; }), "nothing thrown");
  EXPECT_NE(error_with([](auto& p) { p.repetition_penalty = -1; }), "nothing thrown");
}

TEST(Sampler, RefusesBadParameters) {
  SamplingParameters parameters;
  parameters.top_p = 0;
  EXPECT_NE(error_of([&] { Sampler sampler(parameters); }).find("top_p"), std::string::npos);
}

std::string error_for(const SamplingParameters& parameters, const std::vector<float>& logits,
                      const std::vector<int32_t>& history = {}) {
  Sampler sampler(parameters);
  SamplingScratch scratch;
  return error_of([&] { sampler.sample(logits, history, 5, scratch); });
}

TEST(Sampler, BadLogitsNameTheRow) {
  const SamplingParameters parameters;
  EXPECT_EQ(
      error_for(parameters, {1, nan, 2}),
      "failure: [sampling] bad logit in row 5; expected numbers below infinity; found nan for "
      "token 1");
  EXPECT_EQ(
      error_for(parameters, {1, 2, infinity}),
      "failure: [sampling] bad logit in row 5; expected numbers below infinity; found inf for "
      "token 2");
  EXPECT_EQ(error_for(parameters, {-infinity, -infinity}),
            "failure: [sampling] no token can be chosen from row 5; expected at least one finite "
            "logit; found -infinity for every token");
  EXPECT_EQ(error_for(parameters, {}),
            "failure: [sampling] no token can be chosen from row 5; expected at least one finite "
            "logit; found no logits");
  EXPECT_EQ(error_for(parameters, {-infinity, 3}), "nothing thrown");
}

TEST(Sampler, GreedyWithPenaltyChecksLogitsToo) {
  SamplingParameters parameters;
  parameters.temperature = 0;
  parameters.repetition_penalty = 1.5F;
  EXPECT_NE(error_for(parameters, {nan, 1}).find("nan for token 0"), std::string::npos);
  parameters.repetition_penalty = 1e-6F;
  EXPECT_NE(error_for(parameters, {1, 3e38F}, {1}).find("inf for token 1"), std::string::npos);
}

TEST(Sampler, AFailedRowUsesUpNoRandomNumber) {
  SamplingParameters parameters;
  parameters.seed = 11;
  Sampler disturbed(parameters);
  Sampler calm(parameters);
  SamplingScratch scratch;
  const std::vector<float> good(50, 0.0F);
  const std::vector<float> bad(50, nan);
  for (int i = 0; i < 20; ++i) {
    EXPECT_NE(error_of([&] { disturbed.sample(bad, {}, 0, scratch); }), "nothing thrown");
    EXPECT_EQ(disturbed.sample(good, {}, 0, scratch).token,
              calm.sample(good, {}, 0, scratch).token);
  }
}

}  // namespace
}  // namespace tenon::sampling_errors_test
