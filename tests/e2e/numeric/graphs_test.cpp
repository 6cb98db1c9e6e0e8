// Decode steps captured once for each shape bucket and replayed: the same bits as eager steps.
#include <gtest/gtest.h>

#include <map>

#include "engine/engine.hpp"
#include "model_testing.hpp"
#include "tenon/open_model.hpp"

namespace tenon::graphs_test {
namespace {

struct StepRun {
  std::vector<std::vector<float>> logits;
  StepTraffic traffic;
};

// Prompts of different lengths that end at different times: the batch shrinks from 5 to 1, so
// that a batch of 5 or 3 runs padded in the bucket of 8 or 4.
StepRun run(const Placement& placement, const std::vector<std::string>& settings) {
  const auto [demo, backend] = placement;
  const OpenedModel model = open_model(deployment_on(backend, demo_checkpoint(demo), settings));
  Engine engine(*model.executor, model.limits);
  std::map<RequestId, size_t> index;
  StepRun result;
  result.logits.resize(5);
  for (int32_t i = 0; i < 5; ++i) {
    Request request;
    for (int32_t j = 0; j < 3 + 11 * i; ++j)
      request.prompt.push_back((j * 37 + i * 101 + 5) % 2048);
    request.max_new_tokens = 4 + 5 * i;
    request.sampling.temperature = 0;
    request.ignore_eos = true;
    request.want_all_logits = true;
    index[engine.submit(request)] = static_cast<size_t>(i);
  }
  while (engine.has_work()) {
    for (const TokenEvent& event : engine.step()) {
      EXPECT_NE(event.reason, FinishReason::failed) << event.error;
      auto& logits = result.logits[index.at(event.request)];
      logits.insert(logits.end(), event.logits.begin(), event.logits.end());
    }
  }
  result.traffic = model.executor->traffic();
  return result;
}

class Graphs : public testing::TestWithParam<Placement> {};

TEST_P(Graphs, GiveTheBitsOfEagerSteps) {
  const StepRun eager = run(GetParam(), {"engine.max_num_seqs=8"});
  const StepRun replayed =
      run(GetParam(), {"engine.max_num_seqs=8", "engine.graphs=true", "device.hazards=abort"});
  EXPECT_EQ(eager.logits, replayed.logits);
  EXPECT_EQ(eager.traffic.captures, 0U);
  EXPECT_GE(replayed.traffic.captures, 4U);  // for 1, 2, 4 and 8 sequences
  EXPECT_GT(replayed.traffic.replays, 3 * replayed.traffic.captures);
  EXPECT_EQ(eager.traffic.uploaded_bytes(), replayed.traffic.uploaded_bytes());
}

INSTANTIATE_TEST_SUITE_P(Models, Graphs,
                         testing::Combine(testing::Values("qwen3", "qwen3_moe"),
                                          testing::ValuesIn(every_backend)),
                         [](const auto& test) { return placement_name(test.param); });

}  // namespace
}  // namespace tenon::graphs_test
