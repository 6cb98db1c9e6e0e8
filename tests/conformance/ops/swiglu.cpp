// swiglu: with and without limits.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ops/op_suite.hpp"

namespace tenon::conformance {
namespace swiglu_cases {

struct Form {
  int64_t rows = 1, width = 1;
  uint32_t activation = TN_DTYPE_F32;
  float gate_limit = 0, up_limit = 0;
  double low = -12, high = 12;
  bool basic = false;
};

OpCase make(const Form& form, Random& random) {
  auto made = new_case<tn_swiglu_args>(fmt::format(
      "[{}, {}] {}, limits {} and {}, gates {}..{}", form.rows, form.width,
      dtype_name(form.activation), form.gate_limit, form.up_limit, form.low, form.high));
  made.activation = form.activation;
  made.basic = form.basic;
  made.args<tn_swiglu_args>().gate_limit = form.gate_limit;
  made.args<tn_swiglu_args>().up_limit = form.up_limit;
  const std::vector<int64_t> shape{form.rows, form.width};
  made["gate"] = HostTensor(form.activation, shape).random(random, form.low, form.high);
  made["up"] = HostTensor(form.activation, shape).random(random, -9, 9);
  if (form.rows * form.width > 2) {
    // At and just past the limits, and zeros.
    made["gate"].set(0, form.gate_limit);
    made["up"].set(0, -static_cast<double>(form.up_limit));
    made["gate"].set(1, -0.0);
    made["up"].set(2, form.up_limit);
  }
  made["output"] = HostTensor(form.activation, shape);
  for (int64_t i = 0; i < made["gate"].count(); ++i) {
    double g = made["gate"].at(i);
    double u = made["up"].at(i);
    if (form.gate_limit > 0) g = std::min(g, static_cast<double>(form.gate_limit));
    const auto limit = static_cast<double>(form.up_limit);
    if (form.up_limit > 0) u = std::clamp(u, -limit, limit);
    const double expected = g / (1 + std::exp(-g)) * u;
    made.expect_near("output", i, expected,
                     (unit_roundoff(form.activation) + 0x1p-20) * std::abs(expected) +
                         half_smallest_subnormal(form.activation));
  }
  return made;
}

Cases canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  const uint32_t a = grid.activation;
  for (const auto& [rows, width] : std::vector<std::pair<int64_t, int64_t>>{
           {1, 1}, {1, 64}, {3, 17}, {2, 128}, {17, 33}, {5, 1027}}) {
    cases.push_back(make({rows, width, a, 0, 0, -12, 12, true}, random));
  }
  for (const uint32_t activation : grid.activations()) {
    for (const auto& [gate, up] :
         std::vector<std::pair<float, float>>{{0, 0}, {1, 0}, {0, 0.5F}, {7, 7}, {2.5F, 30}}) {
      for (const int64_t width : {15, 31})
        cases.push_back(make({3, width, activation, gate, up}, random));
    }
    // Far from zero silu is x or almost nothing, and exp must not overflow into NaN.
    cases.push_back(make({2, 33, activation, 0, 0, 60, 200}, random));
    cases.push_back(make({2, 33, activation, 0, 0, -60, -12}, random));
  }
  return cases;
}

OpCase draw(const Grid& grid, Random& random) {
  Form form{random.integer(1, 40), random.integer(1, 300), random.pick(grid.activations())};
  form.gate_limit = random.pick({0.0F, 0.0F, 1.5F, 7.0F});
  form.up_limit = random.pick({0.0F, 0.0F, 0.75F, 7.0F});
  return make(form, random);
}

Cases zero_rows(const Grid& grid) {
  Random random(grid.seed);
  return {make({0, 17, grid.activation, 0, 0, -12, 12, true}, random),
          make({0, 64, grid.activation, 7, 7}, random)};
}

}  // namespace swiglu_cases

const OpSuite& swiglu_suite() {
  using namespace swiglu_cases;
  static const OpSuite suite{.canonical = canonical,
                             .draw = draw,
                             .zero_rows = zero_rows,
                             .strided = {"gate", "up", "output"}};
  return suite;
}

}  // namespace tenon::conformance
