// One execution of the model for a batch of sequences, as the engine sees it. Names are vLLM's.
#pragma once

#include <cstdint>
#include <vector>

namespace tenon {

// Rows are the tokens of all sequences laid end to end: first the sequences that decode (one row
// each), then those that prefill. A slot is block * block_size + offset in the block. Every slot a
// row may read was written by this step or an earlier one.
struct StepInputs {
  std::vector<int32_t> token_ids;        // [tokens]
  std::vector<int32_t> positions;        // [tokens], from 0 in each sequence
  std::vector<int32_t> slot_mapping;     // [tokens], where the row's keys and values are written
  std::vector<int32_t> query_start_loc;  // [sequences + 1], first row of each sequence
  std::vector<int32_t> seq_lens;         // [sequences], context including this step's tokens
  std::vector<int32_t> block_table;      // [sequences, block_table_width], unused entries are 0
  int32_t block_table_width = 0;         // blocks of the longest sequence of this step
  std::vector<int32_t> logit_rows;       // ascending rows whose logits are wanted; may be empty
  bool want_logits = false;              // false: argmax alone suffices
};

struct StepOutputs {
  std::vector<int32_t> argmax;  // [logit_rows], ties go to the lowest id
  std::vector<float> logits;    // [logit_rows, vocab_size], may be empty unless want_logits
};

// Executes steps; implemented on devices. `run` returns when the outputs are on the host. It may
// throw: then the requests of that step fail and later steps must work again. Called from one
// thread at a time.
class StepRunner {
 public:
  StepRunner() = default;
  StepRunner(const StepRunner&) = delete;
  StepRunner& operator=(const StepRunner&) = delete;
  virtual ~StepRunner();

  virtual StepOutputs run(const StepInputs& inputs) = 0;
  virtual int32_t vocab_size() const = 0;  // constant, at least 1
};

}  // namespace tenon
