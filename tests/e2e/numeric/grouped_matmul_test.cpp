// Experts as grouped matmuls and as a loop of linears: the same numbers, and what each costs.
// The tolerances are those of docs/mixture-of-experts.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/log.hpp"
#include "e2e/run_tenon.hpp"
#include "engine/engine.hpp"
#include "model_testing.hpp"
#include "tenon/open_model.hpp"

namespace tenon::grouped_matmul_test {
namespace {

constexpr double most_difference = 2e-4;     // between logits, float weights
constexpr double most_relative_w8a8 = 0.01;  // between logits by root mean square, int8 weights
constexpr const char* always = "moe.grouped_matmul=always";
constexpr const char* never = "moe.grouped_matmul=never";

std::filesystem::path checkpoint(const std::string& name) {
  return name == "demo" ? demo_checkpoint("qwen3_moe") : tests_data() / "models" / name;
}

std::vector<int32_t> some_ids(int32_t vocabulary) {
  std::vector<int32_t> ids;
  for (int32_t i = 0; i < 40; ++i)
    ids.push_back((i * 37 + 5) % vocabulary);
  return ids;
}

class ExpertForms : public testing::TestWithParam<Placement> {
 protected:
  Deployment deployment(std::vector<std::string> settings) const {
    const auto [model, backend] = GetParam();
    return deployment_on(backend, checkpoint(model), std::move(settings));
  }
  bool quantised() const { return std::string(std::get<0>(GetParam())).starts_with("w8a8"); }
};

TEST_P(ExpertForms, GiveTheSameLogits) {
  const std::vector<int32_t> ids = some_ids(500);
  const Logits grouped = logits_of(deployment({always}), ids);
  const Logits loop = logits_of(deployment({never}), ids);
  ASSERT_EQ(grouped.values.size(), loop.values.size());
  if (!quantised()) {
    EXPECT_LT(largest_difference(grouped, loop), most_difference);
    EXPECT_EQ(grouped.argmax(), loop.argmax());
    return;
  }
  double square = 0;
  double squared_difference = 0;
  for (size_t i = 0; i < grouped.values.size(); ++i) {
    square += std::pow(grouped.values[i], 2);
    squared_difference += std::pow(grouped.values[i] - loop.values[i], 2);
  }
  EXPECT_LT(std::sqrt(squared_difference / square), most_relative_w8a8);
}

INSTANTIATE_TEST_SUITE_P(Models, ExpertForms,
                         testing::Combine(testing::Values("demo", "tiny-qwen3-moe",
                                                          "w8a8-modelslim-dynamic-moe"),
                                          testing::ValuesIn(every_backend)),
                         [](const auto& test) { return placement_name(test.param); });

class ExpertsOfTheDemo : public testing::TestWithParam<const char*> {
 protected:
  Deployment deployment(const std::vector<std::string>& settings) const {
    return deployment_on(GetParam(), checkpoint("demo"), settings);
  }
};

TEST_P(ExpertsOfTheDemo, GiveTheSameText) {
  GenerateOptions options;
  options.max_new_tokens = 30;
  options.temperature = 0.0;
  options.ignore_eos = true;
  Session grouped = Session::open(deployment({always}));
  Session loop = Session::open(deployment({never}));
  const Generation expected = grouped.generate("Once upon a time", options);
  EXPECT_EQ(expected.ids.size(), 30U);
  EXPECT_EQ(loop.generate("Once upon a time", options).ids, expected.ids);
}

// What was logged to a file so far; whoever logs next opens a log of its own.
std::string written_log(const std::string& file) {
  configure_log(LogLevel::warning);
  return read_whole(file);
}

struct Outcome {
  StepTraffic traffic;
  uint64_t group_list_bytes = 0;  // of all layers
  uint64_t stacked_bytes = 0;     // weights of all experts; the demo stores bf16
};

// A prompt of 3 and 5 more tokens.
Outcome run(const Deployment& deployment) {
  const OpenedModel model = open_model(deployment);
  Engine engine(*model.executor, model.limits);
  Request request;
  request.prompt = {5, 7, 11};
  request.max_new_tokens = 6;
  request.sampling.temperature = 0;
  request.ignore_eos = true;
  engine.submit(request);
  while (engine.has_work()) {
    for (const TokenEvent& event : engine.step())
      EXPECT_NE(event.reason, FinishReason::failed) << event.error;
  }
  Outcome result;
  result.traffic = model.executor->traffic();
  const Program& program = model.executor->program();
  for (const Value& value : program.values) {
    if (value.name.ends_with(".group_sizes")) {
      result.group_list_bytes += static_cast<uint64_t>(value.columns()) * sizeof(int32_t);
    }
  }
  for (const Weight& weight : program.weights) {
    if (weight.stack == 0) continue;
    constexpr uint64_t bf16_bytes = 2;
    result.stacked_bytes +=
        static_cast<uint64_t>(program.values[weight.value].columns()) * bf16_bytes;
  }
  return result;
}

TEST_P(ExpertsOfTheDemo, TheLoopsReadBackIsInTheTraffic) {
  const Outcome grouped = run(deployment({always}));
  const Outcome loop = run(deployment({never}));
  ASSERT_EQ(grouped.traffic.steps, loop.traffic.steps);
  ASSERT_GT(loop.group_list_bytes, 0U);
  EXPECT_EQ(grouped.traffic.downloaded_bytes(), grouped.traffic.steps * sizeof(int32_t));
  EXPECT_EQ(loop.traffic.downloaded_bytes(),
            loop.traffic.steps * (sizeof(int32_t) + loop.group_list_bytes));
  EXPECT_EQ(loop.traffic.routing_bytes, loop.traffic.steps * loop.group_list_bytes);
  EXPECT_EQ(loop.traffic.uploaded_bytes(), grouped.traffic.uploaded_bytes());
}

TEST_P(ExpertsOfTheDemo, TheLoopIsNotCapturedAndSaysSo) {
  const TemporaryFolder folder;
  const std::string log = folder.file("log.txt", "");
  const Outcome loop =
      run(deployment({never, "engine.graphs=true", "log.level=info", "log.file=" + log}));
  EXPECT_EQ(loop.traffic.captures, 0U);
  const std::string text = written_log(log);
  EXPECT_NE(text.find("the host reads back the rows of each expert of "
                      "'model.layers.0.mlp.experts.gate_up_proj'"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("layers of experts as a loop over experts: moe.grouped_matmul = \"never\""),
            std::string::npos)
      << text;
  EXPECT_GT(run(deployment({always, "engine.graphs=true"})).traffic.captures, 0U);
}

INSTANTIATE_TEST_SUITE_P(Backends, ExpertsOfTheDemo, testing::ValuesIn(every_backend));

Deployment ascend(const char* transposed_weights, const std::vector<std::string>& settings) {
  std::vector<std::string> all = settings;
  all.emplace_back("weights.layout=row_major");
  all.push_back(std::string("device.options.transposed_weights=") + transposed_weights);
  return deployment_on("ascend_emu", checkpoint("demo"), all);
}

TEST(ForcedCopies, AreCountedTimedAndNamedAndChangeNoBit) {
  const TemporaryFolder folder;
  const std::string log = folder.file("log.txt", "");
  const Outcome copied = run(ascend("copy", {always, "log.level=info", "log.file=" + log}));
  ASSERT_GT(copied.stacked_bytes, 0U);
  EXPECT_EQ(copied.traffic.copied_bytes, copied.traffic.steps * copied.stacked_bytes);
  EXPECT_GT(copied.traffic.copy_ns, 0U);
  const std::string text = written_log(log);
  EXPECT_NE(text.find("each step copies " + std::to_string(copied.stacked_bytes) +
                      " bytes because of the layout of weights: grouped_matmul of "
                      "'model.layers.*.mlp.experts.down_proj' x"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("a step of 4 tokens copied " + std::to_string(copied.stacked_bytes) +
                      " bytes, in "),
            std::string::npos)
      << text;

  const Outcome viewed = run(ascend("view", {always}));
  EXPECT_EQ(viewed.traffic.copied_bytes, 0U);
  EXPECT_EQ(viewed.traffic.copy_ns, 0U);
  EXPECT_EQ(run(ascend("copy", {never})).traffic.copied_bytes, 0U);

  const std::vector<int32_t> ids = some_ids(2000);
  EXPECT_EQ(logits_of(ascend("copy", {always}), ids).values,
            logits_of(ascend("view", {always}), ids).values);
}

TEST(ForcedCopies, AreCountedInGraphsToo) {
  const Outcome eager = run(ascend("copy", {always}));
  const Outcome graphs = run(ascend("copy", {always, "engine.graphs=true"}));
  EXPECT_GT(graphs.traffic.replays, 0U);
  EXPECT_EQ(graphs.traffic.copied_bytes, eager.traffic.copied_bytes);
  EXPECT_GT(graphs.traffic.copy_ns, 0U);
}

TEST(ForcedCopies, AreInTheTrafficLine) {
  Session session = Session::open(ascend("copy", {always}));
  logits_of(session, some_ids(2000));
  const std::string traffic = session.traffic();
  EXPECT_NE(traffic.find("; copied because of layouts: "), std::string::npos) << traffic;
}

}  // namespace
}  // namespace tenon::grouped_matmul_test
