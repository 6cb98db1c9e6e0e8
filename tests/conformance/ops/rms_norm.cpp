// rms_norm: of rank 1 to 4, with and without weight and bias.
#include <fmt/format.h>

#include "ops/norms.hpp"
#include "ops/op_suite.hpp"

namespace tenon::conformance {
namespace rms_norm_cases {

struct Form {
  std::vector<int64_t> shape;
  uint32_t activation = TN_DTYPE_F32;
  uint32_t weight_dtype = TN_DTYPE_F32;
  bool weight = true, bias = false;
  float epsilon = 1e-5F;
  Fill fill = Fill::unit;
  bool basic = false;
  double magnitude = 1;
};

OpCase make(const Form& form, Random& random) {
  auto made = new_case<tn_rms_norm_args>(
      fmt::format("[{}] {}, weight {}, bias {} ({}), epsilon {}, magnitude {}",
                  fmt::join(form.shape, ", "), dtype_name(form.activation), form.weight, form.bias,
                  dtype_name(form.weight_dtype), form.epsilon, form.magnitude));
  const int64_t d = form.shape.back();
  made.activation = form.activation;
  made.basic = form.basic;
  made.args<tn_rms_norm_args>().epsilon = form.epsilon;
  HostTensor& input = made["input"];
  input = HostTensor(form.activation, form.shape).random(random, form.fill);
  for (int64_t i = 0; i < input.count(); ++i)
    input.set(i, input.at(i) * form.magnitude);
  if (form.weight) made["weight"] = HostTensor(form.weight_dtype, {d}).random(random, 0.5, 3);
  if (form.bias) made["bias"] = HostTensor(form.weight_dtype, {d}).random(random);
  made["output"] = HostTensor(form.activation, form.shape);
  expect_rms_norm(made, input.values(), d, static_cast<double>(form.epsilon));
  return made;
}

Cases canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  const uint32_t a = grid.activation;
  for (const auto& shape : std::vector<std::vector<int64_t>>{
           {1, 1}, {1, 64}, {3, 17}, {2, 128}, {17, 33}, {5, 1031}, {65, 15}}) {
    cases.push_back(make({shape, a, a, true, false, 1e-5F, Fill::wide, true}, random));
  }
  for (const auto& shape :
       std::vector<std::vector<int64_t>>{{7}, {3, 33}, {2, 3, 31}, {2, 1, 2, 16}}) {
    for (const uint32_t activation : grid.activations()) {
      for (const uint32_t w : float_dtypes) {
        for (const bool weight : {false, true}) {
          cases.push_back(
              make({shape, activation, w, weight, !weight || w != a, 1e-6F, Fill::unit}, random));
        }
      }
    }
  }
  for (const uint32_t activation : grid.activations()) {
    // Squares of one sign over a long row; an epsilon that matters; squares that f16 cannot hold.
    cases.push_back(make({{2, 2053}, activation, a, true, true, 0, Fill::positive}, random));
    cases.push_back(make({{2, 64}, activation, a, true, false, 0.5F, Fill::unit}, random));
    cases.push_back(
        make({{3, 129}, activation, a, true, false, 1e-5F, Fill::unit, false, 2000}, random));
    cases.push_back(
        make({{3, 129}, activation, a, true, false, 1e-5F, Fill::unit, false, 1e-3}, random));
    // A row of zeros is a row of zeros while epsilon is above 0.
    cases.push_back(
        make({{2, 31}, activation, a, true, true, 1e-6F, Fill::unit, false, 0}, random));
  }
  return cases;
}

OpCase draw(const Grid& grid, Random& random) {
  Form form;
  const int64_t rank = random.integer(1, 4);
  for (int64_t axis = 0; axis < rank; ++axis)
    form.shape.push_back(random.integer(1, axis + 1 == rank ? 600 : 7));
  form.activation = random.pick(grid.activations());
  form.weight_dtype = random.pick({TN_DTYPE_F32, TN_DTYPE_F16, TN_DTYPE_BF16});
  form.weight = random.chance(0.7);
  form.bias = random.chance(0.3);
  form.epsilon = random.pick({1e-6F, 1e-5F, 1e-3F, 0.25F});
  form.fill = random.pick({Fill::unit, Fill::positive, Fill::wide});
  form.magnitude = random.pick({1.0, 1.0, 100.0, 0.01});
  return make(form, random);
}

Cases zero_rows(const Grid& grid) {
  Random random(grid.seed);
  const uint32_t a = grid.activation;
  return {make({{0, 64}, a, a, true, false, 1e-5F, Fill::unit, true}, random),
          make({{0, 3, 17}, a, a, true, true, 1e-5F, Fill::unit}, random)};
}

}  // namespace rms_norm_cases

const OpSuite& rms_norm_suite() {
  using namespace rms_norm_cases;
  static const OpSuite suite{
      .canonical = canonical, .draw = draw, .zero_rows = zero_rows, .strided = {"input", "output"}};
  return suite;
}

}  // namespace tenon::conformance
