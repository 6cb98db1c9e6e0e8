// add, mul and scale.
#include <cmath>

#include <fmt/format.h>

#include "ops/op_suite.hpp"

namespace tenon::conformance {
namespace elementwise_cases {

struct Form {
  std::vector<int64_t> shape, b_shape;
  uint32_t activation = TN_DTYPE_F32;
  uint32_t b = TN_DTYPE_F32;
  Fill fill = Fill::wide;
  bool basic = false;
};

// The element of b that broadcasts to element `flat` of a.
int64_t broadcast_index(const Form& form, int64_t flat) {
  int64_t index = 0;
  int64_t step = 1;
  for (size_t axis = form.shape.size(); axis-- > 0;) {
    const int64_t at = flat % form.shape[axis];
    flat /= form.shape[axis];
    if (form.b_shape[axis] != 1) index += at * step;
    step *= form.b_shape[axis];
  }
  return index;
}

template <class Args>
OpCase make(const Form& form, Random& random) {
  constexpr bool product = op_of<Args> == TN_OP_mul;
  auto made = new_case<Args>(fmt::format("[{}] {} and [{}] {}", fmt::join(form.shape, ", "),
                                         dtype_name(form.activation), fmt::join(form.b_shape, ", "),
                                         dtype_name(form.b)));
  made.activation = form.activation;
  made.basic = form.basic;
  made["a"] = HostTensor(form.activation, form.shape).random(random, form.fill);
  made["b"] = HostTensor(form.b, form.b_shape).random(random, form.fill);
  made["output"] = HostTensor(form.activation, form.shape);
  for (int64_t i = 0; i < made["a"].count(); ++i) {
    const double x = made["a"].at(i);
    const double y = made["b"].at(broadcast_index(form, i));
    const double expected = product ? x * y : x + y;
    made.expect_sum("output", i, expected, 2,
                    product ? std::abs(expected) : std::abs(x) + std::abs(y));
  }
  return made;
}

// Values at which rounding once, to nearest even, differs from everything else.
template <class Args>
OpCase make_rounding(uint32_t activation) {
  constexpr bool product = op_of<Args> == TN_OP_mul;
  const double u = unit_roundoff(activation);
  auto made = new_case<Args>(fmt::format("ties of {}", dtype_name(activation)));
  made.activation = activation;
  made["a"] = HostTensor(activation, {2, 4});
  made["b"] = HostTensor(TN_DTYPE_F32, {2, 4});
  made["output"] = HostTensor(activation, {2, 4});
  made["a"].fill({1, 1 + 2 * u, 1, -1, 1, 1 + 2 * u, 2, 1});
  if (product) {
    made["b"].fill({1 + u, 1, 1 + 3 * u, 1 + u, 1 - u / 2, -1, 0.5, 1 + u * 1.25});
  } else {
    made["b"].fill({u, u, 3 * u, -u, -u / 2, -u, 2 * u, u * 1.25});
  }
  for (int64_t i = 0; i < 8; ++i) {
    const double x = made["a"].at(i);
    const double y = made["b"].at(i);
    const double exact = product ? x * y : x + y;
    if (activation == TN_DTYPE_F32) {
      made.expect_sum("output", i, exact, 2, std::abs(exact));
    } else {
      // Representable in f32, so that only the rounding to the output is left.
      made.expect_value("output", i, exact);
    }
  }
  return made;
}

template <class Args>
Cases canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  const uint32_t a = grid.activation;
  for (const auto& shape : std::vector<std::vector<int64_t>>{
           {1}, {1, 1}, {3, 17}, {2, 64}, {5, 1027}, {2, 3, 31}, {2, 3, 2, 16}}) {
    cases.push_back(make<Args>({shape, shape, a, a, Fill::wide, shape.size() == 2}, random));
  }
  for (const auto& b_shape : std::vector<std::vector<int64_t>>{
           {2, 3, 9}, {1, 3, 9}, {2, 1, 9}, {2, 3, 1}, {1, 1, 9}, {1, 1, 1}}) {
    for (const uint32_t activation : grid.activations()) {
      for (const uint32_t b : float_dtypes)
        cases.push_back(make<Args>({{2, 3, 9}, b_shape, activation, b}, random));
    }
  }
  for (const uint32_t activation : grid.activations())
    cases.push_back(make_rounding<Args>(activation));
  return cases;
}

template <class Args>
OpCase draw(const Grid& grid, Random& random) {
  Form form;
  const int64_t rank = random.integer(1, 4);
  for (int64_t axis = 0; axis < rank; ++axis) {
    form.shape.push_back(random.integer(1, axis + 1 == rank ? 300 : 6));
    form.b_shape.push_back(random.chance(0.25) ? 1 : form.shape.back());
  }
  form.activation = random.pick(grid.activations());
  form.b = random.pick({TN_DTYPE_F32, TN_DTYPE_F16, TN_DTYPE_BF16});
  form.fill = random.pick({Fill::unit, Fill::wide});
  return make<Args>(form, random);
}

template <class Args>
Cases zero_rows(const Grid& grid) {
  Random random(grid.seed);
  const uint32_t a = grid.activation;
  return {make<Args>({{0, 17}, {0, 17}, a, a, Fill::unit, true}, random),
          make<Args>({{0, 17}, {1, 17}, a, a, Fill::unit, false}, random)};
}

template <class Args>
OpSuite make_suite() {
  OpSuite made;
  made.canonical = canonical<Args>;
  made.draw = draw<Args>;
  made.zero_rows = zero_rows<Args>;
  made.strided = {"a", "b", "output"};
  return made;
}

/*--- scale ---*/

OpCase make_scale(const std::vector<int64_t>& shape, uint32_t activation, float factor, bool basic,
                  Random& random) {
  auto made = new_case<tn_scale_args>(
      fmt::format("[{}] {} times {}", fmt::join(shape, ", "), dtype_name(activation), factor));
  made.activation = activation;
  made.basic = basic;
  made.args<tn_scale_args>().factor = factor;
  made["input"] = HostTensor(activation, shape).random(random, Fill::wide);
  made["output"] = HostTensor(activation, shape);
  for (int64_t i = 0; i < made["input"].count(); ++i) {
    const double expected = made["input"].at(i) * static_cast<double>(factor);
    made.expect_sum("output", i, expected, 1, std::abs(expected));
  }
  return made;
}

Cases scale_canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  for (const uint32_t a : grid.activations()) {
    for (const auto& shape : std::vector<std::vector<int64_t>>{
             {1, 1}, {3, 17}, {2, 64}, {5, 1027}, {33}, {2, 3, 31}, {2, 3, 2, 16}}) {
      for (const float factor : {0.3F, -2.0F, 0.0F, 1000.1F})
        cases.push_back(make_scale(shape, a, factor, shape.size() == 2, random));
    }
  }
  return cases;
}

OpCase scale_draw(const Grid& grid, Random& random) {
  std::vector<int64_t> shape;
  const int64_t rank = random.integer(1, 4);
  for (int64_t axis = 0; axis < rank; ++axis)
    shape.push_back(random.integer(1, axis + 1 == rank ? 300 : 6));
  return make_scale(shape, random.pick(grid.activations()),
                    static_cast<float>(random.uniform(-8, 8)), false, random);
}

Cases scale_zero_rows(const Grid& grid) {
  Random random(grid.seed);
  return {make_scale({0, 17}, grid.activation, 0.3F, true, random)};
}

}  // namespace elementwise_cases

const OpSuite& add_suite() {
  using namespace elementwise_cases;
  static const OpSuite suite = make_suite<tn_add_args>();
  return suite;
}

const OpSuite& mul_suite() {
  using namespace elementwise_cases;
  static const OpSuite suite = make_suite<tn_mul_args>();
  return suite;
}

const OpSuite& scale_suite() {
  using namespace elementwise_cases;
  static const OpSuite suite{.canonical = scale_canonical,
                             .draw = scale_draw,
                             .zero_rows = scale_zero_rows,
                             .strided = {"input", "output"}};
  return suite;
}

}  // namespace tenon::conformance
