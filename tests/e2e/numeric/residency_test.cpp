// Weights on the device or brought at every step: the same bits, counted bytes, clear refusals.
#include <gtest/gtest.h>

#include "device/status.hpp"
#include "e2e/run_tenon.hpp"
#include "engine/engine.hpp"
#include "executor/step_metadata.hpp"
#include "model_testing.hpp"
#include "tenon/open_model.hpp"

namespace tenon::residency_test {
namespace {

// Small buckets, so that activations and caches leave room on a small device.
const std::vector<std::string> small = {"engine.context=48", "engine.max_num_seqs=2",
                                        "engine.max_num_batched_tokens=32"};
constexpr const char* streamed = "weights.residency=streamed";
constexpr const char* graphs = "engine.graphs=true";

std::vector<std::string> with(std::vector<std::string> settings,
                              const std::vector<std::string>& more) {
  settings.insert(settings.end(), more.begin(), more.end());
  return settings;
}

struct Outcome {
  std::vector<std::vector<float>> logits;  // by request
  std::vector<StepTraffic> after_step;     // the last steps decode one request alone
  WeightTraffic weights;
};

// Two prompts, one of which goes on alone.
Outcome run(const Deployment& deployment) {
  const OpenedModel model = open_model(deployment);
  Engine engine(*model.executor, model.limits);
  Outcome result;
  result.logits.resize(2);
  result.weights = model.weight_traffic;
  std::vector<RequestId> ids;
  for (int32_t i = 0; i < 2; ++i) {
    Request request;
    for (int32_t j = 0; j < 5 + 14 * i; ++j)
      request.prompt.push_back((j * 37 + i * 101 + 5) % 2048);
    request.max_new_tokens = 3 + 4 * i;
    request.sampling.temperature = 0;
    request.ignore_eos = true;
    request.want_all_logits = true;
    ids.push_back(engine.submit(request));
  }
  while (engine.has_work()) {
    for (const TokenEvent& event : engine.step()) {
      EXPECT_NE(event.reason, FinishReason::failed) << event.error;
      auto& logits = result.logits[event.request == ids[0] ? 0 : 1];
      logits.insert(logits.end(), event.logits.begin(), event.logits.end());
    }
    result.after_step.push_back(model.executor->traffic());
  }
  return result;
}

// The least memory, in round numbers, on which the demos run streamed; their weights are 5.7 and
// 11.6 million bytes.
std::string small_memory(const std::string& demo) {
  return std::string("device.options.memory=") + (demo == "qwen3" ? "\"4MiB\"" : "\"6MiB\"");
}

class Streamed : public testing::TestWithParam<Placement> {
 protected:
  static bool has_memory_option() { return std::string(std::get<1>(GetParam())) == "ascend_emu"; }
  static Deployment deployment(const std::vector<std::string>& settings) {
    const auto [demo, backend] = GetParam();
    return deployment_on(backend, demo_checkpoint(demo),
                         with(with(small, {"device.hazards=abort"}), settings));
  }
  // On a device that does not hold all weights, where the backend lets one be declared.
  static Deployment on_a_small_device(std::vector<std::string> settings) {
    if (has_memory_option()) settings.push_back(small_memory(std::get<0>(GetParam())));
    return deployment(settings);
  }
};

TEST_P(Streamed, GivesTheBitsOfResidentWeightsEagerAndCaptured) {
  const Outcome resident = run(deployment({}));
  ASSERT_GT(resident.logits[1].size(), 2048U);
  const Outcome captured = run(deployment({graphs}));
  const Outcome eager = run(on_a_small_device({streamed}));
  const Outcome wanted_captured = run(on_a_small_device({streamed, graphs}));
  EXPECT_EQ(resident.logits, captured.logits);
  EXPECT_EQ(resident.logits, eager.logits);
  EXPECT_EQ(resident.logits, wanted_captured.logits);
  EXPECT_GT(captured.after_step.back().captures, 0U);
  EXPECT_EQ(wanted_captured.after_step.back().captures, 0U);
}

TEST_P(Streamed, MoreSlotsChangeNoBit) {
  const Outcome two = run(deployment({streamed}));
  const Outcome many = run(deployment({streamed, "weights.streamed_slots=5"}));
  EXPECT_EQ(two.logits, many.logits);
  EXPECT_EQ(two.after_step.back().streamed_bytes, many.after_step.back().streamed_bytes);
}

// Every step brings what the host kept, and nothing else changes.
TEST_P(Streamed, EachStepBringsTheStreamedWeightsOnce) {
  const Outcome resident = run(deployment({}));
  const Outcome brought = run(deployment({streamed}));
  EXPECT_GT(brought.weights.streamed_bytes, 0U);
  EXPECT_EQ(resident.weights.streamed_bytes, 0U);
  ASSERT_EQ(resident.after_step.size(), brought.after_step.size());
  for (size_t i = 0; i < brought.after_step.size(); ++i) {
    StepTraffic without = brought.after_step[i];
    EXPECT_EQ(without.streamed_bytes, without.steps * brought.weights.streamed_bytes);
    without.streamed_bytes = 0;
    EXPECT_EQ(without.uploaded_bytes(), resident.after_step[i].uploaded_bytes());
    EXPECT_EQ(without.downloaded_bytes(), resident.after_step[i].downloaded_bytes());
  }
}

// int8 matrices pass through slots; their scales, vectors, stay.
TEST_P(Streamed, Int8WeightsHaveTheSameBits) {
  const std::vector<std::string> quantised = {"weights.quantize=w8a8"};
  const Outcome resident = run(deployment(quantised));
  const Outcome brought = run(deployment(with(quantised, {streamed})));
  EXPECT_EQ(resident.logits, brought.logits);
  EXPECT_GT(brought.weights.streamed_bytes, 0U);
}

INSTANTIATE_TEST_SUITE_P(Demos, Streamed,
                         testing::Combine(testing::Values("qwen3", "qwen3_moe"),
                                          testing::ValuesIn(every_backend)),
                         [](const auto& placement) { return placement_name(placement.param); });

// With resident weights a decode step of one sequence brings seven arrays of integers, each of one
// aligned block, and takes one token.
TEST(StepBytes, ASteadyDecodeStepMovesMetadataUpAndOneTokenDown) {
  for (const char* backend : every_backend) {
    for (const char* demo : {"qwen3", "qwen3_moe"}) {
      const OpenedModel model = open_model(deployment_on(backend, demo_checkpoint(demo), small));
      Engine engine(*model.executor, model.limits);
      Request request;
      request.prompt = {5, 900, 33};
      request.max_new_tokens = 6;
      request.sampling.temperature = 0;
      request.ignore_eos = true;
      engine.submit(request);
      engine.step();
      while (engine.has_work()) {
        const StepTraffic before = model.executor->traffic();
        engine.step();
        const StepTraffic& after = model.executor->traffic();
        EXPECT_EQ(after.steps, before.steps + 1);
        EXPECT_EQ(after.uploaded_bytes() - before.uploaded_bytes(), 7U * 256U);
        EXPECT_EQ(after.metadata_bytes - before.metadata_bytes, 7U * 256U);
        EXPECT_EQ(after.downloaded_bytes() - before.downloaded_bytes(), 4U);
        EXPECT_EQ(after.sampled_bytes - before.sampled_bytes, 4U);
      }
    }
  }
}

TEST(StepBytes, TheStatisticsNameEachKind) {
  Session session =
      Session::open(deployment_on("ascend_emu", demo_checkpoint("qwen3"), with(small, {streamed})));
  GenerateOptions options;
  options.max_new_tokens = 4;
  options.ignore_eos = true;
  options.temperature = 0.0;
  session.generate("Once", options);
  const StepBytes bytes = session.step_bytes();
  ASSERT_GT(bytes.steps, 3U);
  EXPECT_GT(bytes.weights_up, 0U);
  EXPECT_EQ(bytes.weights_up % bytes.steps, 0U);
  EXPECT_EQ(bytes.samples_down, bytes.steps * 4);
  EXPECT_EQ(bytes.logits_down, 0U);
  EXPECT_EQ(bytes.transferred, 0U);
  const std::string text = session.traffic();
  for (const char* part : {" metadata, ", " weights), 4 down (4 samples)", " streamed; per step: "})
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

std::string refusal_of(const Deployment& deployment) {
  try {
    open_model(deployment);
  } catch (const DeviceError& e) {
    EXPECT_EQ(e.status(), TN_OUT_OF_MEMORY);
    return e.what();
  }
  return "nothing was refused";
}

TEST(SmallDevice, ResidentWeightsAreRefusedWithWhatStreamingNeeds) {
  const std::string text = refusal_of(
      deployment_on("ascend_emu", demo_checkpoint(), with(small, {small_memory("qwen3")})));
  EXPECT_EQ(text.find("[device] out of memory for resident weights; expected "), 0U) << text;
  EXPECT_NE(text.find("; weights.residency = \"streamed\" needs only "), std::string::npos) << text;
  EXPECT_NE(text.find("found 4194304 bytes free"), std::string::npos) << text;
}

TEST(SmallDevice, SlotsThatDoNotFitAreRefusedWithNumbers) {
  const std::string text = refusal_of(deployment_on(
      "ascend_emu", demo_checkpoint(), with(small, {streamed, "device.options.memory=\"1MiB\""})));
  EXPECT_EQ(text.find("[device] out of memory for streamed weights; expected "), 0U) << text;
  EXPECT_NE(text.find(" that stay resident and 2 slots of 393216)"), std::string::npos) << text;
  EXPECT_NE(text.find("found 1048576 bytes free"), std::string::npos) << text;
}

// The experts of the MoE demo: 5 layers of 8, gate_up [384, 192] and down [192, 192] in bf16.
constexpr uint64_t stack_bytes = 5ULL * 8 * (384 + 192) * 192 * 2;

TEST(NativeStacks, AreTransposedOnceForALayoutThatTakesNoView) {
  const auto run_with = [](const char* layout) {
    return run(deployment_on(
        "ascend_emu", demo_checkpoint("qwen3_moe"),
        with(small, {std::string("weights.layout=") + layout, "moe.grouped_matmul=always",
                     "device.options.transposed_weights=copy", "device.hazards=abort"})));
  };
  const Outcome native = run_with("native");
  EXPECT_EQ(native.weights.transposed_bytes, stack_bytes);
  EXPECT_GT(native.weights.cast_bytes, stack_bytes);
  EXPECT_EQ(native.after_step.back().copied_bytes, 0U);
  const Outcome row_major = run_with("row_major");
  EXPECT_EQ(row_major.weights.transposed_bytes, 0U);
  EXPECT_EQ(row_major.weights.cast_bytes, 0U);
  EXPECT_EQ(row_major.after_step.back().copied_bytes,
            row_major.after_step.back().steps * stack_bytes);
  ASSERT_EQ(native.logits[1].size(), row_major.logits[1].size());
  for (size_t i = 0; i < native.logits[1].size(); ++i)
    ASSERT_NEAR(native.logits[1][i], row_major.logits[1][i], 5e-4);
}

TEST(NativeStacks, StayAsStoredWhereExpertsAreReadOneByOne) {
  const OpenedModel model = open_model(deployment_on("ascend_emu", demo_checkpoint("qwen3_moe"),
                                                     with(small, {"moe.grouped_matmul=never"})));
  EXPECT_EQ(model.weight_traffic.transposed_bytes, 0U);
}

// Cards that take no f32 rows leave every matmul to the fallback device, which has weights of its own:
// nothing is brought that no op reads.
TEST(StreamedFallback, WeightsOfTheFallbackDeviceAreNotBrought) {
  const std::vector<std::string> strict =
      with(small, {"device.options.strict_dtypes=true", "device.hazards=abort"});
  const Outcome resident = run(deployment_on("ascend_emu", demo_checkpoint(), strict));
  const Outcome brought =
      run(deployment_on("ascend_emu", demo_checkpoint(), with(strict, {streamed})));
  EXPECT_EQ(resident.logits, brought.logits);
  EXPECT_GT(brought.weights.streamed_bytes, 0U);
  EXPECT_EQ(brought.after_step.back().streamed_bytes, 0U);
  EXPECT_GT(brought.after_step.back().transferred_bytes, 0U);
}

TEST(StreamedGraphs, AreRefusedWithAWarningThatSaysWhy) {
  const TemporaryFolder folder;
  const std::string log = folder.file("log.txt", "");
  open_model(deployment_of(demo_checkpoint(), with(small, {streamed, graphs, "log.file=" + log})));
  const std::string text = read_whole(log);
  EXPECT_NE(text.find("decode steps do not run as graphs: weights are streamed"), std::string::npos)
      << text;
}

}  // namespace
}  // namespace tenon::residency_test
