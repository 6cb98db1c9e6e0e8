// argmax: the lowest of equal ones wins, and NaN never.
#include <cmath>

#include <fmt/format.h>

#include "ops/op_suite.hpp"

namespace tenon::conformance {
namespace argmax_cases {

OpCase make(const HostTensor& input, bool basic, const std::string& note) {
  const int64_t rows = input.dim(0);
  const int64_t width = input.dim(1);
  auto made = new_case<tn_argmax_args>(
      fmt::format("{}[{}, {}] {}", note, rows, width, dtype_name(input.dtype())));
  made.activation = input.dtype();
  made.basic = basic;
  made["input"] = input;
  made["output"] = HostTensor(TN_DTYPE_I32, {rows});
  for (int64_t row = 0; row < rows; ++row) {
    int64_t best = -1;
    for (int64_t i = 0; i < width; ++i) {
      const double here = input.at(row * width + i);
      if (std::isnan(here)) continue;
      if (best < 0 || here > input.at(row * width + best)) best = i;
    }
    made.expect_value("output", row, static_cast<double>(std::max<int64_t>(best, 0)));
  }
  return made;
}

// The largest at the last place of one row, the first of another, and anywhere else.
HostTensor peaked(int64_t rows, int64_t width, uint32_t dtype, Random& random) {
  HostTensor tensor(dtype, {rows, width});
  tensor.random(random, Fill::wide);
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t at = row == 0 ? width - 1 : row == 1 ? 0 : random.integer(0, width - 1);
    tensor.set(row * width + at, 100);
  }
  return tensor;
}

Cases canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  for (const uint32_t a : grid.activations()) {
    for (const auto& [rows, width] : std::vector<std::pair<int64_t, int64_t>>{
             {1, 1}, {3, 17}, {5, 64}, {17, 33}, {4, 5003}, {1, 257}}) {
      cases.push_back(make(peaked(rows, width, a, random), true, ""));
      // All below zero: what starts from 0 finds nothing.
      HostTensor negative(a, {rows, width});
      cases.push_back(make(negative.random(random, -90, -1), true, "negative "));
    }
  }
  return cases;
}

OpCase draw(const Grid& grid, Random& random) {
  HostTensor tensor(random.pick(grid.activations()),
                    {random.integer(1, 20), random.integer(1, 2000)});
  tensor.random(random, random.pick({Fill::unit, Fill::wide}));
  for (int64_t i = 0; i < tensor.count(); ++i) {
    if (random.chance(0.01)) tensor.set_bits(i, 0xffffffff);
  }
  return make(tensor, false, "");
}

Cases zero_rows(const Grid& grid) {
  return {make(HostTensor(grid.activation, {0, 17}), true, "")};
}

Cases ties(const Grid& grid) {
  Random random(grid.seed);
  const double nan = std::nan("");
  const double inf = INFINITY;
  Cases cases;
  for (const uint32_t a : grid.activations()) {
    HostTensor few(a, {8, 4});
    few.fill({1,    3,    3,    2,    nan,  -1,  nan,  -2,  nan,  nan,  nan,
              nan,  -inf, -inf, -inf, -inf, nan, -inf, nan, -inf, -0.0, 0.0,
              -0.0, -1,   inf,  nan,  inf,  5,   nan,  inf, inf,  nan});
    cases.push_back(make(few, true, "ties and NaN "));
    for (const int64_t width : {31, 1000, 4099}) {
      // The same largest value many times over, also across what threads or tiles share.
      HostTensor many(a, {4, width});
      for (int64_t i = 0; i < many.count(); ++i)
        many.set(i, static_cast<double>(random.integer(0, 3)));
      cases.push_back(make(many, true, "many ties "));
      HostTensor equal(a, {2, width});
      cases.push_back(make(equal.fill(-7), true, "all equal "));
      HostTensor last(a, {2, width});
      last.poison(Poison::read);
      last.set(width - 1, -5);
      last.set(width, -inf);
      cases.push_back(make(last, true, "all but one NaN "));
    }
  }
  return cases;
}

}  // namespace argmax_cases

const OpSuite& argmax_suite() {
  using namespace argmax_cases;
  static const OpSuite suite{.canonical = canonical,
                             .draw = draw,
                             .zero_rows = zero_rows,
                             .strided = {"input"},
                             .ties = ties};
  return suite;
}

}  // namespace tenon::conformance
