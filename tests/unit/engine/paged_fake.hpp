// A model whose logits depend on the whole token history, which it reads back through a paged cache
// as a real one would: a wrong slot, block table or length gives wrong tokens.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace tenon::test {

// The logits after `history`, [vocab], in [-4, 4).
std::vector<float> model_logits(std::span<const int32_t> history, int32_t vocab);

// The lowest id with the highest logit.
int32_t first_argmax(std::span<const float> logits);

class PagedFake final : public StepRunner {
 public:
  PagedFake(const EngineLimits& limits, int32_t vocab);

  // Also reports a test failure when the inputs contradict each other.
  StepOutputs run(const StepInputs& inputs) override;
  int32_t vocab_size() const override { return vocab_; }

  std::vector<StepInputs> steps;                  // everything that was run
  std::function<void(const StepInputs&)> before;  // may throw, to make a step fail
  std::function<void(StepOutputs&)> after;        // may spoil the outputs

 private:
  struct Cell {
    int32_t token = -1;
    int32_t position = -1;
  };
  void check_shapes(const StepInputs& inputs) const;
  void write_rows(const StepInputs& inputs);
  std::vector<int32_t> read_history(const StepInputs& inputs, size_t sequence,
                                    int32_t length) const;

  EngineLimits limits_;
  int32_t vocab_;
  std::vector<Cell> cache_;  // [block_count * block_size]
};

// What one request came to.
struct Outcome {
  std::vector<int32_t> tokens;
  std::vector<float> logits;  // of all events, one after the other
  FinishReason reason = FinishReason::none;
  std::string error;
};

// The continuation computed directly, without engine, batches or cache.
Outcome reference_outcome(const Request& request, int32_t context, int32_t vocab);

// Adds the events of a step to the outcomes, checking positions, indices and that nothing follows
// the end of a request.
void collect(const std::vector<TokenEvent>& events, std::map<RequestId, Outcome>& outcomes);

// Steps until there is no work, and expects that every block is free then.
std::map<RequestId, Outcome> run_to_end(Engine& engine);

// The message of the tenon::Error that `call` throws, with its kind in front ("input: ..."), or
// "nothing thrown".
std::string error_of(const std::function<void()>& call);

}  // namespace tenon::test
