// How requests end, and what the events say.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "paged_fake.hpp"

namespace tenon::test::engine_events_test {
namespace {

constexpr int32_t vocab = 50;

EngineLimits small_limits() {
  EngineLimits limits;
  limits.max_num_seqs = 4;
  limits.max_num_batched_tokens = 16;
  limits.context = 24;
  limits.block_size = 4;
  limits.block_count = 32;
  return limits;
}

Request greedy(std::vector<int32_t> prompt, int32_t max_new_tokens) {
  Request request;
  request.prompt = std::move(prompt);
  request.max_new_tokens = max_new_tokens;
  request.sampling.temperature = 0;
  return request;
}

class EngineEvents : public testing::Test {
 protected:
  PagedFake model_{small_limits(), vocab};
  Engine engine_{model_, small_limits()};
};

TEST_F(EngineEvents, TokensCarryPositionAndIndex) {
  const RequestId id = engine_.submit(greedy({3, 1, 4}, 2));
  EXPECT_EQ(id, 1U);
  const auto first = engine_.step();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].request, id);
  EXPECT_EQ(first[0].token, first_argmax(model_logits(std::vector<int32_t>{3, 1, 4}, vocab)));
  EXPECT_EQ(first[0].position, 3);
  EXPECT_EQ(first[0].index, 0);
  EXPECT_FALSE(first[0].finished);
  EXPECT_EQ(first[0].reason, FinishReason::none);
  EXPECT_FALSE(first[0].logprob.has_value());
  const auto second = engine_.step();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].position, 4);
  EXPECT_EQ(second[0].index, 1);
  EXPECT_TRUE(second[0].finished);
  EXPECT_EQ(second[0].reason, FinishReason::length);
  EXPECT_FALSE(engine_.has_work());
  EXPECT_TRUE(engine_.step().empty());
  EXPECT_EQ(model_.steps.size(), 2U);  // without work nothing runs
}

TEST_F(EngineEvents, AChunkOfAPromptSaysNothing) {
  engine_.submit(greedy(std::vector<int32_t>(20, 1), 1));
  EXPECT_TRUE(engine_.step().empty());
  EXPECT_TRUE(engine_.has_work());
  EXPECT_EQ(engine_.step().size(), 1U);
}

TEST_F(EngineEvents, StopTokenEndsTheRequestAndIsReported) {
  const auto free_run = reference_outcome(greedy({5, 6}, 8), 24, vocab).tokens;
  Request request = greedy({5, 6}, 8);
  request.stop_token_ids = {vocab + 7, free_run[3]};
  const auto first = std::find(free_run.begin(), free_run.end(), free_run[3]);
  const RequestId stopped = engine_.submit(request);
  request.ignore_eos = true;
  const RequestId ignoring = engine_.submit(request);
  const auto outcomes = run_to_end(engine_);
  EXPECT_EQ(outcomes.at(stopped).tokens, std::vector<int32_t>(free_run.begin(), first + 1));
  EXPECT_EQ(outcomes.at(stopped).reason, FinishReason::stop);
  EXPECT_EQ(outcomes.at(ignoring).tokens, free_run);
  EXPECT_EQ(outcomes.at(ignoring).reason, FinishReason::length);
}

TEST_F(EngineEvents, AStopTokenInThePromptDoesNotStop) {
  Request request = greedy({5, 6, 7}, 1);
  request.stop_token_ids = {7};
  const RequestId id = engine_.submit(request);
  EXPECT_EQ(run_to_end(engine_).at(id).tokens.size(), 1U);
}

TEST_F(EngineEvents, TheContextEndsTheRequest) {
  const RequestId id = engine_.submit(greedy(std::vector<int32_t>(20, 2), 100));
  const RequestId edge = engine_.submit(greedy(std::vector<int32_t>(23, 2), 100));
  const auto outcomes = run_to_end(engine_);
  EXPECT_EQ(outcomes.at(id).tokens.size(), 4U);  // 24 tokens altogether
  EXPECT_EQ(outcomes.at(id).reason, FinishReason::length);
  EXPECT_EQ(outcomes.at(edge).tokens.size(), 1U);
  EXPECT_EQ(outcomes.at(edge).reason, FinishReason::length);
}

