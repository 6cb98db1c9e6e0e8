// A request gives the same tokens however it is batched, chunked, paged, preempted or disturbed.
#include <gtest/gtest.h>

#include <ostream>

#include "engine/random.hpp"
#include "paged_fake.hpp"

namespace tenon::test::engine_equality_test {
namespace {

constexpr int32_t vocab = 61;

struct Setting {
  int32_t max_num_seqs;
  int32_t rows;
  int32_t block_size;
  int32_t block_count;
  bool preempts;  // the pool is too small for the workload below
};

std::ostream& operator<<(std::ostream& out, const Setting& s) {
  return out << s.max_num_seqs << " sequences, " << s.rows << " rows, " << s.block_count
             << " blocks of " << s.block_size;
}

EngineLimits limits_of(const Setting& s) {
  EngineLimits limits;
  limits.max_num_seqs = s.max_num_seqs;
  limits.max_num_batched_tokens = s.rows;
  limits.context = 96;
  limits.block_size = s.block_size;
  limits.block_count = s.block_count;
  limits.max_logit_rows = 5;
  return limits;
}

// Random numbers for workloads, the same on every platform.
class Dice {
 public:
  explicit Dice(uint64_t seed) : seed_(seed) {}
  int32_t roll(int32_t below) {
    return static_cast<int32_t>(random_uniform(seed_, counter_++) * below);
  }

