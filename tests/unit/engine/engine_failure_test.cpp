// What fails, fails alone: the engine and the other requests go on.
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "base/error.hpp"
#include "paged_fake.hpp"

namespace tenon::test::engine_failure_test {
namespace {

constexpr int32_t vocab = 50;

EngineLimits small_limits() {
  EngineLimits limits;
  limits.max_num_seqs = 2;
  limits.max_num_batched_tokens = 16;
  limits.context = 24;
  limits.block_size = 4;
  limits.block_count = 16;
  return limits;
}

Request request_with(float temperature) {
  Request request;
  request.prompt = {4, 5, 6};
  request.max_new_tokens = 5;
  request.sampling.temperature = temperature;
  request.sampling.seed = 3;
  return request;
}

class EngineFailure : public testing::Test {
 protected:
  PagedFake model_{small_limits(), vocab};
  Engine engine_{model_, small_limits()};
};

TEST_F(EngineFailure, AFailedStepFailsItsRequestsOnly) {
  model_.before = [&](const StepInputs&) {
    if (model_.steps.size() == 3) fail_run("device", "out of memory");
  };
  const RequestId first = engine_.submit(request_with(0));
  const RequestId second = engine_.submit(request_with(1));
  const RequestId waiting = engine_.submit(request_with(0));  // max_num_seqs keeps it out
  const auto outcomes = run_to_end(engine_);
  for (const RequestId id : {first, second}) {
    EXPECT_EQ(outcomes.at(id).reason, FinishReason::failed);
    EXPECT_EQ(outcomes.at(id).error, "[device] out of memory");
    EXPECT_EQ(outcomes.at(id).tokens.size(), 2U);
  }
  EXPECT_EQ(outcomes.at(waiting).reason, FinishReason::length);
  EXPECT_EQ(outcomes.at(waiting).tokens, reference_outcome(request_with(0), 24, vocab).tokens);
  EXPECT_EQ(engine_.statistics().failed_steps, 1);
}

TEST_F(EngineFailure, WhateverIsThrownBecomesAText) {
  model_.before = [](const StepInputs&) { throw std::runtime_error(""); };
  const RequestId silent = engine_.submit(request_with(0));
  EXPECT_EQ(run_to_end(engine_).at(silent).error, "the step failed without a message");
  model_.before = [](const StepInputs&) { throw 42; };
  const RequestId odd = engine_.submit(request_with(0));
  EXPECT_EQ(run_to_end(engine_).at(odd).error,
            "the step threw something that is not a std::exception");
  model_.before = nullptr;
  const RequestId fine = engine_.submit(request_with(0));
  EXPECT_EQ(run_to_end(engine_).at(fine).reason, FinishReason::length);
}

TEST_F(EngineFailure, OutputsOfTheWrongShapeFailTheStep) {
  model_.after = [](StepOutputs& out) { out.argmax.pop_back(); };
  const RequestId argmax = engine_.submit(request_with(0));
  EXPECT_EQ(run_to_end(engine_).at(argmax).error,
            "[step] wrong number of argmax values; expected 1; found 0");
  model_.after = [](StepOutputs& out) { out.argmax[0] = vocab; };
  const RequestId range = engine_.submit(request_with(0));
  EXPECT_EQ(run_to_end(engine_).at(range).error,
            "[step] argmax outside the vocabulary; expected 0 to 49; found 50");
  model_.after = [](StepOutputs& out) { out.logits.pop_back(); };
  const RequestId logits = engine_.submit(request_with(1));
  EXPECT_EQ(run_to_end(engine_).at(logits).error,
            "[step] wrong number of logits; expected 50; found 49");
}

TEST_F(EngineFailure, ABadRowFailsItsRequestOnly) {
  model_.after = [](StepOutputs& out) {
    if (out.argmax.size() == 2) out.logits[vocab + 7] = std::numeric_limits<float>::quiet_NaN();
  };
  const RequestId fine = engine_.submit(request_with(0.5F));
  const RequestId bad = engine_.submit(request_with(1));
  const auto outcomes = run_to_end(engine_);
  EXPECT_EQ(outcomes.at(bad).reason, FinishReason::failed);
  EXPECT_EQ(
      outcomes.at(bad).error,
      "[sampling] bad logit in row 1; expected numbers below infinity; found nan for token 7");
  EXPECT_EQ(outcomes.at(fine).tokens, reference_outcome(request_with(0.5F), 24, vocab).tokens);
  EXPECT_EQ(engine_.statistics().failed_steps, 0);
}

TEST_F(EngineFailure, ARefusedRequestChangesNothing) {
  Request request = request_with(0);
  request.prompt.clear();
  EXPECT_EQ(error_of([&] { engine_.submit(request); }),
            "input: [request] empty prompt; expected at least one token; found none");
  request.prompt = {vocab};
  EXPECT_NE(error_of([&] { engine_.submit(request); }), "nothing thrown");
  request.prompt.assign(24, 1);
  EXPECT_EQ(error_of([&] { engine_.submit(request); }),
            "input: [engine] the prompt does not fit into context; expected at most 23 tokens "
            "(context = 24); found 24 tokens");
  EXPECT_FALSE(engine_.has_work());
  EXPECT_EQ(engine_.submit(request_with(0)), 1U);  // refused requests use up no id
}

TEST_F(EngineFailure, LimitsAndModelAreCheckedAtTheStart) {
  EngineLimits limits = small_limits();
  limits.max_num_batched_tokens = 1;
  EXPECT_EQ(error_of([&] { Engine engine(model_, limits); }),
            "input: [engine] max_num_batched_tokens is out of range; expected at least 2; found 1");
  PagedFake empty(small_limits(), 0);
  EXPECT_EQ(error_of([&] { Engine engine(empty, small_limits()); }),
            "failure: [engine] the model has no vocabulary; expected at least 1 token; found 0");
}

// The device's cache survives a failed step: a sequence that was not part of it must be right.
TEST_F(EngineFailure, ASequenceOutsideTheFailedStepKeepsItsCache) {
  EngineLimits limits = small_limits();
  limits.max_num_seqs = 2;
  limits.max_num_batched_tokens = 2;
  PagedFake model(limits, vocab);
  Engine engine(model, limits);
  Request longer = request_with(0);
  longer.prompt.assign(9, 3);
  const RequestId half_prefilled = engine.submit(longer);
  engine.step();
  const RequestId doomed = engine.submit(request_with(0));
  // Both rows go to the half-prefilled sequence until it decodes, then one to each.
  model.before = [](const StepInputs& in) {
    if (in.seq_lens.size() == 2) fail_run("device", "lost");
  };
  auto outcomes = run_to_end(engine);
  EXPECT_EQ(outcomes.at(half_prefilled).reason, FinishReason::failed);
  EXPECT_EQ(outcomes.at(doomed).reason, FinishReason::failed);
  model.before = nullptr;
  const RequestId again = engine.submit(longer);  // over the cells that the failure left behind
  EXPECT_EQ(run_to_end(engine).at(again).tokens, reference_outcome(longer, 24, vocab).tokens);
}

}  // namespace
}  // namespace tenon::test::engine_failure_test
