#include "checkpoint/rope_tables.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "base/error.hpp"

namespace tenon {
namespace {

constexpr double two_pi = 2.0 * std::numbers::pi;

void check_rotary_dim(int64_t rotary_dim) {
  if (rotary_dim >= 2 && rotary_dim <= 65536 && rotary_dim % 2 == 0) return;
  fail_input("rope", "wrong number of rotating channels", "an even number from 2 to 65536",
             std::to_string(rotary_dim));
}

double llama3_frequency(const RopeParameters& rope, double frequency) {
  const auto original = static_cast<double>(rope.original_max_position_embeddings);
  const double wavelength = two_pi / frequency;
  if (wavelength < original / rope.high_freq_factor) return frequency;
  if (wavelength > original / rope.low_freq_factor) return frequency / rope.factor;
  const double smooth = (original / wavelength - rope.low_freq_factor) /
                        (rope.high_freq_factor - rope.low_freq_factor);
  return (1.0 - smooth) * frequency / rope.factor + smooth * frequency;
}

// The pairs of channels between which yarn goes over from leaving a frequency to dividing it.
struct YarnRamp {
  double low;
  double high;
};

YarnRamp yarn_ramp(const RopeParameters& rope, int64_t rotary_dim) {
  const auto dim = static_cast<double>(rotary_dim);
  const auto original = static_cast<double>(rope.original_max_position_embeddings);
  const auto pair_of = [&](double rotations) {
    return dim * std::log(original / (two_pi * rotations)) / (2.0 * std::log(rope.theta));
  };
  YarnRamp ramp{pair_of(rope.beta_fast), pair_of(rope.beta_slow)};
  if (rope.truncate) ramp = {std::floor(ramp.low), std::ceil(ramp.high)};
  ramp = {std::max(ramp.low, 0.0), std::min(ramp.high, dim - 1.0)};
  if (ramp.low == ramp.high) ramp.high += 0.001;
  return ramp;
}

void scale_yarn(const RopeParameters& rope, int64_t rotary_dim, std::vector<double>& frequencies) {
  const YarnRamp ramp = yarn_ramp(rope, rotary_dim);
  for (size_t i = 0; i < frequencies.size(); ++i) {
    const double at = (static_cast<double>(i) - ramp.low) / (ramp.high - ramp.low);
    const double share = std::clamp(at, 0.0, 1.0);
    frequencies[i] = frequencies[i] / rope.factor * share + frequencies[i] * (1.0 - share);
  }
}

}  // namespace

std::vector<double> inverse_frequencies(const RopeParameters& rope, int64_t rotary_dim) {
  check_rotary_dim(rotary_dim);
  std::vector<double> frequencies(static_cast<size_t>(rotary_dim / 2));
  for (size_t i = 0; i < frequencies.size(); ++i) {
    const double exponent = 2.0 * static_cast<double>(i) / static_cast<double>(rotary_dim);
    frequencies[i] = 1.0 / std::pow(rope.theta, exponent);
  }
  switch (rope.type) {
    case RopeType::unscaled:
      break;
    case RopeType::linear:
      for (double& frequency : frequencies)
        frequency /= rope.factor;
      break;
    case RopeType::llama3:
      for (double& frequency : frequencies)
        frequency = llama3_frequency(rope, frequency);
      break;
    case RopeType::yarn:
      scale_yarn(rope, rotary_dim, frequencies);
      break;
  }
  return frequencies;
}

double yarn_mscale(double scale, double weight) {
  return scale <= 1.0 ? 1.0 : 0.1 * weight * std::log(scale) + 1.0;
}

double attention_factor(const RopeParameters& rope) {
  if (rope.type != RopeType::yarn) return 1.0;
  if (rope.attention_factor) return *rope.attention_factor;
  if (rope.mscale != 0.0 && rope.mscale_all_dim != 0.0) {
    return yarn_mscale(rope.factor, rope.mscale) / yarn_mscale(rope.factor, rope.mscale_all_dim);
  }
  return yarn_mscale(rope.factor, 1.0);
}

RopeTables make_rope_tables(const RopeParameters& rope, int64_t rotary_dim, int64_t max_position) {
  const std::vector<double> frequencies = inverse_frequencies(rope, rotary_dim);
  const auto pairs = static_cast<int64_t>(frequencies.size());
  if (max_position < 1 || max_position > (int64_t{1} << 24)) {
    fail_input("rope", "wrong number of positions", "a number from 1 to 16777216",
               std::to_string(max_position));
  }
  if (max_position > (int64_t{1} << 30) / pairs) {
    fail_input("rope", "the tables of cosines and sines are too large", "at most 2^30 values",
               std::to_string(max_position) + " positions of " + std::to_string(pairs));
  }
  const double factor = attention_factor(rope);
  RopeTables tables;
  const auto size = static_cast<size_t>(max_position * pairs);
  tables.cos.reserve(size);
  tables.sin.reserve(size);
  for (int64_t position = 0; position < max_position; ++position) {
    for (const double frequency : frequencies) {
      const float angle = static_cast<float>(position) * static_cast<float>(frequency);
      tables.cos.push_back(static_cast<float>(std::cos(double{angle}) * factor));
      tables.sin.push_back(static_cast<float>(std::sin(double{angle}) * factor));
    }
  }
  return tables;
}

}  // namespace tenon
