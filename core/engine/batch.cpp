#include "engine/batch.hpp"

#include <algorithm>
#include <string>

#include "base/error.hpp"

namespace tenon {
namespace {

void append_rows(const Slice& slice, StepInputs& inputs) {
  const Sequence& sequence = *slice.sequence;
  const int32_t end = sequence.computed + slice.count;
  const PositionRange logits = sequence.logit_positions(slice.count);
  for (int32_t position = sequence.computed; position < end; ++position) {
    if (position >= logits.begin && position < logits.end) {
      inputs.logit_rows.push_back(static_cast<int32_t>(inputs.token_ids.size()));
    }
    inputs.token_ids.push_back(sequence.tokens[static_cast<size_t>(position)]);
    inputs.positions.push_back(position);
    inputs.slot_mapping.push_back(sequence.table.slot(position));
  }
  inputs.query_start_loc.push_back(static_cast<int32_t>(inputs.token_ids.size()));
  inputs.seq_lens.push_back(end);
}

bool wants_logits(const Slice& slice) {
  const Sequence& sequence = *slice.sequence;
  const PositionRange range = sequence.logit_positions(slice.count);
  if (range.size() == 0) return false;
  const bool prompt_rows = sequence.request.want_all_logits && range.begin < sequence.prompt_size();
  return prompt_rows || sequence.sampler.needs_logits();
}

void fill_block_table(const std::vector<Slice>& slices, StepInputs& inputs) {
  std::vector<int32_t> used;
  used.reserve(slices.size());
  for (size_t i = 0; i < slices.size(); ++i) {
    used.push_back(blocks_for(inputs.seq_lens[i], slices[i].sequence->table.block_size));
    inputs.block_table_width = std::max(inputs.block_table_width, used[i]);
  }
  const auto width = static_cast<size_t>(inputs.block_table_width);
  inputs.block_table.assign(slices.size() * width, 0);
  for (size_t i = 0; i < slices.size(); ++i) {
    std::copy_n(slices[i].sequence->table.blocks.begin(), used[i],
                inputs.block_table.begin() + static_cast<std::ptrdiff_t>(i * width));
  }
}

}  // namespace

StepInputs make_step_inputs(const std::vector<Slice>& slices) {
  StepInputs inputs;
  inputs.query_start_loc.push_back(0);
  for (const Slice& slice : slices) {
    append_rows(slice, inputs);
    inputs.want_logits = inputs.want_logits || wants_logits(slice);
  }
  fill_block_table(slices, inputs);
  return inputs;
}

void check_step_outputs(const StepOutputs& outputs, const StepInputs& inputs, int32_t vocab_size) {
  const size_t rows = inputs.logit_rows.size();
  if (outputs.argmax.size() != rows) {
    fail_run("step", "wrong number of argmax values", std::to_string(rows),
             std::to_string(outputs.argmax.size()));
  }
  for (const int32_t id : outputs.argmax) {
    if (id >= 0 && id < vocab_size) continue;
    fail_run("step", "argmax outside the vocabulary", "0 to " + std::to_string(vocab_size - 1),
             std::to_string(id));
  }
  const size_t wanted = rows * static_cast<size_t>(vocab_size);
  if (inputs.want_logits && outputs.logits.size() != wanted) {
    fail_run("step", "wrong number of logits", std::to_string(wanted),
             std::to_string(outputs.logits.size()));
  }
}

}  // namespace tenon
