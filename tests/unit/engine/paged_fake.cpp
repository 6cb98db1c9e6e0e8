#include "paged_fake.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "engine/random.hpp"

namespace tenon::test {

std::vector<float> model_logits(std::span<const int32_t> history, int32_t vocab) {
  uint64_t state = 17;
  for (const int32_t token : history)
    state = random_bits(state, static_cast<uint64_t>(token));
  std::vector<float> logits;
  for (int32_t id = 0; id < vocab; ++id) {
    const double uniform = random_uniform(state, static_cast<uint64_t>(id));
    logits.push_back(static_cast<float>(8.0 * uniform - 4.0));
  }
  return logits;
}

int32_t first_argmax(std::span<const float> logits) {
  return static_cast<int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

PagedFake::PagedFake(const EngineLimits& limits, int32_t vocab)
    : limits_(limits),
      vocab_(vocab),
      cache_(static_cast<size_t>(limits.block_count) * static_cast<size_t>(limits.block_size)) {}

void PagedFake::check_shapes(const StepInputs& in) const {
  const size_t tokens = in.token_ids.size();
  const size_t sequences = in.seq_lens.size();
  ASSERT_GT(tokens, 0U);
  EXPECT_LE(tokens, static_cast<size_t>(limits_.max_num_batched_tokens));
  EXPECT_LE(sequences, static_cast<size_t>(limits_.max_num_seqs));
  ASSERT_EQ(in.positions.size(), tokens);
  ASSERT_EQ(in.slot_mapping.size(), tokens);
  ASSERT_EQ(in.query_start_loc.size(), sequences + 1);
  ASSERT_EQ(in.query_start_loc.front(), 0);
  ASSERT_EQ(in.query_start_loc.back(), static_cast<int32_t>(tokens));
  ASSERT_EQ(in.block_table.size(), sequences * static_cast<size_t>(in.block_table_width));
  EXPECT_TRUE(std::is_sorted(in.logit_rows.begin(), in.logit_rows.end()));
  const std::set<int32_t> rows(in.logit_rows.begin(), in.logit_rows.end());
  EXPECT_EQ(rows.size(), in.logit_rows.size());
  const std::set<int32_t> slots(in.slot_mapping.begin(), in.slot_mapping.end());
  EXPECT_EQ(slots.size(), tokens) << "two rows write the same slot";
}

void PagedFake::write_rows(const StepInputs& in) {
  for (size_t s = 0; s < in.seq_lens.size(); ++s) {
    const int32_t begin = in.query_start_loc[s];
    const int32_t end = in.query_start_loc[s + 1];
    EXPECT_LT(begin, end);
    for (int32_t row = begin; row < end; ++row) {
      const auto r = static_cast<size_t>(row);
      EXPECT_EQ(in.positions[r], in.seq_lens[s] - (end - row));
      cache_.at(static_cast<size_t>(in.slot_mapping[r])) = {in.token_ids[r], in.positions[r]};
    }
  }
}

std::vector<int32_t> PagedFake::read_history(const StepInputs& in, size_t sequence,
                                             int32_t length) const {
  std::vector<int32_t> history;
  const int32_t size = limits_.block_size;
  for (int32_t position = 0; position < length; ++position) {
    const size_t column = static_cast<size_t>(position / size);
    const int32_t block =
        in.block_table.at(sequence * static_cast<size_t>(in.block_table_width) + column);
    const Cell& cell = cache_.at(static_cast<size_t>(block * size + position % size));
    EXPECT_EQ(cell.position, position) << "a slot holds something else than its position";
    history.push_back(cell.token);
  }
  return history;
}

StepOutputs PagedFake::run(const StepInputs& in) {
  steps.push_back(in);
  if (before) before(in);
  check_shapes(in);
  write_rows(in);
  StepOutputs out;
  size_t sequence = 0;
  for (const int32_t row : in.logit_rows) {
    while (row >= in.query_start_loc[sequence + 1])
      ++sequence;
    const int32_t length = in.positions[static_cast<size_t>(row)] + 1;
    const std::vector<float> logits = model_logits(read_history(in, sequence, length), vocab_);
    out.argmax.push_back(first_argmax(logits));
    if (in.want_logits) out.logits.insert(out.logits.end(), logits.begin(), logits.end());
  }
  if (after) after(out);
  return out;
}

Outcome reference_outcome(const Request& request, int32_t context, int32_t vocab) {
  Outcome outcome;
  std::vector<int32_t> tokens = request.prompt;
  if (request.want_all_logits) {
    for (size_t n = 1; n <= tokens.size(); ++n) {
      const std::vector<float> row = model_logits(std::span(tokens).first(n), vocab);
      outcome.logits.insert(outcome.logits.end(), row.begin(), row.end());
    }
  }
  Sampler sampler(request.sampling);
  SamplingScratch scratch;
  const auto& stops = request.stop_token_ids;
  outcome.reason = FinishReason::length;
  while (static_cast<int32_t>(outcome.tokens.size()) < request.max_new_tokens &&
         static_cast<int32_t>(tokens.size()) < context) {
    const std::vector<float> logits = model_logits(tokens, vocab);
    const int32_t token = sampler.needs_logits() ? sampler.sample(logits, tokens, 0, scratch).token
                                                 : first_argmax(logits);
    tokens.push_back(token);
    outcome.tokens.push_back(token);
    if (!request.ignore_eos && std::count(stops.begin(), stops.end(), token) > 0) {
      outcome.reason = FinishReason::stop;
      break;
    }
  }
  return outcome;
}

void collect(const std::vector<TokenEvent>& events, std::map<RequestId, Outcome>& outcomes) {
  for (const TokenEvent& event : events) {
    Outcome& outcome = outcomes[event.request];
    EXPECT_EQ(outcome.reason, FinishReason::none) << "an event after the end of the request";
    if (event.token) {
      EXPECT_EQ(event.index, static_cast<int32_t>(outcome.tokens.size()));
      outcome.tokens.push_back(*event.token);
    }
    outcome.logits.insert(outcome.logits.end(), event.logits.begin(), event.logits.end());
    EXPECT_EQ(event.finished, event.reason != FinishReason::none);
    EXPECT_EQ(event.reason == FinishReason::failed, !event.error.empty());
    outcome.reason = event.reason;
    outcome.error = event.error;
  }
}

std::map<RequestId, Outcome> run_to_end(Engine& engine) {
  std::map<RequestId, Outcome> outcomes;
  for (int64_t i = 0; engine.has_work() && i < 100000; ++i)
    collect(engine.step(), outcomes);
  EXPECT_FALSE(engine.has_work()) << "the engine does not come to an end";
  EXPECT_EQ(engine.blocks().used_count(), 0) << "blocks are still in use after the last request";
  return outcomes;
}

std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& e) {
    return (e.kind() == ErrorKind::input ? "input: " : "failure: ") + std::string(e.what());
  }
  return "nothing thrown";
}

}  // namespace tenon::test
