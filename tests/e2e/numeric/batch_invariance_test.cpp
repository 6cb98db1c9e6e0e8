// On a batch-invariant backend a sequence's logits do not depend, bit for bit, on what runs beside
// it, on how its prompt is cut into pieces, nor on the block size of the KV cache.
#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "engine/engine.hpp"
#include "model_testing.hpp"
#include "tenon/open_model.hpp"

namespace tenon::batch_invariance_test {
namespace {

std::vector<std::vector<int32_t>> prompts() {
  std::vector<std::vector<int32_t>> all;
  for (int32_t i = 0; i < 8; ++i) {
    std::vector<int32_t> prompt(static_cast<size_t>(9 + 23 * i));
    for (size_t j = 0; j < prompt.size(); ++j)
      prompt[j] = (static_cast<int32_t>(j) * 37 + i * 101 + 5) % 2048;
    all.push_back(std::move(prompt));
  }
  return all;
}

struct Result {
  std::vector<float> logits;  // of every prompt position
  std::vector<int32_t> ids;   // greedy continuation
  int64_t steps = 0;          // of the engine
  int64_t preemptions = 0;    // of the engine
};

// Runs the prompts together on one engine.
std::vector<Result> run(const std::vector<std::vector<int32_t>>& together,
                        const std::vector<std::string>& settings) {
  const OpenedModel model = open_model(deployment_of(demo_checkpoint(), settings));
  Engine engine(*model.executor, model.limits);
  std::map<RequestId, size_t> index;
  std::vector<Result> results(together.size());
  for (size_t i = 0; i < together.size(); ++i) {
    Request request;
    request.prompt = together[i];
    request.max_new_tokens = 12;
    request.sampling.temperature = 0;
    request.ignore_eos = true;
    request.want_all_logits = true;
    index[engine.submit(request)] = i;
  }
  while (engine.has_work()) {
    for (const TokenEvent& event : engine.step()) {
      EXPECT_NE(event.reason, FinishReason::failed) << event.error;
      Result& result = results[index.at(event.request)];
      result.logits.insert(result.logits.end(), event.logits.begin(), event.logits.end());
      if (event.token) result.ids.push_back(*event.token);
    }
  }
  for (Result& result : results) {
    result.steps = engine.statistics().steps;
    result.preemptions = engine.statistics().preemptions;
  }
  return results;
}

void expect_same_bits(const Result& a, const Result& b) {
  ASSERT_EQ(a.logits.size(), b.logits.size());
  ASSERT_FALSE(a.logits.empty());
  EXPECT_EQ(std::memcmp(a.logits.data(), b.logits.data(), a.logits.size() * sizeof(float)), 0);
  EXPECT_EQ(a.ids, b.ids);
  EXPECT_EQ(a.ids.size(), 12U);
}

class BatchInvariance : public testing::Test {
 protected:
  const std::vector<std::vector<int32_t>> all = prompts();
  Result alone(size_t i) { return run({all[i]}, {"engine.block_size=16"})[0]; }
};

TEST_F(BatchInvariance, InABatchOfEight) {
  const std::vector<Result> together =
      run(all, {"engine.max_num_seqs=8", "engine.max_num_batched_tokens=2048"});
  for (size_t i = 0; i < all.size(); ++i) {
    SCOPED_TRACE(i);
    expect_same_bits(alone(i), together[i]);
  }
}

TEST_F(BatchInvariance, InPieces) {
  const size_t longest = all.size() - 1;
  const Result whole = alone(longest);
  for (const char* rows : {"1", "7", "16", "64"}) {
    SCOPED_TRACE(rows);
    const Result pieces =
        run({all[longest]},
            {"engine.max_num_seqs=1", std::string("engine.max_num_batched_tokens=") + rows})[0];
    EXPECT_GT(pieces.steps, whole.steps);
    expect_same_bits(whole, pieces);
  }
}

TEST_F(BatchInvariance, WithOtherBlockSizes) {
  const Result blocks_of_16 = alone(5);
  for (const char* size : {"1", "32", "128"}) {
    SCOPED_TRACE(size);
    expect_same_bits(blocks_of_16, run({all[5]}, {std::string("engine.block_size=") + size})[0]);
  }
}

TEST_F(BatchInvariance, InPiecesBesideOthersInOtherBlocks) {
  const std::vector<Result> together = run(
      all, {"engine.max_num_seqs=8", "engine.max_num_batched_tokens=24", "engine.block_size=128"});
  for (size_t i = 0; i < all.size(); ++i) {
    SCOPED_TRACE(i);
    expect_same_bits(alone(i), together[i]);
  }
}

TEST_F(BatchInvariance, UnderPreemption) {
  // The prompts fill the pool but for one block, so that decoding soon needs one that is not there:
  // a sequence is thrown out and computed again.
  size_t blocks = 1;
  for (const std::vector<int32_t>& prompt : all)
    blocks += (prompt.size() + 15) / 16;
  const size_t block_bytes = 16 * 2 * 2 * 64 * 4 * 5;  // tokens, k+v, kv heads, width, f32, layers
  const std::vector<Result> together =
      run(all, {"engine.max_num_seqs=8",
                "engine.kv_cache=\"" + std::to_string(block_bytes * blocks) + "B\""});
  EXPECT_GT(together[0].preemptions, 0);
  for (size_t i = 0; i < all.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(alone(i).ids, together[i].ids);
  }
}

}  // namespace
}  // namespace tenon::batch_invariance_test
