// How the linears of a checkpoint are quantised: read from quant_model_description.json (ModelSlim)
// or from quantization_config in config.json (compressed-tensors).
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "checkpoint/model_config.hpp"

namespace tenon {

enum class QuantisationFormat {
  none,
  modelslim,           // integer sums corrected by quant_bias, scaled by deq_scale
  compressed_tensors,  // scales of weight and input stand for themselves
  at_load,             // a float checkpoint, quantised while it is loaded; activations dynamic
};

// 8-bit weights, one scale for each output row; 8-bit activations.
enum class LinearQuantisation {
  none,
  static_per_tensor,  // the input's scale comes with the checkpoint
  dynamic_per_token,  // each row of the input is scaled by its own maximum
};
const char* quantisation_name(LinearQuantisation quantisation);

// Value type; thread-safe.
class QuantisationScheme {
 public:
  QuantisationScheme() = default;  // nothing is quantised
  static QuantisationScheme at_load();

  // What the checkpoint in `folder` says. Throws Error{input} for a file that is malformed and for
  // a scheme other than 8-bit integers, symmetric, per output channel, with per-tensor static or
  // per-token dynamic activations.
  static QuantisationScheme read(const std::filesystem::path& folder, const ModelConfig& config);

  QuantisationFormat format() const { return format_; }
  // By full layer name, "model.layers.0.self_attn.q_proj". Throws Error{input} for a type that is
  // not supported.
  LinearQuantisation of(const std::string& layer) const;

 private:
  struct Groups;
  QuantisationFormat format_ = QuantisationFormat::none;
  std::string where_;
  std::map<std::string, std::string> types_;  // ModelSlim: tensor name to type
  std::shared_ptr<const Groups> groups_;      // compressed-tensors
};

}  // namespace tenon
