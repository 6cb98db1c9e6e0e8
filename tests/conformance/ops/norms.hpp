// rms_norm in double, for the two ops that have it.
#pragma once

#include <cmath>
#include <string_view>

#include "ops/op_case.hpp"

namespace tenon::conformance {

// Element-wise expectations of `output` = rms_norm(rows of width d), from "weight" and "bias".
inline void expect_rms_norm(OpCase& made, const std::vector<double>& rows, int64_t d,
                            double epsilon, std::string_view output = "output") {
  const HostTensor& weight = made["weight"];
  const HostTensor& bias = made["bias"];
  const auto count = static_cast<int64_t>(rows.size());
  for (int64_t first = 0; first < count; first += d) {
    double squares = 0;
    for (int64_t i = 0; i < d; ++i)
      squares += rows[static_cast<size_t>(first + i)] * rows[static_cast<size_t>(first + i)];
    const double factor = 1 / std::sqrt(squares / static_cast<double>(d) + epsilon);
    for (int64_t i = 0; i < d; ++i) {
      const double scaled =
          rows[static_cast<size_t>(first + i)] * factor * (weight.present() ? weight.at(i) : 1);
      const double shift = bias.present() ? bias.at(i) : 0;
      made.expect_sum(output, first + i, scaled + shift, static_cast<double>(d),
                      std::abs(scaled) + std::abs(shift));
    }
  }
}

}  // namespace tenon::conformance
