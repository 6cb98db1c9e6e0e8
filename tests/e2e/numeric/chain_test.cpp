// From config.json to a timeline, against the steps that bench/validation writes by hand: the same
// time within 5 %, and the published signs of what prefetch gains. Virtual time: the same in every run.
#include "chain.hpp"

#include <gtest/gtest.h>

#include <string>

namespace validation::chain_test {
namespace {

struct Step {
  const char* model;
  const char* profile;
  std::int64_t sequences;
  std::int64_t tensor;
  std::int64_t data;
  bool w8a8 = true;
  bool captured = true;
};

StepShape shape_of(const Step& step) {
  StepShape shape;
  shape.sequences = step.sequences;
  shape.context = 4250;
  shape.tensor = step.tensor;
  shape.data = step.data;
  shape.w8a8 = step.w8a8;
  shape.captured = step.captured;
  return shape;
}

const std::map<std::string, DecoderModel> models = {
    {"qwen3_8b", {"qwen3_8b", 4096, 12288, 36, 32, 8, 128, 151936}},
    {"qwen3_32b", {"qwen3_32b", 5120, 25600, 64, 64, 8, 128, 151936}},
    {"qwen3_235b", {"qwen3_235b", 4096, 12288, 94, 64, 4, 128, 151936, 128, 8, 1536}}};

ChainStep chain(const Step& step, bool with_prefetch) {
  return chain_step(models.at(step.model), shape_of(step), step.profile, with_prefetch,
                    TENON_SOURCE_FOLDER, TENON_BUILT_PLUGINS);
}

double gain(const Step& step) {
  return chain(step, true).prefetch_gain;
}

const Step at_one{"qwen3_32b", "910b3", 1, 4, 1};
const Step at_one_eager{"qwen3_32b", "910b3", 1, 4, 1, true, false};
const Step at_72{"qwen3_32b", "910b3", 72, 4, 1};
const Step at_144{"qwen3_235b", "910c_die", 144, 4, 4};
const Step small_at_one{"qwen3_8b", "910b2", 1, 2, 1, false};

class Chain : public testing::TestWithParam<Step> {};

TEST_P(Chain, TakesWhatTheStepWrittenByHandTakes) {
  const Step step = GetParam();
  Profiles profiles(std::string(TENON_SOURCE_FOLDER) + "/configs/soc");
  const double written =
      step_time(models.at(step.model), shape_of(step), profiles.get(step.profile)).milliseconds;
  EXPECT_NEAR(chain(step, false).time.milliseconds / written, 1.0, 0.05);
}

INSTANTIATE_TEST_SUITE_P(Steps, Chain,
                         testing::Values(at_one, at_one_eager, at_72, at_144, small_at_one,
                                         Step{"qwen3_32b", "910c_die", 16, 16, 1, false},
                                         Step{"qwen3_235b", "910c_die", 144, 1, 16, false}));

TEST(ChainPrefetch, GainsAFewPerCentAtSeveralTensOfSequences) {
  for (const Step& step : {at_72, at_144}) {
    EXPECT_GT(gain(step), 0.5);
    EXPECT_LT(gain(step), 9);
  }
}

TEST(ChainPrefetch, GainsLittleOrLosesAtOneSequence) {
  EXPECT_LT(gain(small_at_one), 0.5);
  EXPECT_LT(gain(at_one_eager), 0);
  EXPECT_LT(gain(at_one), gain(at_72));
}

}  // namespace
}  // namespace validation::chain_test
