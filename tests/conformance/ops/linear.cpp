// linear: the float form and the W8A8 form.
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "ops/op_suite.hpp"
#include "ops/products.hpp"

namespace tenon::conformance {
namespace linear_cases {

struct Form {
  int64_t m = 1, n = 1, k = 1;
  uint32_t activation = TN_DTYPE_F32;
  uint32_t weight = TN_DTYPE_F32;
  uint32_t output = TN_DTYPE_F32;
  bool bias = false;
  bool row_scale = false, quant_bias = false;  // W8A8 only
  Fill fill = Fill::unit;
  bool basic = false;
  double magnitude = 1;  // of the input
};

OpCase make_float(const Form& form, Random& random, const std::string& note = "") {
  auto made = new_case<tn_linear_args>(fmt::format(
      "M {} N {} K {}, {} x {} -> {}{}{}", form.m, form.n, form.k, dtype_name(form.activation),
      dtype_name(form.weight), dtype_name(form.output), form.bias ? ", bias" : "", note));
  made.activation = form.activation;
  made.basic = form.basic;
  made["input"] = HostTensor(form.activation, {form.m, form.k}).random(random, form.fill);
  for (int64_t i = 0; form.magnitude != 1 && i < form.m * form.k; ++i)
    made["input"].set(i, made["input"].at(i) * form.magnitude);
  made["weight"] = HostTensor(form.weight, {form.n, form.k}).random(random, form.fill);
  if (form.bias) made["bias"] = HostTensor(form.weight, {form.n}).random(random, form.fill);
  made["output"] = HostTensor(form.output, {form.m, form.n});
  const auto x = made["input"].values();
  const auto w = made["weight"].values();
  for (int64_t row = 0; row < form.m; ++row) {
    for (int64_t column = 0; column < form.n; ++column) {
      Sum sum;
      if (form.bias) sum.add(made["bias"].at(column));
      for (int64_t i = 0; i < form.k; ++i)
        sum.add(x[static_cast<size_t>(row * form.k + i)] *
                w[static_cast<size_t>(column * form.k + i)]);
      made.expect_sum("output", row * form.n + column, sum.value, static_cast<double>(form.k),
                      sum.magnitude);
    }
  }
  return made;
}

OpCase make_w8a8(const Form& form, Random& random) {
  auto made = new_case<tn_linear_args>(
      fmt::format("W8A8 M {} N {} K {} -> {}{}{}{}", form.m, form.n, form.k,
                  dtype_name(form.output), form.row_scale ? ", row_scale" : "",
                  form.quant_bias ? ", quant_bias" : "", form.bias ? ", bias" : ""));
  made.activation = form.output;
  made.quantised = true;
  made.basic = form.basic;
  made["input"] = HostTensor(TN_DTYPE_I8, {form.m, form.k}).random(random, -128, 127);
  made["weight"] = HostTensor(TN_DTYPE_I8, {form.n, form.k}).random(random, -128, 127);
  made["weight_scale"] = HostTensor(TN_DTYPE_F32, {form.n}).random(random, 1e-4, 1e-3);
  if (form.row_scale) made["row_scale"] = HostTensor(TN_DTYPE_F32, {form.m}).random(random, 0.1, 1);
  if (form.quant_bias)
    made["quant_bias"] = HostTensor(TN_DTYPE_I32, {form.n}).random(random, -100000, 100000);
  if (form.bias) made["bias"] = HostTensor(form.weight, {form.n}).random(random);
  made["output"] = HostTensor(form.output, {form.m, form.n});
  for (int64_t row = 0; row < form.m; ++row) {
    for (int64_t column = 0; column < form.n; ++column) {
      double sum = form.quant_bias ? made["quant_bias"].at(column) : 0;
      for (int64_t i = 0; i < form.k; ++i)
        sum += made["input"].at(row * form.k + i) * made["weight"].at(column * form.k + i);
      expect_scaled(
          made, row * form.n + column, sum,
          {made["weight_scale"].at(column), form.row_scale ? made["row_scale"].at(row) : 1,
           form.bias ? made["bias"].at(column) : 0});
    }
  }
  return made;
}

// Sums of int8 products at the largest magnitudes that 32 bits hold.
OpCase make_extreme(const Grid& grid) {
  const int64_t k = 4096;
  auto made = new_case<tn_linear_args>("W8A8 with the largest integer sum");
  made.activation = grid.activation;
  made.quantised = true;
  made["input"] = HostTensor(TN_DTYPE_I8, {1, k}).fill(-128);
  made["weight"] = HostTensor(TN_DTYPE_I8, {2, k}).fill(-128);
  for (int64_t i = 0; i < k; ++i)
    made["weight"].set(k + i, 127);
  made["weight_scale"] = HostTensor(TN_DTYPE_F32, {2}).fill(1);
  const double left = 2147483647.0 - static_cast<double>(k) * 16384;
  made["quant_bias"] = HostTensor(TN_DTYPE_I32, {2}).fill({left, -2147483648.0 + 66584576});
  made["output"] = HostTensor(TN_DTYPE_F32, {1, 2});
  expect_scaled(made, 0, 2147483647.0, {1, 1, 0});
  expect_scaled(made, 1, -2147483648.0 + 66584576 - static_cast<double>(k) * 16256, {1, 1, 0});
  return made;
}

Cases canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  const std::array<std::array<int64_t, 3>, 8> shapes{{{1, 1, 1},
                                                      {1, 17, 64},
                                                      {2, 3, 5},
                                                      {3, 16, 31},
                                                      {15, 33, 17},
                                                      {16, 32, 128},
                                                      {17, 31, 33},
                                                      {33, 65, 100}}};
  for (const bool bias : {false, true}) {
    for (const auto& [m, n, k] : shapes) {
      const uint32_t a = grid.activation;
      cases.push_back(make_float({m, n, k, a, a, a, bias, false, false, Fill::wide, true}, random));
    }
    for (const uint32_t a : grid.activations()) {
      for (const uint32_t w : float_dtypes) {
        for (const uint32_t output : {a, uint32_t{TN_DTYPE_F32}}) {
          cases.push_back(
              make_float({5, 19, 35, a, w, output, bias, false, false, Fill::unit, false}, random));
        }
      }
    }
  }
  // Long sums of one sign: rounding them in between would show.
  for (const uint32_t a : grid.activations()) {
    Form form{2, 9, 1031, a, a, a, false, false, false, Fill::positive, a == grid.activation};
    cases.push_back(make_float(form, random, ", long sums"));
    // In f16 some of the sums are past the range: infinity.
    form = {3, 7, 300, a, TN_DTYPE_BF16, a, false, false, false, Fill::positive, false};
    form.magnitude = a == TN_DTYPE_F16 ? 218 : 1e15;
    cases.push_back(make_float(form, random, ", large values"));
  }
  uint32_t present = 0;
  for (const uint32_t output : grid.activations()) {
    for (int i = 0; i < 8; ++i, ++present) {
      Form form{3, 19, 131, output, output, output};
      form.row_scale = (present & 1U) != 0;
      form.quant_bias = (present & 2U) != 0;
      form.bias = (present & 4U) != 0;
      form.basic = output == grid.activation && !form.bias;
      cases.push_back(make_w8a8(form, random));
    }
  }
  cases.push_back(make_extreme(grid));
  return cases;
}

OpCase draw(const Grid& grid, Random& random) {
  Form form;
  form.m = random.integer(1, grid.full ? 70 : 20);
  form.n = random.integer(1, grid.full ? 150 : 50);
  form.k = random.integer(1, grid.full ? 600 : 200);
  form.activation = random.pick(grid.activations());
  form.weight = random.pick({TN_DTYPE_F32, TN_DTYPE_F16, TN_DTYPE_BF16});
  form.output = random.chance(0.5) ? form.activation : uint32_t{TN_DTYPE_F32};
  form.bias = random.chance(0.5);
  form.fill = random.pick({Fill::unit, Fill::positive, Fill::wide});
  form.row_scale = random.chance(0.5);
  form.quant_bias = random.chance(0.5);
  return random.chance(0.3) ? make_w8a8(form, random) : make_float(form, random);
}

Cases zero_rows(const Grid& grid) {
  Random random(grid.seed);
  const uint32_t a = grid.activation;
  Form form{0, 17, 33, a, a, a};
  form.bias = true;
  form.basic = true;
  Cases cases{make_float(form, random)};
  form.row_scale = true;
  cases.push_back(make_w8a8(form, random));
  return cases;
}

}  // namespace linear_cases

const OpSuite& linear_suite() {
  using namespace linear_cases;
  static const OpSuite suite{.canonical = canonical,
                             .draw = draw,
                             .zero_rows = zero_rows,
                             .strided = {"input", "weight", "output"}};
  return suite;
}

}  // namespace tenon::conformance
