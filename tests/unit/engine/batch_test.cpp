#include "engine/batch.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "paged_fake.hpp"

namespace tenon::batch_test {
namespace {

using Ids = std::vector<int32_t>;

std::unique_ptr<Sequence> sequence(Ids prompt, Ids generated, int32_t computed, Ids blocks,
                                   bool want_all_logits = false, float temperature = 0) {
  Request request;
  request.prompt = std::move(prompt);
  request.want_all_logits = want_all_logits;
  request.sampling.temperature = temperature;
  auto result = std::make_unique<Sequence>(1, std::move(request));
  result->tokens.insert(result->tokens.end(), generated.begin(), generated.end());
  result->computed = computed;
  result->ever_computed = computed;
  result->table = {std::move(blocks), 4};
  return result;
}

TEST(StepInputs, MixedStepExactly) {
  const auto decode = sequence({11, 12, 13, 14}, {15, 16}, 5, {9, 2});
  const auto chunk = sequence({21, 22, 23, 24, 25, 26, 27, 28, 29, 30}, {}, 3, {4, 0, 7});
  const auto last_chunk = sequence({31, 32}, {}, 0, {5});
  const StepInputs in =
      make_step_inputs({{decode.get(), 1}, {chunk.get(), 3}, {last_chunk.get(), 2}});
  EXPECT_EQ(in.token_ids, (Ids{16, 24, 25, 26, 31, 32}));
  EXPECT_EQ(in.positions, (Ids{5, 3, 4, 5, 0, 1}));
  EXPECT_EQ(in.slot_mapping, (Ids{9, 19, 0, 1, 20, 21}));
  EXPECT_EQ(in.query_start_loc, (Ids{0, 1, 4, 6}));
  EXPECT_EQ(in.seq_lens, (Ids{6, 6, 2}));
  EXPECT_EQ(in.block_table_width, 2);  // the third block of the chunked prompt is not needed yet
  EXPECT_EQ(in.block_table, (Ids{9, 2, 4, 0, 5, 0}));
  EXPECT_EQ(in.logit_rows, (Ids{0, 5}));  // none from the middle of a prompt
  EXPECT_FALSE(in.want_logits);
}

TEST(StepInputs, LogitsAreWantedOnlyWhereTheyAreUsed) {
  const auto greedy = sequence({1, 2}, {}, 0, {0});
  const auto sampled = sequence({1, 2, 3}, {}, 0, {1}, false, 0.8F);
  EXPECT_FALSE(make_step_inputs({{greedy.get(), 2}}).want_logits);
  EXPECT_FALSE(make_step_inputs({{greedy.get(), 2}, {sampled.get(), 2}}).want_logits);
  EXPECT_TRUE(make_step_inputs({{greedy.get(), 2}, {sampled.get(), 3}}).want_logits);
}

TEST(StepInputs, AllLogitsAreThoseOfThePrompt) {
  const auto evaluated = sequence({1, 2, 3, 4}, {}, 1, {0}, true);
  StepInputs in = make_step_inputs({{evaluated.get(), 2}});
  EXPECT_EQ(in.logit_rows, (Ids{0, 1}));
  EXPECT_TRUE(in.want_logits);
  const auto decoding = sequence({1, 2}, {3}, 2, {0}, true);
  in = make_step_inputs({{decoding.get(), 1}});
  EXPECT_EQ(in.logit_rows, (Ids{0}));
  EXPECT_FALSE(in.want_logits);
}

TEST(StepInputs, ReportedLogitsAreNotWantedAgain) {
  const auto preempted = sequence({1, 2, 3, 4}, {5, 6}, 5, {0, 1}, true);
  preempted->computed = 0;
  EXPECT_EQ(make_step_inputs({{preempted.get(), 6}}).logit_rows, (Ids{5}));
  const auto half = sequence({1, 2, 3, 4}, {}, 2, {0}, true);
  half->computed = 0;
  EXPECT_EQ(make_step_inputs({{half.get(), 4}}).logit_rows, (Ids{2, 3}));
}

TEST(StepOutputs, ShapesAndIdsAreChecked) {
  StepInputs in;
  in.logit_rows = {0, 3};
  in.want_logits = true;
  StepOutputs out;
  const auto error = [&] { return test::error_of([&] { check_step_outputs(out, in, 10); }); };
  out.argmax = {1};
  EXPECT_EQ(error(), "failure: [step] wrong number of argmax values; expected 2; found 1");
  out.argmax = {1, 10};
  EXPECT_EQ(error(), "failure: [step] argmax outside the vocabulary; expected 0 to 9; found 10");
  out.argmax = {-1, 1};
  EXPECT_EQ(error(), "failure: [step] argmax outside the vocabulary; expected 0 to 9; found -1");
  out.argmax = {1, 9};
  out.logits.resize(19);
  EXPECT_EQ(error(), "failure: [step] wrong number of logits; expected 20; found 19");
  out.logits.resize(20);
  EXPECT_EQ(error(), "nothing thrown");
  in.want_logits = false;
  out.logits.clear();
  EXPECT_EQ(error(), "nothing thrown");
}

}  // namespace
}  // namespace tenon::batch_test