TEST_F(EngineEvents, LogprobOfTheModel) {
  Request request = greedy({9}, 1);
  request.sampling.want_logprob = true;
  engine_.submit(request);
  const auto events = engine_.step();
  ASSERT_EQ(events.size(), 1U);
  const std::vector<float> logits = model_logits(request.prompt, vocab);
  double total = 0;
  for (const float logit : logits)
    total += std::exp(static_cast<double>(logit));
  const double chosen = logits[static_cast<size_t>(first_argmax(logits))];
  EXPECT_EQ(events[0].token, first_argmax(logits));
  EXPECT_NEAR(events[0].logprob.value_or(1), chosen - std::log(total), 1e-5);
}

TEST_F(EngineEvents, GreedyRequestsNeedNoLogits) {
  engine_.submit(greedy({9, 8}, 3));
  run_to_end(engine_);
  for (const StepInputs& step : model_.steps)
    EXPECT_FALSE(step.want_logits);
}

TEST_F(EngineEvents, GreedyDoesNotDependOnLogitsThatOthersBring) {
  // The device's argmax counts for a greedy request, also when logits came along.
  model_.after = [](StepOutputs& out) { out.argmax[0] = 42; };
  const RequestId id = engine_.submit(greedy({1, 2}, 1));
  Request sampled = greedy({1, 2}, 1);
  sampled.sampling.temperature = 1;
  engine_.submit(sampled);
  EXPECT_EQ(run_to_end(engine_).at(id).tokens, (std::vector<int32_t>{42}));
}

TEST_F(EngineEvents, CancelIsReportedByTheNextStep) {
  const RequestId running = engine_.submit(greedy({1, 2, 3, 4, 5}, 10));
  engine_.step();
  const RequestId waiting = engine_.submit(greedy({1}, 10));
  EXPECT_GT(engine_.blocks().used_count(), 0);
  EXPECT_TRUE(engine_.cancel(running));
  EXPECT_EQ(engine_.blocks().used_count(), 0);
  EXPECT_TRUE(engine_.cancel(waiting));
  EXPECT_FALSE(engine_.cancel(waiting));
  EXPECT_FALSE(engine_.cancel(99));
  EXPECT_TRUE(engine_.has_work());
  const auto events = engine_.step();
  ASSERT_EQ(events.size(), 2U);
  for (const TokenEvent& event : events) {
    EXPECT_TRUE(event.finished);
    EXPECT_EQ(event.reason, FinishReason::cancelled);
    EXPECT_FALSE(event.token.has_value());
  }
  EXPECT_EQ(events[0].request, running);
  EXPECT_EQ(events[1].request, waiting);
  EXPECT_FALSE(engine_.has_work());
}

TEST_F(EngineEvents, AFinishedRequestCannotBeCancelled) {
  const RequestId id = engine_.submit(greedy({1}, 1));
  run_to_end(engine_);
  EXPECT_FALSE(engine_.cancel(id));
  EXPECT_FALSE(engine_.has_work());
}

TEST_F(EngineEvents, StatisticsCount) {
  engine_.submit(greedy({1, 2, 3}, 4));
  engine_.submit(greedy({1, 2, 3, 4, 5}, 2));
  run_to_end(engine_);
  const EngineStatistics s = engine_.statistics();
  EXPECT_EQ(s.steps, 4);
  EXPECT_EQ(s.failed_steps, 0);
  EXPECT_EQ(s.prefill_tokens, 8);
  EXPECT_EQ(s.decode_tokens, 4);
  EXPECT_EQ(s.generated_tokens, 6);
  EXPECT_EQ(s.recomputed_tokens, 0);
  EXPECT_EQ(s.preemptions, 0);
  EXPECT_EQ(s.peak_blocks, 3);
}

}  // namespace
}  // namespace tenon::test::engine_events_test
