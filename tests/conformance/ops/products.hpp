// What the matrix ops have in common.
#pragma once

#include <cmath>

#include "ops/op_case.hpp"

namespace tenon::conformance {

// A sum in double with the sum of the absolute values of its terms: S of ops.h.
struct Sum {
  double value = 0;
  double magnitude = 0;
  void add(double term) {
    value += term;
    magnitude += std::abs(term);
  }
};

// The factors of a W8A8 form for one element.
struct Scaling {
  double weight_scale = 1;
  double row_scale = 1;
  double bias = 0;
};

// Element `flat` of "output": an exact integer sum, scaled in f32.
inline void expect_scaled(OpCase& made, int64_t flat, double integer_sum, const Scaling& scaling) {
  const double scaled = integer_sum * scaling.weight_scale * scaling.row_scale;
  made.expect_sum("output", flat, scaled + scaling.bias, 1,
                  std::abs(scaled) + std::abs(scaling.bias));
}

}  // namespace tenon::conformance