 private:
  uint64_t seed_;
  uint64_t counter_ = 0;
};

Request random_request(Dice& dice) {
  Request request;
  const int32_t length = 1 + dice.roll(dice.roll(3) == 0 ? 60 : 12);
  for (int32_t i = 0; i < length; ++i)
    request.prompt.push_back(dice.roll(vocab));
  request.max_new_tokens = 1 + dice.roll(40);
  request.sampling.temperature = dice.roll(2) == 0 ? 0.0F : 0.9F;
  request.sampling.seed = static_cast<uint64_t>(dice.roll(1000));
  if (dice.roll(3) == 0) request.sampling.top_k = 1 + dice.roll(20);
  if (dice.roll(3) == 0) request.sampling.repetition_penalty = 1.2F;
  if (dice.roll(2) == 0) request.stop_token_ids = {dice.roll(vocab), dice.roll(vocab)};
  request.ignore_eos = dice.roll(4) == 0;
  request.want_all_logits = dice.roll(5) == 0;
  return request;
}

void expect_as_reference(const Outcome& found, const Request& request) {
  const Outcome expected = reference_outcome(request, 96, vocab);
  EXPECT_EQ(found.tokens, expected.tokens);
  EXPECT_EQ(found.logits, expected.logits);
  EXPECT_EQ(found.reason, expected.reason);
  EXPECT_EQ(found.error, "");
}

class Equality : public testing::TestWithParam<Setting> {};

TEST_P(Equality, AloneInTheEngine) {
  Dice dice(1);
  for (int i = 0; i < 10; ++i) {
    PagedFake model(limits_of(GetParam()), vocab);
    Engine engine(model, limits_of(GetParam()));
    const Request request = random_request(dice);
    const RequestId id = engine.submit(request);
    expect_as_reference(run_to_end(engine).at(id), request);
  }
}

TEST_P(Equality, AllAtOnce) {
  PagedFake model(limits_of(GetParam()), vocab);
  Engine engine(model, limits_of(GetParam()));
  Dice dice(2);
  std::map<RequestId, Request> requests;
  for (int i = 0; i < 24; ++i) {
    const Request request = random_request(dice);
    requests[engine.submit(request)] = request;
  }
  const auto outcomes = run_to_end(engine);
  ASSERT_EQ(outcomes.size(), requests.size());
  for (const auto& [id, request] : requests)
    expect_as_reference(outcomes.at(id), request);
  EXPECT_EQ(engine.statistics().preemptions > 0, GetParam().preempts);
}

TEST_P(Equality, ArrivingAndCancelledInBetween) {
  for (uint64_t round = 0; round < 8; ++round) {
    PagedFake model(limits_of(GetParam()), vocab);
    Engine engine(model, limits_of(GetParam()));
    Dice dice(100 + round);
    std::map<RequestId, Request> requests;
    std::map<RequestId, Outcome> outcomes;
    int cancelled = 0;
    for (int i = 0; i < 60; ++i) {
      if (dice.roll(2) == 0) {
        const Request request = random_request(dice);
        requests[engine.submit(request)] = request;
      }
      if (dice.roll(6) == 0 && !requests.empty()) {
        const int32_t number = 1 + dice.roll(static_cast<int32_t>(requests.size()));
        const auto id = static_cast<RequestId>(number);
        if (engine.cancel(id)) ++cancelled;
      }
      collect(engine.step(), outcomes);
    }
    while (engine.has_work())
      collect(engine.step(), outcomes);
    EXPECT_EQ(engine.blocks().used_count(), 0);
    EXPECT_GT(cancelled, 0);
    ASSERT_EQ(outcomes.size(), requests.size());
    for (const auto& [id, request] : requests) {
      const Outcome& found = outcomes.at(id);
      if (found.reason != FinishReason::cancelled) {
        expect_as_reference(found, request);
        continue;
      }
      --cancelled;
      Outcome expected = reference_outcome(request, 96, vocab);
      ASSERT_LE(found.tokens.size(), expected.tokens.size());
      expected.tokens.resize(found.tokens.size());
      EXPECT_EQ(found.tokens, expected.tokens);  // right as far as it went
    }
    EXPECT_EQ(cancelled, 0) << "a cancelled request was not reported as such";
  }
}

// A request may keep 95 positions, so 6 blocks of 16 are the smallest pool that takes any.
INSTANTIATE_TEST_SUITE_P(
    Settings, Equality,
    testing::Values(Setting{1, 1, 16, 6, false}, Setting{1, 512, 1, 95, false},
                    Setting{8, 512, 16, 64, false}, Setting{8, 512, 1, 800, false},
                    Setting{8, 512, 128, 8, false}, Setting{24, 4096, 16, 200, false},
                    Setting{8, 8, 16, 64, false}, Setting{8, 13, 3, 300, false},
                    Setting{8, 64, 16, 6, true}, Setting{8, 11, 1, 95, true},
                    Setting{24, 32, 4, 24, true}, Setting{24, 4096, 5, 19, true}));

TEST(Preemption, RunsTokensAgainAndCountsThem) {
  EngineLimits limits = limits_of({4, 64, 4, 8, true});
  limits.context = 32;
  PagedFake model(limits, vocab);
  Engine engine(model, limits);
  Request request;
  request.prompt = {1, 2, 3, 4, 5, 6};
  request.max_new_tokens = 20;
  request.sampling.temperature = 0.7F;
  for (uint64_t i = 0; i < 4; ++i) {
    request.sampling.seed = i;
    engine.submit(request);
  }
  const auto outcomes = run_to_end(engine);
  for (uint64_t i = 0; i < 4; ++i) {
    request.sampling.seed = i;
    EXPECT_EQ(outcomes.at(i + 1).tokens, reference_outcome(request, 32, vocab).tokens);
  }
  const EngineStatistics statistics = engine.statistics();
  EXPECT_GT(statistics.preemptions, 0);
  EXPECT_GT(statistics.recomputed_tokens, 0);
  EXPECT_EQ(statistics.prefill_tokens, 4 * 6);
  EXPECT_EQ(statistics.decode_tokens, 4 * 19);  // the last token of each is never run
  EXPECT_EQ(statistics.generated_tokens, 4 * 20);
  EXPECT_EQ(statistics.peak_blocks, 8);
  size_t rows = 0;
  for (const StepInputs& step : model.steps)
    rows += step.token_ids.size();
  EXPECT_EQ(static_cast<int64_t>(rows),
            statistics.prefill_tokens + statistics.decode_tokens + statistics.recomputed_tokens);
}

}  // namespace
}  // namespace tenon::test::engine_equality_test
