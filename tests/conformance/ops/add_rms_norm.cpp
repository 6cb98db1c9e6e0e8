// add_rms_norm: the norm is that of the sum as rounded.
#include <fmt/format.h>

#include "ops/norms.hpp"
#include "ops/op_runner.hpp"
#include "ops/op_suite.hpp"

namespace tenon::conformance {
namespace add_rms_norm_cases {

struct Form {
  int64_t rows = 1, width = 1;
  uint32_t activation = TN_DTYPE_F32;
  uint32_t weight_dtype = TN_DTYPE_F32;
  bool weight = true, bias = false;
  Fill fill = Fill::unit;
  bool basic = false;
  float epsilon = 1e-5F;
};

OpCase make(const Form& form, Random& random) {
  auto made = new_case<tn_add_rms_norm_args>(fmt::format(
      "[{}, {}] {}, weight {}, bias {} ({})", form.rows, form.width, dtype_name(form.activation),
      form.weight, form.bias, dtype_name(form.weight_dtype)));
  made.activation = form.activation;
  made.basic = form.basic;
  made.args<tn_add_rms_norm_args>().epsilon = form.epsilon;
  const std::vector<int64_t> shape{form.rows, form.width};
  made["input"] = HostTensor(form.activation, shape).random(random, form.fill);
  made["residual"] = HostTensor(form.activation, shape).random(random, form.fill);
  if (form.weight)
    made["weight"] = HostTensor(form.weight_dtype, {form.width}).random(random, 0.5, 3);
  if (form.bias) made["bias"] = HostTensor(form.weight_dtype, {form.width}).random(random);
  made["sum"] = HostTensor(form.activation, shape);
  made["output"] = HostTensor(form.activation, shape);
  std::vector<double> sums;
  for (int64_t i = 0; i < made["sum"].count(); ++i) {
    const double x = made["input"].at(i);
    const double y = made["residual"].at(i);
    // One addition in f32, then the rounding to A, of which the norm shows the result.
    const double in_f32 = decode(TN_DTYPE_F32, encode(TN_DTYPE_F32, x + y));
    if (form.activation == TN_DTYPE_F32) {
      made.expect_sum("sum", i, x + y, 2, std::abs(x) + std::abs(y));
    } else {
      made.expect_value("sum", i, in_f32);
    }
    sums.push_back(decode(form.activation, encode(form.activation, in_f32)));
  }
  expect_rms_norm(made, sums, form.width, static_cast<double>(form.epsilon));
  return made;
}

Cases canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  const uint32_t a = grid.activation;
  for (const auto& [rows, width] :
       std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {1, 64}, {3, 17}, {17, 33}, {5, 1031}}) {
    cases.push_back(make({rows, width, a, a, true, false, Fill::wide, true}, random));
  }
  for (const uint32_t activation : grid.activations()) {
    for (const uint32_t w : float_dtypes) {
      for (int present = 0; present < 4; ++present) {
        cases.push_back(make(
            {3, 35, activation, w, (present & 1) != 0, (present & 2) != 0, Fill::unit}, random));
      }
    }
    cases.push_back(make({2, 2053, activation, a, true, true, Fill::positive}, random));
  }
  return cases;
}

OpCase draw(const Grid& grid, Random& random) {
  return make({random.integer(1, 40), random.integer(1, 600), random.pick(grid.activations()),
               random.pick({TN_DTYPE_F32, TN_DTYPE_F16, TN_DTYPE_BF16}), random.chance(0.7),
               random.chance(0.3), random.pick({Fill::unit, Fill::positive, Fill::wide})},
              random);
}

Cases zero_rows(const Grid& grid) {
  Random random(grid.seed);
  const uint32_t a = grid.activation;
  return {make({0, 64, a, a, true, false, Fill::unit, true}, random),
          make({0, 17, a, a, false, true, Fill::unit}, random)};
}

// `add` and `rms_norm` with the operands of a fused case.
OpCase add_of(const OpCase& fused) {
  auto made = new_case<tn_add_args>("the add of " + fused.name);
  made["a"] = fused["input"];
  made["b"] = fused["residual"];
  made["output"] = fused["sum"];
  made.expect_anything();
  return made;
}

OpCase norm_of(const OpCase& fused, const std::vector<uint64_t>& sum) {
  auto made = new_case<tn_rms_norm_args>("the rms_norm of " + fused.name);
  made["input"] = fused["sum"];
  for (size_t i = 0; i < sum.size(); ++i)
    made["input"].set_bits(static_cast<int64_t>(i), sum[i]);
  made["weight"] = fused["weight"];
  made["bias"] = fused["bias"];
  made["output"] = fused["output"];
  OpCase with_epsilon = fused;
  made.args<tn_rms_norm_args>().epsilon = with_epsilon.args<tn_add_rms_norm_args>().epsilon;
  made.expect_anything();
  return made;
}

void check_same(const OpCase& fused, const char* operand, const std::vector<uint64_t>& found,
                const std::vector<uint64_t>& parts) {
  for (size_t i = 0; i < found.size(); ++i) {
    check(found[i] == parts[i], "TN-OP-17",
          fmt::format("add_rms_norm, case \"{}\", {} element {}", fused.name, operand, i),
          fmt::format("bits {:#x} as add and rms_norm give", parts[i]),
          fmt::format("bits {:#x}", found[i]));
  }
}

CONFORMANCE_TEST(ops, add_rms_norm_equals_its_parts,
                 {.rules = {"TN-OP-17"}, .profile = TN_PROFILE_DENSE}) {
  OpRunner runner(context, add_rms_norm_suite(), "TN-OP-17");
  for (const OpCase& fused : canonical(runner.grid())) {
    const auto found = runner.run(fused);
    if (!found) continue;
    const OpCase add = add_of(fused);
    const auto sum = runner.run(add);
    if (!sum) continue;
    const std::vector<uint64_t>& sum_bits = (*sum)[0][add.index("output")];
    check_same(fused, "sum", (*found)[0][fused.index("sum")], sum_bits);
    const OpCase norm = norm_of(fused, sum_bits);
    const auto normed = runner.run(norm);
    if (!normed) continue;
    check_same(fused, "output", (*found)[0][fused.index("output")],
               (*normed)[0][norm.index("output")]);
  }
  runner.finish();
}

}  // namespace add_rms_norm_cases

const OpSuite& add_rms_norm_suite() {
  using namespace add_rms_norm_cases;
  static const OpSuite suite{.canonical = canonical,
                             .draw = draw,
                             .zero_rows = zero_rows,
                             .strided = {"input", "residual", "sum", "output"}};
  return suite;
}

}  // namespace tenon::conformance
