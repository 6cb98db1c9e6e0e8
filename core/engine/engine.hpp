// Continuous batching: many requests, one step at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/admission.hpp"
#include "engine/request.hpp"
#include "engine/sampling.hpp"
#include "engine/scheduler.hpp"
#include "engine/step.hpp"

namespace tenon {

enum class FinishReason {
  none,       // not finished
  stop,       // a stop token was generated
  length,     // max_new_tokens or the context is reached
  cancelled,  // cancel()
  failed,     // see TokenEvent::error
};

// What happened to one request: a token, rows of logits, its end, or several of these at once.
// After an event with `finished` there is none for that request any more.
struct TokenEvent {
  RequestId request = 0;
  std::optional<int32_t> token;
  int32_t position = -1;         // of the token, counted from the start of the prompt
  int32_t index = -1;            // of the token among the generated ones, from 0
  std::optional<float> logprob;  // as Sample::logprob
  bool finished = false;
  FinishReason reason = FinishReason::none;
  std::string error;  // of a failed request
  // With want_all_logits: [n, vocab_size], the logits computed at the prompt positions
  // first_logit_position ... + n - 1 (those of position i predict the token at i + 1). Every prompt
  // position is reported once, in order, over as many events as it takes.
  std::vector<float> logits;
  int32_t first_logit_position = -1;
};

// Counts since the engine was made. Rows of failed steps count as steps only.
struct EngineStatistics {
  int64_t steps = 0;
  int64_t failed_steps = 0;
  int64_t prefill_tokens = 0;     // prompt tokens run for the first time
  int64_t decode_tokens = 0;      // generated tokens run for the first time
  int64_t recomputed_tokens = 0;  // tokens run again after a preemption
  int64_t generated_tokens = 0;
  int64_t preemptions = 0;
  int32_t peak_blocks = 0;
};

// Single-threaded: one thread calls submit, cancel and step, or the callers take a lock.
class Engine {
 public:
  // The runner must outlive the engine. Its cache must have limits.block_count blocks of
  // limits.block_size positions. Throws Error{input} for limits out of range.
  Engine(StepRunner& runner, const EngineLimits& limits);

  // Throws as check_request; then nothing has changed.
  RequestId submit(Request request);
  // Ends a request and frees its blocks at once; the next step() reports it. False if the request
  // is unknown or has finished.
  bool cancel(RequestId id);

  bool has_work() const { return !pending_.empty() || !scheduler_.empty(); }
  // Runs one step and returns its events. When the runner throws, the requests of that step fail
  // with its text and the engine goes on with the others; when a row of logits cannot be sampled,
  // only its request fails.
  std::vector<TokenEvent> step();

  EngineStatistics statistics() const;
  const EngineLimits& limits() const { return limits_; }
  const BlockPool& blocks() const { return scheduler_.blocks(); }

 private:
  // Where the rows of one slice lie in the outputs.
  struct RowSpan {
    size_t first;
    PositionRange positions;
  };
  void deliver(const Slice& slice, size_t first_row, StepOutputs& outputs);
  void count_rows(const Sequence& sequence, int32_t count);
  void choose_token(Sequence& sequence, size_t row, const StepOutputs& outputs, TokenEvent& event);
  void take_logits(const Sequence& sequence, const RowSpan& rows, StepOutputs& outputs,
                   TokenEvent& event) const;
  void fail(RequestId id, const std::string& error);

  StepRunner& runner_;
  EngineLimits limits_;
  int32_t vocab_size_;
  Scheduler scheduler_;
  SamplingScratch scratch_;
  std::vector<TokenEvent> pending_;  // events that the next return of step() hands out
  EngineStatistics statistics_;
  RequestId last_id_ = 0;
};

}  // namespace tenon
