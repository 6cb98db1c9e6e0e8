// How much of a weight is prefetched, and when none of it.
#include <gtest/gtest.h>

#include "prefetch_fixture.hpp"

namespace tenon {
namespace {

constexpr uint64_t pack_bytes = 2 * 48 * 16;  // look.pack in bf16

class PrefetchSizes : public testing::Test {
 protected:
  PrefetchReport run(const PlanRequest& request = {}) {
    Plan plan = plan_of(program, request);
    return insert_prefetches(program, plan, settings, device);
  }
  Prefetch of(const std::string& layer) {
    const PrefetchReport report = run();
    const Prefetch* found = find_prefetch(report, layer);
    EXPECT_NE(found, nullptr) << reason_for(report, layer);
    return found != nullptr ? *found : Prefetch{};
  }

  Program program = dense_program(1);
  PrefetchSettings settings = whole_weights(program);
  PrefetchDevice device = roomy_device();
};

TEST_F(PrefetchSizes, ARatioOfTheWeight) {
  settings.ratio["eye"]["pack"] = 0.75;
  const Prefetch prefetch = of("deck.0.look.pack");
  EXPECT_EQ(prefetch.bytes, pack_bytes * 3 / 4);
  EXPECT_EQ(prefetch.of_bytes, pack_bytes);
  EXPECT_EQ(prefetch.limit, PrefetchLimit::ratio);
}

TEST_F(PrefetchSizes, AtMostMaxBytes) {
  settings.max_bytes["eye"] = 1000;
  EXPECT_EQ(of("deck.0.look.pack").bytes, 1000U);
  EXPECT_EQ(of("deck.0.look.pack").limit, PrefetchLimit::max_bytes);
  settings.max_bytes["eye"] = pack_bytes;
  EXPECT_EQ(of("deck.0.look.pack").limit, PrefetchLimit::ratio);
}

// Beside the weight the window's own activations lie in the cache: of embedding and norm here two
// values of 4 rows, 16 columns and 2 bytes; the token ids are metadata.
TEST_F(PrefetchSizes, AtMostWhatTheCacheHolds) {
  device.cache_bytes = 1256;
  EXPECT_EQ(of("deck.0.look.pack").bytes, 1256U - 256U);
  EXPECT_EQ(of("deck.0.look.pack").limit, PrefetchLimit::cache);
  settings.max_bytes["eye"] = 1 << 20;
  EXPECT_EQ(of("deck.0.look.pack").bytes, 1000U);
  settings.max_bytes["eye"] = 900;
  EXPECT_EQ(of("deck.0.look.pack").limit, PrefetchLimit::max_bytes);
}

TEST_F(PrefetchSizes, NoByteIsAReason) {
  device.cache_bytes = 128;
  EXPECT_EQ(reason_for(run(), "deck.0.look.pack"), "cache leaves no byte of it");
  device = roomy_device();
  settings.max_bytes["eye"] = 0;
  EXPECT_EQ(reason_for(run(), "deck.0.look.pack"), "max_bytes leaves no byte of it");
  settings.max_bytes.clear();
  settings.ratio["eye"]["pack"] = 1e-6;
  EXPECT_EQ(reason_for(run(), "deck.0.look.pack"), "ratio leaves no byte of it");
}

// Reasons that hold for a whole name stand there once.
std::string reason_for_name(const PrefetchReport& report, const std::string& name) {
  for (const SkippedPrefetch& skipped : report.skipped) {
    if (skipped.group + "." + skipped.name == name && skipped.layer.empty()) return skipped.reason;
  }
  return {};
}

TEST_F(PrefetchSizes, AnUnknownCacheAllowsNoAutomaticSize) {
  device.cache_bytes = 0;
  settings.max_bytes["arm"] = 512;
  const PrefetchReport report = run();
  EXPECT_EQ(
      reason_for_name(report, "eye.pack"),
      "prefetch.max_bytes.eye is \"auto\", and the device does not say how large its cache is");
  ASSERT_NE(find_prefetch(report, "deck.0.work.pack"), nullptr);
  EXPECT_EQ(find_prefetch(report, "deck.0.work.pack")->bytes, 512U);
}

TEST_F(PrefetchSizes, ARatioOfNothingSwitchesANameOff) {
  settings.ratio["eye"]["pack"] = 0;
  settings.ratio["arm"].erase("out");
  const PrefetchReport report = run();
  EXPECT_EQ(reason_for_name(report, "eye.pack"), "prefetch.ratio.eye.pack is 0");
  EXPECT_EQ(reason_for_name(report, "arm.out"), "prefetch.ratio.arm.out is not set");
  EXPECT_EQ(report.prefetches.size(), 1U);
}

TEST_F(PrefetchSizes, TokenConditionsHoldForTheShapeBucket) {
  settings.min_tokens["eye"] = 8;
  settings.max_tokens["arm"] = 8;
  const PrefetchReport few = run({.bucket = {4, 4, 4}});
  EXPECT_EQ(reason_for_name(few, "eye.pack"),
            "the step has 4 tokens, and prefetch.min_tokens.eye is 8");
  EXPECT_NE(find_prefetch(few, "deck.0.work.pack"), nullptr);
  const PrefetchReport equal = run({.bucket = {8, 8, 8}});
  EXPECT_NE(find_prefetch(equal, "deck.0.look.pack"), nullptr);
  EXPECT_NE(find_prefetch(equal, "deck.0.work.pack"), nullptr);
  const PrefetchReport many = run({.bucket = {16, 8, 8}});
  EXPECT_NE(find_prefetch(many, "deck.0.look.pack"), nullptr);
  EXPECT_EQ(reason_for_name(many, "arm.out"),
            "the step has 16 tokens, and prefetch.max_tokens.arm is 8");
}

TEST_F(PrefetchSizes, TokenConditionsCountTheTokensOfAllReplicas) {
  settings.min_tokens["eye"] = 8;
  settings.max_tokens["arm"] = 8;
  settings.replicas = 3;
  const PrefetchReport report = run({.bucket = {4, 4, 4}});
  EXPECT_NE(find_prefetch(report, "deck.0.look.pack"), nullptr);
  EXPECT_EQ(reason_for_name(report, "arm.out"),
            "the step has 12 tokens, and prefetch.max_tokens.arm is 8");
}

TEST_F(PrefetchSizes, ADeviceThatDoesNotPrefetchSaysSo) {
  device.can_prefetch = false;
  const PrefetchReport report = run();
  EXPECT_TRUE(report.prefetches.empty());
  EXPECT_EQ(reason_for_name(report, "eye.pack"), "the device does not prefetch");
}

TEST_F(PrefetchSizes, AWeightThatPassesThroughIsNotPrefetched) {
  const uint32_t streamed = of("deck.0.work.out").weight;
  device.not_resident = [&](uint32_t weight) {
    return weight == streamed ? std::string("its weight is streamed") : std::string();
  };
  const PrefetchReport report = run();
  EXPECT_EQ(reason_for(report, "deck.0.work.out"), "its weight is streamed");
  EXPECT_EQ(report.prefetches.size(), 2U);
}

TEST_F(PrefetchSizes, NoWeightIsPrefetchedTwice) {
  // A second name for the same layer, and a second reader of the same weight.
  PrefetchName again = program.prefetch_names[0];
  again.group = "other";
  program.prefetch_names.push_back(again);
  settings = whole_weights(program);
  PrefetchReport report = run();
  EXPECT_EQ(reason_for(report, "deck.0.look.pack"),
            "its weight is prefetched for 'deck.0.look.pack' already");

  program = dense_program(2);
  settings = whole_weights(program);
  const Operation& first = program.operations[program.prefetch_names[3].linears[0]];
  Operation& second = program.operations[program.prefetch_names[3].linears[1]];
  for (Operand& operand : second.operands) {
    if (operand.offset == offsetof(tn_linear_args, weight))
      operand.value = first.operand(operand.offset);
  }
  report = run();
  EXPECT_NE(find_prefetch(report, "deck.0.work.out"), nullptr);
  EXPECT_EQ(reason_for(report, "deck.1.work.out"),
            "its weight is prefetched for 'deck.0.work.out' already");
}

}  // namespace
}  // namespace tenon
