// batched_matmul: also over transposed views of either operand.
#include <fmt/format.h>

#include "ops/op_suite.hpp"
#include "ops/products.hpp"

namespace tenon::conformance {
namespace batched_matmul_cases {

enum class View { plain, swapped, heads_inside };

struct Form {
  int64_t batch = 1, m = 1, n = 1, k = 1;
  uint32_t activation = TN_DTYPE_F32;
  uint32_t b = TN_DTYPE_F32;
  View a_view = View::plain, b_view = View::plain;
  Fill fill = Fill::unit;
  bool basic = false;
};

std::string_view view_name(View view) {
  return view == View::plain ? "plain" : view == View::swapped ? "transposed" : "between heads";
}

// [batch, rows, columns], stored as the view says.
HostTensor stored(uint32_t dtype, int64_t batch, int64_t rows, int64_t columns, View view) {
  if (view == View::swapped) return HostTensor(dtype, {batch, columns, rows}).swapped(1, 2);
  if (view == View::heads_inside) return HostTensor(dtype, {rows, batch, columns}).swapped(0, 1);
  return HostTensor(dtype, {batch, rows, columns});
}

OpCase make(const Form& form, Random& random) {
  auto made = new_case<tn_batched_matmul_args>(
      fmt::format("B {} M {} N {} K {}, {} {} x {} {}{}", form.batch, form.m, form.n, form.k,
                  dtype_name(form.activation), view_name(form.a_view), dtype_name(form.b),
                  view_name(form.b_view), form.fill == Fill::positive ? ", long sums" : ""));
  made.activation = form.activation;
  made.basic = form.basic;
  made["a"] =
      stored(form.activation, form.batch, form.m, form.k, form.a_view).random(random, form.fill);
  made["b"] = stored(form.b, form.batch, form.k, form.n, form.b_view).random(random, form.fill);
  made["output"] = HostTensor(form.activation, {form.batch, form.m, form.n});
  const auto a = made["a"].values();
  const auto b = made["b"].values();
  for (int64_t i = 0; i < form.batch * form.m * form.n; ++i) {
    const int64_t batch = i / (form.m * form.n);
    const int64_t row = i / form.n % form.m;
    Sum sum;
    for (int64_t j = 0; j < form.k; ++j) {
      sum.add(a[static_cast<size_t>((batch * form.m + row) * form.k + j)] *
              b[static_cast<size_t>((batch * form.k + j) * form.n + i % form.n)]);
    }
    made.expect_sum("output", i, sum.value, static_cast<double>(form.k), sum.magnitude);
  }
  return made;
}

Cases canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  const uint32_t a = grid.activation;
  for (const auto& [batch, m, n, k] : std::vector<std::array<int64_t, 4>>{
           {1, 1, 1, 1}, {2, 3, 5, 7}, {3, 33, 17, 64}, {2, 16, 32, 31}, {4, 1, 15, 129}}) {
    cases.push_back(
        make({batch, m, n, k, a, a, View::plain, View::plain, Fill::wide, true}, random));
  }
  for (const uint32_t activation : grid.activations()) {
    for (const uint32_t b : float_dtypes) {
      for (const View a_view : {View::plain, View::swapped, View::heads_inside}) {
        for (const View b_view : {View::plain, View::swapped, View::heads_inside})
          cases.push_back(make({2, 5, 9, 19, activation, b, a_view, b_view}, random));
      }
    }
    cases.push_back(make({2, 2, 5, 1031, activation, activation, View::plain, View::plain,
                          Fill::positive, activation == a},
                         random));
  }
  return cases;
}

OpCase draw(const Grid& grid, Random& random) {
  const std::vector<View> views{View::plain, View::swapped, View::heads_inside};
  return make({random.integer(1, 5), random.integer(1, 20), random.integer(1, 40),
               random.integer(1, 150), random.pick(grid.activations()),
               random.pick({TN_DTYPE_F32, TN_DTYPE_F16, TN_DTYPE_BF16}), random.pick(views),
               random.pick(views), random.pick({Fill::unit, Fill::positive, Fill::wide})},
              random);
}

Cases zero_rows(const Grid& grid) {
  Random random(grid.seed);
  const uint32_t a = grid.activation;
  return {make({0, 3, 5, 7, a, a, View::plain, View::plain, Fill::unit, true}, random),
          make({0, 3, 5, 7, a, a, View::plain, View::swapped}, random)};
}

}  // namespace batched_matmul_cases

const OpSuite& batched_matmul_suite() {
  using namespace batched_matmul_cases;
  static const OpSuite suite{.canonical = canonical,
                             .draw = draw,
                             .zero_rows = zero_rows,
                             .strided = {"a", "b", "output"}};
  return suite;
}

}  // namespace tenon::conformance
