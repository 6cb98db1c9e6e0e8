// static_quant and dynamic_quant.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ops/op_suite.hpp"

namespace tenon::conformance {
namespace quantise_cases {

double round_half_even(double x) {
  const double below = std::floor(x);
  const double rest = x - below;
  if (rest != 0.5) return rest < 0.5 ? below : below + 1;
  return std::fmod(below, 2) == 0 ? below : below + 1;
}

// Exact unless the quotient lies within 2^-20 relative of a rounding boundary. A quotient that is a
// boundary has no such excuse where the division was by a power of two, which is exact however it
// is done.
void expect_quantised(OpCase& made, int64_t flat, double quotient, double offset, double divisor) {
  const double expected = std::clamp(round_half_even(quotient) + offset, -128.0, 127.0);
  const double distance = std::abs(quotient - std::floor(quotient) - 0.5);
  int exponent = 0;
  const bool exact_division = std::frexp(divisor, &exponent) == 0.5;
  const bool open = distance <= 0x1p-20 * std::abs(quotient) && !(distance == 0 && exact_division);
  made.expect_near("output", flat, expected, open ? 1 : 0);
}

struct StaticForm {
  int64_t rows = 1, width = 1;
  uint32_t activation = TN_DTYPE_F32;
  bool each_column = false, offset = false;
  double magnitude = 20;
  bool basic = false;
};

OpCase make_static(const StaticForm& form, Random& random) {
  auto made = new_case<tn_static_quant_args>(
      fmt::format("[{}, {}] {} up to {}, {}{}", form.rows, form.width, dtype_name(form.activation),
                  form.magnitude, form.each_column ? "a scale a column" : "one scale",
                  form.offset ? ", offset" : ""));
  made.activation = form.activation;
  made.basic = form.basic;
  const int64_t scales = form.each_column ? form.width : 1;
  made["input"] = HostTensor(form.activation, {form.rows, form.width})
                      .random(random, -form.magnitude, form.magnitude);
  made["quant_scale"] = HostTensor(TN_DTYPE_F32, {scales}).random(random, 0.05, 0.5);
  if (form.offset)
    made["quant_offset"] = HostTensor(TN_DTYPE_I32, {scales}).random(random, -60, 60);
  made["output"] = HostTensor(TN_DTYPE_I8, {form.rows, form.width});
  for (int64_t i = 0; i < form.rows * form.width; ++i) {
    const int64_t column = form.each_column ? i % form.width : 0;
    const double scale = made["quant_scale"].at(column);
    expect_quantised(made, i, made["input"].at(i) / scale,
                     form.offset ? made["quant_offset"].at(column) : 0, scale);
  }
  return made;
}

// Quotients halfway between integers, and far past the range.
OpCase make_boundaries(uint32_t activation, double scale) {
  const std::vector<double> quotients{0.5,   1.5,    2.5,    3.5,  -0.5, -1.5, -2.5,  -3.5, 126.5,
                                      127.5, -127.5, -128.5, -129, 128,  1000, -1000, 0,    -0.0};
  const auto count = static_cast<int64_t>(quotients.size());
  auto made = new_case<tn_static_quant_args>(
      fmt::format("boundaries in {}, scale {}", dtype_name(activation), scale));
  made.activation = activation;
  made["input"] = HostTensor(activation, {1, count});
  made["quant_scale"] = HostTensor(TN_DTYPE_F32, {1}).fill(scale);
  made["output"] = HostTensor(TN_DTYPE_I8, {1, count});
  for (int64_t i = 0; i < count; ++i) {
    made["input"].set(i, quotients[static_cast<size_t>(i)] * scale);
    expect_quantised(made, i, made["input"].at(i) / scale, 0, scale);
  }
  return made;
}

Cases static_canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  const uint32_t a = grid.activation;
  for (const auto& [rows, width] :
       std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {3, 17}, {17, 64}, {5, 1027}}) {
    cases.push_back(make_static({rows, width, a, false, false, 20, true}, random));
  }
  for (const uint32_t activation : grid.activations()) {
    for (int variant = 0; variant < 4; ++variant) {
      cases.push_back(
          make_static({4, 33, activation, (variant & 1) != 0, (variant & 2) != 0}, random));
    }
    const double huge = activation == TN_DTYPE_F16 ? 60000 : 1e30;
    cases.push_back(make_static({3, 31, activation, true, true, huge}, random));
    cases.push_back(make_boundaries(activation, 1));
    cases.push_back(make_boundaries(activation, 0.25));
  }
  return cases;
}

