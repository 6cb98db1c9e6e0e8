// moe_unpermute: the weighted sum of each token's rows.
#include <fmt/format.h>

#include "ops/op_suite.hpp"
#include "ops/products.hpp"

namespace tenon::conformance {
namespace moe_unpermute_cases {

struct Form {
  int64_t tokens = 1, choices = 1, width = 1, rows = 1;
  uint32_t activation = TN_DTYPE_F32;
  bool residual = false;
  double absent = 0;  // how many of the choices have no row
  bool basic = false;
};

OpCase make(const Form& form, Random& random) {
  auto made = new_case<tn_moe_unpermute_args>(
      fmt::format("{} tokens of {} {}, {} choices of {} rows{}{}", form.tokens, form.width,
                  dtype_name(form.activation), form.choices, form.rows,
                  form.residual ? ", residual" : "", form.absent > 0 ? ", absent rows" : ""));
  made.activation = form.activation;
  made.basic = form.basic;
  HostTensor& input = made["input"];
  input = HostTensor(form.activation, {form.rows, form.width}).random(random, Fill::unit);
  HostTensor& map = made["row_map"];
  map = HostTensor(TN_DTYPE_I32, {form.tokens, form.choices});
  HostTensor& weights = made["expert_weights"];
  weights = HostTensor(TN_DTYPE_F32, {form.tokens, form.choices}).random(random, 0.1, 1.7);
  if (form.residual)
    made["residual"] = HostTensor(form.activation, {form.tokens, form.width}).random(random);
  made["output"] = HostTensor(form.activation, {form.tokens, form.width});
  std::vector<bool> used(static_cast<size_t>(form.rows), false);
  for (int64_t i = 0; i < map.count(); ++i) {
    const int64_t row = random.chance(form.absent) ? -1 : random.integer(0, form.rows - 1);
    map.set(i, static_cast<double>(row));
    if (row >= 0) used[static_cast<size_t>(row)] = true;
    if (row < 0) weights.set_bits(i, 0xffffffff);  // adds nothing, not even its NaN
  }
  for (int64_t i = 0; i < form.tokens * form.width; ++i) {
    const int64_t token = i / form.width;
    Sum sum;
    if (form.residual) sum.add(made["residual"].at(i));
    for (int64_t j = token * form.choices; j < (token + 1) * form.choices; ++j) {
      const auto row = static_cast<int64_t>(map.at(j));
      if (row >= 0) sum.add(weights.at(j) * input.at(row * form.width + i % form.width));
    }
    made.expect_sum("output", i, sum.value, static_cast<double>(form.choices + 1), sum.magnitude);
  }
  for (int64_t row = 0; row < form.rows; ++row) {
    for (int64_t i = 0; i < form.width && !used[static_cast<size_t>(row)]; ++i)
      input.set_bits(row * form.width + i, 0xffffffff);
  }
  return made;
}

Cases canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  const uint32_t a = grid.activation;
  for (const auto& [tokens, choices, width, rows] : std::vector<std::array<int64_t, 4>>{
           {1, 1, 1, 1}, {3, 2, 17, 6}, {17, 4, 64, 68}, {5, 8, 1027, 9}, {33, 1, 31, 40}}) {
    cases.push_back(make({tokens, choices, width, rows, a, false, 0, true}, random));
  }
  for (const uint32_t activation : grid.activations()) {
    for (const bool residual : {false, true}) {
      for (const double absent : {0.0, 0.4, 1.0})
        cases.push_back(make({5, 3, 33, 11, activation, residual, absent}, random));
    }
  }
  return cases;
}

OpCase draw(const Grid& grid, Random& random) {
  return make(
      {random.integer(1, 30), random.integer(1, 8), random.integer(1, 200), random.integer(1, 90),
       random.pick(grid.activations()), random.chance(0.5), random.pick({0.0, 0.3})},
      random);
}

Cases zero_rows(const Grid& grid) {
  Random random(grid.seed);
  return {make({0, 2, 17, 5, grid.activation, false, 0, true}, random),
          make({0, 2, 17, 5, grid.activation, true, 0}, random)};
}

Cases bad_index(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  for (const double bad : {6.0, -2.0, 100000.0, static_cast<double>(INT32_MAX)}) {
    cases.push_back(make({3, 2, 17, 6, grid.activation, false, 0, true}, random));
    cases.back()["row_map"].set(3, bad);
  }
  return cases;
}

Cases not_read(const Grid& grid) {
  Random random(grid.seed);
  return {make({4, 3, 33, 60, grid.activation, false, 0.5, true}, random),
          make({4, 3, 33, 60, grid.activation, true, 0.5}, random)};
}

}  // namespace moe_unpermute_cases

const OpSuite& moe_unpermute_suite() {
  using namespace moe_unpermute_cases;
  static const OpSuite suite{.profile = TN_PROFILE_MOE,
                             .canonical = canonical,
                             .draw = draw,
                             .zero_rows = zero_rows,
                             .strided = {"input", "residual", "output"},
                             .bad_index = bad_index,
                             .not_read = not_read};
  return suite;
}

}  // namespace tenon::conformance
