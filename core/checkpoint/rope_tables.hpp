// Rotary angles computed from RopeParameters. Formulas: the modelling code of Hugging Face
// transformers (modeling_rope_utils) and the YaRN paper (arXiv 2309.00071), section 3.
#pragma once

#include <cstdint>
#include <vector>

#include "checkpoint/rope_parameters.hpp"

namespace tenon {

// Radians per position of each pair of channels, scaling applied: rotary_dim / 2 values. rotary_dim
// counts the channels of a head that rotate. Throws Error{input} unless it is even and in
// [2, 65536].
std::vector<double> inverse_frequencies(const RopeParameters& rope, int64_t rotary_dim);

// m(scale, weight) = 1 if scale <= 1, else 0.1 weight ln(scale) + 1. DeepSeek-V3 multiplies its
// softmax scale by yarn_mscale(factor, mscale_all_dim) squared.
double yarn_mscale(double scale, double weight);

// What cosines and sines are multiplied by: 1 except for yarn.
double attention_factor(const RopeParameters& rope);

// cos and sin, row-major [max_position, rotary_dim / 2], times attention_factor. As the models were
// trained: frequency and angle = position * frequency are rounded to f32.
struct RopeTables {
  std::vector<float> cos;
  std::vector<float> sin;
};

// Throws Error{input} for a rotary_dim as above, for max_position outside [1, 2^24] (beyond, f32
// does not tell positions apart), or for more than 2^30 values a table.
RopeTables make_rope_tables(const RopeParameters& rope, int64_t rotary_dim, int64_t max_position);

}  // namespace tenon
