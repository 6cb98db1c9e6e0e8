// How a model turns positions into rotation angles, as its config.json says it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "checkpoint/model_config.hpp"

namespace tenon {

enum class RopeType { unscaled, linear, llama3, yarn };

struct RopeParameters {
  double theta = 10000.0;
  RopeType type = RopeType::unscaled;
  double factor = 1.0;                           // linear, llama3, yarn
  double low_freq_factor = 1.0;                  // llama3
  double high_freq_factor = 4.0;                 // llama3
  int64_t original_max_position_embeddings = 0;  // llama3, yarn
  double beta_fast = 32.0;                       // yarn
  double beta_slow = 1.0;                        // yarn
  bool truncate = true;                          // yarn
  double mscale = 0.0;                           // yarn; 0: not given
  double mscale_all_dim = 0.0;                   // yarn; 0: not given
  std::optional<double> attention_factor;        // yarn
  double partial_rotary_factor = 1.0;            // share of the head that rotates, of any type

  bool operator==(const RopeParameters&) const = default;
};

// The name in config.json: "default", "linear", "llama3", "yarn".
std::string_view rope_type_name(RopeType type);

// Reads `rope_parameters` (transformers 5) or `rope_scaling` (transformers 4; its kind under
// `rope_type` or `type`) and `rope_theta`, wherever they stand. `section` names one of several sets
// inside rope_parameters ("main", "compress"). A config that holds both spellings must say the same
// twice. Throws Error{input} for kinds other than the four (dynamic, longrope, su, mrope, ...),
// for missing or absurd numbers, and for several sets without a section.
RopeParameters rope_parameters(const ModelConfig& config, std::string_view section = {});

}  // namespace tenon