OpCase static_draw(const Grid& grid, Random& random) {
  return make_static(
      {random.integer(1, 40), random.integer(1, 300), random.pick(grid.activations()),
       random.chance(0.5), random.chance(0.5), random.pick({1.0, 20.0, 60.0})},
      random);
}

Cases static_zero_rows(const Grid& grid) {
  Random random(grid.seed);
  return {make_static({0, 17, grid.activation, false, false, 20, true}, random),
          make_static({0, 17, grid.activation, true, true}, random)};
}

/*--- dynamic_quant ---*/

struct DynamicForm {
  int64_t rows = 1, width = 1;
  uint32_t activation = TN_DTYPE_F32;
  bool smooth = false;
  double magnitude = 2;
  bool zero_row = false;
  bool basic = false;
};

OpCase make_dynamic(const DynamicForm& form, Random& random) {
  auto made = new_case<tn_dynamic_quant_args>(
      fmt::format("[{}, {}] {} up to {}{}{}", form.rows, form.width, dtype_name(form.activation),
                  form.magnitude, form.smooth ? ", smooth_scale" : "",
                  form.zero_row ? ", a row of zeros" : ""));
  made.activation = form.activation;
  made.basic = form.basic;
  HostTensor& input = made["input"];
  input = HostTensor(form.activation, {form.rows, form.width})
              .random(random, -form.magnitude, form.magnitude);
  for (int64_t i = 0; form.zero_row && i < form.width; ++i)
    input.set((form.rows - 1) * form.width + i, i % 2 == 0 ? 0.0 : -0.0);
  if (form.smooth)
    made["smooth_scale"] = HostTensor(TN_DTYPE_F32, {form.width}).random(random, 0.5, 2);
  made["output"] = HostTensor(TN_DTYPE_I8, {form.rows, form.width});
  made["row_scale"] = HostTensor(TN_DTYPE_F32, {form.rows});
  for (int64_t row = 0; row < form.rows; ++row) {
    std::vector<double> x;
    double largest = 0;
    for (int64_t i = 0; i < form.width; ++i) {
      x.push_back(input.at(row * form.width + i) * (form.smooth ? made["smooth_scale"].at(i) : 1));
      largest = std::max(largest, std::abs(x.back()));
    }
    const double scale = largest == 0 ? 1 : largest / 127;
    made.expect_near("row_scale", row, scale, largest == 0 ? 0 : scale * 0x1p-22);
    for (int64_t i = 0; i < form.width; ++i)
      // row_scale is itself rounded, so that no quotient is an exact boundary.
      expect_quantised(made, row * form.width + i, x[static_cast<size_t>(i)] / scale, 0, 3);
  }
  return made;
}

Cases dynamic_canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  const uint32_t a = grid.activation;
  for (const auto& [rows, width] :
       std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {3, 17}, {17, 64}, {5, 1027}}) {
    cases.push_back(make_dynamic({rows, width, a, false, 2, false, true}, random));
  }
  for (const uint32_t activation : grid.activations()) {
    for (const bool smooth : {false, true}) {
      for (const bool zero_row : {false, true})
        cases.push_back(make_dynamic({4, 33, activation, smooth, 2, zero_row}, random));
      cases.push_back(make_dynamic({3, 31, activation, smooth, 1000, false}, random));
    }
  }
  return cases;
}

OpCase dynamic_draw(const Grid& grid, Random& random) {
  return make_dynamic(
      {random.integer(1, 40), random.integer(1, 300), random.pick(grid.activations()),
       random.chance(0.5), random.pick({0.01, 2.0, 500.0}), random.chance(0.2)},
      random);
}

Cases dynamic_zero_rows(const Grid& grid) {
  Random random(grid.seed);
  return {make_dynamic({0, 17, grid.activation, false, 2, false, true}, random),
          make_dynamic({0, 17, grid.activation, true}, random)};
}

OpSuite quantised_suite() {
  OpSuite made;
  made.profile = TN_PROFILE_QUANTISED;
  made.strided = {"input", "output"};
  return made;
}

}  // namespace quantise_cases

const OpSuite& static_quant_suite() {
  using namespace quantise_cases;
  static const OpSuite suite = [] {
    OpSuite made = quantised_suite();
    made.canonical = static_canonical;
    made.draw = static_draw;
    made.zero_rows = static_zero_rows;
    return made;
  }();
  return suite;
}

const OpSuite& dynamic_quant_suite() {
  using namespace quantise_cases;
  static const OpSuite suite = [] {
    OpSuite made = quantised_suite();
    made.canonical = dynamic_canonical;
    made.draw = dynamic_draw;
    made.zero_rows = dynamic_zero_rows;
    return made;
  }();
  return suite;
}

}  // namespace tenon::conformance
