// Requests that want the logits of every position of the prompt.
#include <gtest/gtest.h>

#include "paged_fake.hpp"

namespace tenon::test::engine_logits_test {
namespace {

constexpr int32_t vocab = 20;

EngineLimits limits_with(int32_t max_logit_rows) {
  EngineLimits limits;
  limits.max_num_seqs = 4;
  limits.max_num_batched_tokens = 16;
  limits.context = 32;
  limits.block_size = 4;
  limits.block_count = 32;
  limits.max_logit_rows = max_logit_rows;
  return limits;
}

Request evaluate(size_t length, int32_t max_new_tokens) {
  Request request;
  for (size_t i = 0; i < length; ++i)
    request.prompt.push_back(static_cast<int32_t>(i * 7 % vocab));
  request.max_new_tokens = max_new_tokens;
  request.sampling.temperature = 0;
  request.want_all_logits = true;
  return request;
}

TEST(EngineLogits, EvaluationGeneratesNothingAndMayFillTheContext) {
  PagedFake model(limits_with(1000), vocab);
  Engine engine(model, limits_with(1000));
  const Request request = evaluate(32, 0);
  engine.submit(request);
  const auto first = engine.step();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_FALSE(first[0].finished);
  EXPECT_FALSE(first[0].token.has_value());
  EXPECT_EQ(first[0].first_logit_position, 0);
  EXPECT_EQ(first[0].logits.size(), 16U * vocab);
  const auto second = engine.step();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].first_logit_position, 16);
  EXPECT_EQ(second[0].logits.size(), 16U * vocab);
  EXPECT_TRUE(second[0].finished);
  EXPECT_EQ(second[0].reason, FinishReason::length);
  EXPECT_FALSE(second[0].token.has_value());
  EXPECT_FALSE(engine.has_work());
  EXPECT_EQ(engine.blocks().used_count(), 0);
  std::vector<float> all = first[0].logits;
  all.insert(all.end(), second[0].logits.begin(), second[0].logits.end());
  EXPECT_EQ(all, reference_outcome(request, 32, vocab).logits);
}

TEST(EngineLogits, TheTokenComesWithTheLastRows) {
  PagedFake model(limits_with(1000), vocab);
  Engine engine(model, limits_with(1000));
  engine.submit(evaluate(5, 2));
  const auto first = engine.step();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].logits.size(), 5U * vocab);
  EXPECT_EQ(first[0].position, 5);
  const auto second = engine.step();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_TRUE(second[0].logits.empty());
  EXPECT_EQ(second[0].first_logit_position, -1);
  EXPECT_TRUE(second[0].token.has_value());
}

TEST(EngineLogits, RowsOfOneStepAreBounded) {
  PagedFake model(limits_with(3), vocab);
  Engine engine(model, limits_with(3));
  const Request request = evaluate(20, 1);
  const RequestId id = engine.submit(request);
  const Outcome found = run_to_end(engine).at(id);
  EXPECT_EQ(found.logits, reference_outcome(request, 32, vocab).logits);
  EXPECT_EQ(model.steps.size(), 7U);
  for (const StepInputs& step : model.steps)
    EXPECT_LE(step.logit_rows.size(), 3U);
}

TEST(EngineLogits, SeveralRequestsShareAStep) {
  PagedFake model(limits_with(1000), vocab);
  Engine engine(model, limits_with(1000));
  std::map<RequestId, Request> requests;
  for (const size_t length : {3U, 4U, 5U}) {
    const Request request = evaluate(length, length == 4U ? 3 : 0);
    requests[engine.submit(request)] = request;
  }
  const auto outcomes = run_to_end(engine);
  for (const auto& [id, request] : requests) {
    EXPECT_EQ(outcomes.at(id).logits, reference_outcome(request, 32, vocab).logits);
  }
  EXPECT_EQ(model.steps.front().seq_lens.size(), 3U);
}

}  // namespace
}  // namespace tenon::test::engine_logits_test
