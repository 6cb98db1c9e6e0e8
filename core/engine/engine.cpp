#include "engine/engine.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <span>
#include <utility>

#include "base/error.hpp"
#include "engine/batch.hpp"

namespace tenon {
namespace {

FinishReason reason_after_token(const Sequence& sequence, const EngineLimits& limits) {
  const Request& request = sequence.request;
  const auto& stops = request.stop_token_ids;
  if (!request.ignore_eos &&
      std::find(stops.begin(), stops.end(), sequence.tokens.back()) != stops.end()) {
    return FinishReason::stop;
  }
  const int32_t generated = sequence.size() - sequence.prompt_size();
  const bool full = generated >= request.max_new_tokens || sequence.size() >= limits.context;
  return full ? FinishReason::length : FinishReason::none;
}

TokenEvent final_event(RequestId id, FinishReason reason, std::string error = {}) {
  TokenEvent event;
  event.request = id;
  event.finished = true;
  event.reason = reason;
  event.error = std::move(error);
  return event;
}

int32_t checked_vocab_size(const StepRunner& runner) {
  const int32_t size = runner.vocab_size();
  if (size < 1)
    fail_run("engine", "the model has no vocabulary", "at least 1 token", std::to_string(size));
  return size;
}

}  // namespace

Engine::Engine(StepRunner& runner, const EngineLimits& limits)
    : runner_(runner),
      limits_(limits),
      vocab_size_(checked_vocab_size(runner)),
      scheduler_(limits) {}

RequestId Engine::submit(Request request) {
  check_request(request, limits_, vocab_size_);
  scheduler_.add(std::make_unique<Sequence>(last_id_ + 1, std::move(request)));
  return ++last_id_;
}

bool Engine::cancel(RequestId id) {
  if (!scheduler_.remove(id)) return false;
  pending_.push_back(final_event(id, FinishReason::cancelled));
  return true;
}

void Engine::fail(RequestId id, const std::string& error) {
  scheduler_.remove(id);
  pending_.push_back(final_event(id, FinishReason::failed, error));
}

std::vector<TokenEvent> Engine::step() {
  const std::vector<Slice> slices = scheduler_.plan();
  if (slices.empty()) return std::exchange(pending_, {});
  ++statistics_.steps;
  const StepInputs inputs = make_step_inputs(slices);
  StepOutputs outputs;
  std::string error;
  try {
    outputs = runner_.run(inputs);
    check_step_outputs(outputs, inputs, vocab_size_);
  } catch (const std::exception& e) {
    error = e.what();
    if (error.empty()) error = "the step failed without a message";
  } catch (...) {
    error = "the step threw something that is not a std::exception";
  }
  if (!error.empty()) {
    ++statistics_.failed_steps;
    for (const Slice& slice : slices)
      fail(slice.sequence->id, error);
    return std::exchange(pending_, {});
  }
  size_t row = 0;
  for (const Slice& slice : slices) {
    const auto rows = static_cast<size_t>(slice.sequence->logit_positions(slice.count).size());
    deliver(slice, row, outputs);
    row += rows;
  }
  return std::exchange(pending_, {});
}

void Engine::deliver(const Slice& slice, size_t first_row, StepOutputs& outputs) {
  Sequence& sequence = *slice.sequence;
  const RowSpan rows{first_row, sequence.logit_positions(slice.count)};
  const bool samples = sequence.samples_after(slice.count);
  count_rows(sequence, slice.count);
  sequence.computed += slice.count;
  sequence.ever_computed = std::max(sequence.ever_computed, sequence.computed);

  TokenEvent event;
  event.request = sequence.id;
  try {
    if (samples) {
      const size_t last_row = first_row + static_cast<size_t>(rows.positions.size()) - 1;
      choose_token(sequence, last_row, outputs, event);
    } else if (sequence.pending() == 0) {
      event.reason = FinishReason::length;  // evaluated only, nothing to generate
    }
    take_logits(sequence, rows, outputs, event);
  } catch (const std::exception& e) {
    fail(sequence.id, e.what());
    return;
  }
  event.finished = event.reason != FinishReason::none;
  if (event.finished) scheduler_.remove(event.request);
  const bool says_something = event.finished || event.token || !event.logits.empty();
  if (says_something) pending_.push_back(std::move(event));
}

void Engine::count_rows(const Sequence& sequence, int32_t count) {
  for (int32_t p = sequence.computed; p < sequence.computed + count; ++p) {
    if (p < sequence.ever_computed) {
      ++statistics_.recomputed_tokens;
    } else if (p < sequence.prompt_size()) {
      ++statistics_.prefill_tokens;
    } else {
      ++statistics_.decode_tokens;
    }
  }
}

void Engine::choose_token(Sequence& sequence, size_t row, const StepOutputs& outputs,
                          TokenEvent& event) {
  Sample sample;
  if (sequence.sampler.needs_logits()) {
    const auto vocab = static_cast<size_t>(vocab_size_);
    const std::span<const float> logits(outputs.logits.data() + row * vocab, vocab);
    sample = sequence.sampler.sample(logits, sequence.tokens, static_cast<int64_t>(row), scratch_);
  } else {
    // Even when other requests brought the logits along: the result must not depend on them.
    sample.token = outputs.argmax[row];
  }
  event.token = sample.token;
  event.logprob = sample.logprob;
  event.position = sequence.size();
  event.index = sequence.size() - sequence.prompt_size();
  sequence.tokens.push_back(sample.token);
  ++statistics_.generated_tokens;
  event.reason = reason_after_token(sequence, limits_);
}

void Engine::take_logits(const Sequence& sequence, const RowSpan& rows, StepOutputs& outputs,
                         TokenEvent& event) const {
  if (!sequence.request.want_all_logits || rows.positions.size() == 0 ||
      rows.positions.begin >= sequence.prompt_size()) {
    return;
  }
  event.first_logit_position = rows.positions.begin;
  const size_t begin = rows.first * static_cast<size_t>(vocab_size_);
  const size_t size = static_cast<size_t>(rows.positions.size()) * static_cast<size_t>(vocab_size_);
  if (size == outputs.logits.size()) {
    event.logits = std::move(outputs.logits);
  } else {
    const auto from = outputs.logits.begin() + static_cast<std::ptrdiff_t>(begin);
    event.logits.assign(from, from + static_cast<std::ptrdiff_t>(size));
  }
}

EngineStatistics Engine::statistics() const {
  EngineStatistics result = statistics_;
  result.preemptions = scheduler_.preemptions();
  result.peak_blocks = scheduler_.blocks().peak_used();
  return result;
}

}  // namespace tenon
