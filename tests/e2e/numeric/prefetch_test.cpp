// Prefetch on and off give the same bits, eager and captured, on every backend; a step that fails
// halfway leaves nothing behind.
#include <gtest/gtest.h>

#include <cstdlib>

#include "engine/engine.hpp"
#include "model_testing.hpp"
#include "tenon/open_model.hpp"

namespace tenon::prefetch_test {
namespace {

// Every registered name of the models here, whatever the step's size and the machine's cache.
const std::vector<std::string> prefetch_all = {
    "prefetch.enabled=true", "prefetch.through_attention=true", "prefetch.min_tokens.moe=0",
    "prefetch.ratio.moe.down=0.5", "prefetch.max_bytes.moe=\"64KiB\""};

std::vector<std::string> with_prefetch(std::vector<std::string> settings) {
  settings.insert(settings.end(), prefetch_all.begin(), prefetch_all.end());
  return settings;
}

// Passes steps on and keeps the logits of all, also of those that need only the best token.
class RecordingRunner : public StepRunner {
 public:
  explicit RecordingRunner(StepRunner& next) : next_(next) {}
  StepOutputs run(const StepInputs& inputs) override {
    StepInputs with_logits = inputs;
    with_logits.want_logits = true;
    StepOutputs outputs = next_.run(with_logits);
    logits.push_back(outputs.logits);
    return outputs;
  }
  int32_t vocab_size() const override { return next_.vocab_size(); }

  std::vector<std::vector<float>> logits;

 private:
  StepRunner& next_;
};

struct RecordedRun {
  std::vector<std::vector<float>> logits;  // by step
  StepTraffic traffic;
};

// Three prompts that end at different times, so that decode steps run in several shape buckets.
RecordedRun record(const Deployment& deployment) {
  const OpenedModel model = open_model(deployment);
  RecordingRunner runner(*model.executor);
  Engine engine(runner, model.limits);
  const int32_t vocabulary = model.executor->vocab_size();
  for (int32_t i = 0; i < 3; ++i) {
    Request request;
    for (int32_t j = 0; j < 3 + 5 * i; ++j)
      request.prompt.push_back((j * 37 + i * 101 + 5) % vocabulary);
    request.max_new_tokens = 3 + 2 * i;
    request.sampling.temperature = 0;
    request.ignore_eos = true;
    engine.submit(request);
  }
  while (engine.has_work()) {
    for (const TokenEvent& event : engine.step())
      EXPECT_NE(event.reason, FinishReason::failed) << event.error;
  }
  return {std::move(runner.logits), model.executor->traffic()};
}

class PrefetchModels : public testing::TestWithParam<Placement> {
 protected:
  static std::filesystem::path checkpoint() {
    const std::string name = std::get<0>(GetParam());
    return name.starts_with("demo-") ? demo_checkpoint(name.substr(5))
                                     : tests_data() / "models" / name;
  }
  static RecordedRun run_with(std::vector<std::string> settings) {
    settings.insert(settings.begin(), "device.hazards=abort");
    return record(deployment_on(std::get<1>(GetParam()), checkpoint(), settings));
  }
};

TEST_P(PrefetchModels, ChangeNoBit) {
  const RecordedRun off = run_with({});
  const RecordedRun on = run_with(with_prefetch({}));
  EXPECT_EQ(on.logits, off.logits);
  EXPECT_EQ(off.traffic.prefetches, 0U);
  EXPECT_GT(on.traffic.prefetches, 3 * on.traffic.steps);
  EXPECT_GT(on.traffic.prefetched_bytes, 0U);
  const RecordedRun captured = run_with(with_prefetch({"engine.graphs=true"}));
  EXPECT_EQ(captured.logits, off.logits);
  EXPECT_GT(captured.traffic.replays, 0U);
  EXPECT_EQ(captured.traffic.prefetches, on.traffic.prefetches);
  EXPECT_EQ(captured.traffic.prefetched_bytes, on.traffic.prefetched_bytes);
}

INSTANTIATE_TEST_SUITE_P(Models, PrefetchModels,
                         testing::Combine(testing::Values("demo-qwen3", "demo-qwen3_moe",
                                                          "w8a8-modelslim-static",
                                                          "w8a8-compressed-tensors-dynamic",
                                                          "w8a8-modelslim-dynamic-moe"),
                                          testing::ValuesIn(every_backend)),
                         [](const auto& test) { return placement_name(test.param); });

// The fixture refuses the N-th swiglu that it is given, N from the environment.
class PrefetchFailures : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { ASSERT_EQ(setenv("TENON_FIXTURE_FAIL_AT", GetParam(), 1), 0); }
  void TearDown() override { unsetenv("TENON_FIXTURE_FAIL_AT"); }
};

// The demo has five layers, so that the third swiglu stands in the middle of the prompt's step and
// the eighth in that of the first decode step, or of its capture.
TEST_P(PrefetchFailures, LeaveTheNextStepWhole) {
  GenerateOptions options;
  options.max_new_tokens = 6;
  options.ignore_eos = true;
  Session plain = Session::open(deployment_of(demo_checkpoint()));
  const Generation expected = plain.generate("Once upon a time", options);
  for (const char* graphs : {"engine.graphs=false", "engine.graphs=true"}) {
    const Deployment deployment = deployment_of(
        demo_checkpoint(),
        with_prefetch({"device.backend=\"" TENON_FIXTURES "/failing_step/libfailing_step.so\"",
                       "device.hazards=abort", "log.level=error", graphs}));
    Session session = Session::open(deployment);
    try {
      session.generate("Once upon a time", options);
      ADD_FAILURE() << "nothing failed";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("the fixture's failure"), std::string::npos)
          << error.what();
    }
    EXPECT_EQ(session.generate("Once upon a time", options).ids, expected.ids) << graphs;
    EXPECT_NE(session.traffic().find("; prefetch: "), std::string::npos) << session.traffic();
  }
}

INSTANTIATE_TEST_SUITE_P(Steps, PrefetchFailures, testing::Values("3", "8"));

}  // namespace
}  // namespace tenon::prefetch_test
