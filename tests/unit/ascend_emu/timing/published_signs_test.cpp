// Signs and shape of what was published about prefetch, from the shipped profiles and whole decode
// steps. The figures themselves are the business of bench/validation.
#include <gtest/gtest.h>

#include "decoder_step.hpp"

namespace validation::published_signs_test {
namespace {

const DecoderModel qwen3_32b{"qwen3_32b", 5120, 25600, 64, 64, 8, 128, 151936};
const DecoderModel qwen3_235b{"qwen3_235b", 4096, 12288, 94, 64, 4, 128, 151936, 128, 8, 1536};

StepShape dense(std::int64_t sequences) {
  StepShape shape;
  shape.sequences = sequences;
  shape.context = 4250;
  shape.tensor = 4;
  shape.w8a8 = true;
  return shape;
}

StepShape experts(std::int64_t sequences) {
  StepShape shape = dense(sequences);
  shape.data = 4;
  return shape;
}

PrefetchSettings on() {
  PrefetchSettings settings;
  settings.enabled = true;
  return settings;
}

PrefetchSettings capped(std::uint64_t mebibytes) {
  PrefetchSettings settings = on();
  settings.attention_bytes = settings.mlp_bytes = settings.moe_bytes = mebibytes << 20;
  return settings;
}

timing::SocProfile profile(const char* name) {
  return timing::read_soc_profile(std::string(TENON_SOC_PROFILES) + "/" + name + ".toml");
}

double microseconds(const DecoderModel& model, StepShape shape, const PrefetchSettings& prefetch,
                    const timing::SocProfile& soc) {
  shape.prefetch = prefetch;
  const timing::Timeline timeline = steady_step(model, shape, soc);
  for (const timing::TimelineItem& item : timeline.items)
    EXPECT_EQ(item.hit_bytes + item.missed_bytes, item.read_bytes) << item.name;
  return timing::to_microseconds(timeline.end() - timeline.begin);
}

// In per cent of a step without prefetch.
double gain(const DecoderModel& model, const StepShape& shape, const PrefetchSettings& prefetch,
            const timing::SocProfile& soc) {
  return 100 * (1 - microseconds(model, shape, prefetch, soc) /
                        microseconds(model, shape, PrefetchSettings{}, soc));
}

TEST(PublishedSigns, OneSequenceGainsAboutNothingInThePublishedWindows) {
  PrefetchSettings published = on();
  published.published_windows = true;
  EXPECT_LT(gain(qwen3_32b, dense(1), published, profile("910b3")), 1);
}

// The wrapper's windows begin before the collective: the model finds a little more in them.
TEST(PublishedSigns, OneSequenceGainsAboutNothingInTheWrappersWindows) {
  const double one = gain(qwen3_32b, dense(1), on(), profile("910b3"));
  EXPECT_LT(one, 0.5);
  EXPECT_LT(one, gain(qwen3_32b, dense(72), on(), profile("910b3")) / 2);
}

TEST(PublishedSigns, OneSequenceLosesWithoutGraphs) {
  StepShape eager = dense(1);
  eager.captured = false;
  EXPECT_LT(gain(qwen3_32b, eager, on(), profile("910b3")), 0);
}

TEST(PublishedSigns, ABatchGainsAFewPerCent) {
  const double dense_gain = gain(qwen3_32b, dense(72), on(), profile("910b3"));
  EXPECT_GT(dense_gain, 1);
  EXPECT_LT(dense_gain, 9);
  const double expert_gain = gain(qwen3_235b, experts(144), on(), profile("910c_die"));
  EXPECT_GT(expert_gain, 0.5);
  EXPECT_LT(expert_gain, 9);
  EXPECT_GT(gain(qwen3_235b, experts(144), capped(32), profile("910c_die")), 1);
}

// Most of the experts that a few tokens do not need are fetched in vain.
TEST(PublishedSigns, ExpertsForAFewTokensLose) {
  EXPECT_LT(gain(qwen3_235b, experts(4), on(), profile("910c_die")), 0);
}

TEST(PublishedSigns, ThereIsABestSize) {
  const timing::SocProfile soc = profile("910c_die");
  const double small = gain(qwen3_235b, experts(144), capped(4), soc);
  const double best = gain(qwen3_235b, experts(144), capped(32), soc);
  const double large = gain(qwen3_235b, experts(144), capped(160), soc);
  EXPECT_GT(best, small);
  EXPECT_GT(best, large);
}

TEST(PublishedSigns, FetchingTwiceCosts) {
  PrefetchSettings twice = on();
  twice.times = 2;
  const timing::SocProfile soc = profile("910b3");
  EXPECT_GT(microseconds(qwen3_32b, dense(72), twice, soc),
            microseconds(qwen3_32b, dense(72), on(), soc));
  twice.streams = 2;
  EXPECT_GT(microseconds(qwen3_32b, dense(72), twice, soc),
            microseconds(qwen3_32b, dense(72), PrefetchSettings{}, soc));
}

TEST(PublishedSigns, WithoutL2OrWithInfiniteMemoryNothingIsGained) {
  timing::SocProfile no_cache = profile("910b3");
  no_cache.l2.mebibytes = 0;
  EXPECT_LE(gain(qwen3_32b, dense(72), on(), no_cache), 0);
  timing::SocProfile infinite = profile("910b3");
  infinite.hbm.gigabytes_per_second = 1e12;
  EXPECT_LE(gain(qwen3_32b, dense(72), on(), infinite), 0);
}

}  // namespace
}  // namespace validation::published_signs_test
