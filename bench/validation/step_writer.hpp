// How decoder_step() writes a step down, block by block.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "call_list.hpp"
#include "decoder_step.hpp"
#include "tensors.hpp"

namespace validation {

// Activations of all layers share their buffers; weights and caches follow.
enum Buffer : std::uint64_t {
  stream_buffer = 1,  // the residual stream
  normed_buffer,
  qkv_buffer,
  attended_buffer,
  quantised_buffer,
  gate_up_buffer,
  activated_buffer,
  partial_buffer,
  expert_rows_buffer,
  expert_out_buffer,
  small_buffer,  // indices, scales, tables
  logits_buffer,
  first_layer_buffer = 100
};
constexpr std::uint64_t buffers_of_a_layer = 16;

class StepWriter {
 public:
  StepWriter(const DecoderModel& model, const StepShape& shape)
      : model_(model), shape_(shape), calls_(shape.captured, shape.prefetch) {
    sequences_ = (shape.sequences + shape.data - 1) / shape.data;
    rows_ = std::max(shape.least_rows, sequences_ * shape.queries);
    heads_ = model.heads / shape.tensor;
    kv_heads_ = std::max<std::int64_t>(1, model.kv_heads / shape.tensor);
    lengths_.assign(static_cast<std::size_t>(sequences_), static_cast<std::int32_t>(shape.context));
    for (std::int64_t i = 0; i <= sequences_; ++i)
      starts_.push_back(static_cast<std::int32_t>(i * shape.queries));
  }

  std::vector<timing::WorkItem> write();

 private:
  std::string name(const char* part) const {
    return "model.layers." + std::to_string(layer_) + "." + part;
  }
  std::uint64_t weight(std::int64_t layer, std::uint64_t index) const {
    return first_layer_buffer + static_cast<std::uint64_t>(layer + 1) * buffers_of_a_layer + index;
  }
  tn_tensor activation(Buffer buffer, std::int64_t width, tn_dtype dtype = TN_DTYPE_BF16) const {
    return tensor(buffer, dtype, {rows_, width});
  }
  tn_tensor hidden(Buffer buffer) const { return activation(buffer, model_.hidden); }

  void norm(const char* part);

  tn_tensor quantised(const tn_tensor& input, const char* part);

  // A linear of this layer with its quantisation in front, prefetched under the given cap.
  void linear(std::uint64_t index, const char* part, const tn_tensor& input, Buffer output,
              std::int64_t width, Window window, double ratio, std::uint64_t most_bytes);

  void all_reduce(const char* part);

  void head_norm_and_rope(std::int64_t heads, const char* norm_part, const char* rope_part);

  void attention_block();

  void swiglu(const tn_tensor& gate_up, const tn_tensor& output, const char* part);

  void dense_block();
  tn_tensor row_quantised(const tn_tensor& input, const char* part);
  void exchange(const tn_tensor& input, const tn_tensor& output, const char* part);
  void grouped(std::uint64_t index, const char* part, const tn_tensor& input,
               const tn_tensor& output, bool prefetched);
  void expert_block();

  void head();

  const DecoderModel& model_;
  const StepShape& shape_;
  CallList calls_;
  std::int64_t sequences_ = 0;
  std::int64_t rows_ = 0;
  std::int64_t heads_ = 0;
  std::int64_t kv_heads_ = 0;
  std::int64_t layer_ = 0;
  std::vector<std::int32_t> starts_;
  std::vector<std::int32_t> lengths_;
};

}  // namespace validation
