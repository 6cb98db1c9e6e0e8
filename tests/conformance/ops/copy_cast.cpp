// copy_cast between row-major tensors; the casts between layouts are in layouts.cpp.
#include <cmath>

#include <fmt/format.h>

#include "ops/op_runner.hpp"
#include "ops/op_suite.hpp"

namespace tenon::conformance {
namespace copy_cast_cases {

OpCase make(HostTensor input, HostTensor output, const std::string& note = "") {
  auto made = new_case<tn_copy_cast_args>(
      fmt::format("{}[{}] {} -> {}", note, fmt::join(input.shape(), ", "),
                  dtype_name(input.dtype()), dtype_name(output.dtype())));
  made.basic = true;
  made["input"] = std::move(input);
  made["output"] = std::move(output);
  const OpCase& filled = made;
  const bool same = filled["input"].dtype() == filled["output"].dtype();
  for (int64_t i = 0; i < filled["input"].count(); ++i) {
    const double value = filled["input"].at(i);
    if (same) {
      made.expect_bits("output", i, filled["input"].bits(i));
    } else if (std::isnan(value)) {
      made.expect_near("output", i, value, 0);
    } else {
      made.expect_value("output", i, value);
    }
  }
  return made;
}

// Values around every rounding: ties both ways, the largest, past it, subnormal f16 and zeros.
HostTensor rounding_values(uint32_t from) {
  std::vector<double> values;
  for (const uint32_t to : {TN_DTYPE_F16, TN_DTYPE_BF16}) {
    const double u = unit_roundoff(to);
    for (const double base : {1.0, 1 + 2 * u, 1.5, 3 - 4 * u}) {
      for (const double step : {0.5, 0.75, 1.0, 1.25, 1.5})
        values.push_back(base + step * u * (base >= 2 ? 2 : 1));
    }
  }
  for (const double value :
       {65504.0, 65519.99, 65520.0, 65536.0, 1e5, 3.3e38, 0x1p-24, 0x1p-25, 0x1.8p-25, 0x1p-26,
        0x1.004p-15, 0x1.002p-15, 0x1.006p-15, 6e-5, 0.0, static_cast<double>(INFINITY)}) {
    values.push_back(value);
  }
  HostTensor tensor(from, {2, static_cast<int64_t>(values.size())});
  for (size_t i = 0; i < values.size(); ++i) {
    tensor.set(static_cast<int64_t>(i), values[i]);
    tensor.set(static_cast<int64_t>(values.size() + i), -values[i]);
  }
  return tensor;
}

HostTensor nan_values(uint32_t from) {
  HostTensor tensor(from, {1, 6});
  tensor.poison(Poison::read);
  // NaN whose upper half alone is infinity, quiet, negative.
  tensor.set_bits(0, from == TN_DTYPE_F32 ? 0x7f800001 : from == TN_DTYPE_F16 ? 0x7c01 : 0x7f81);
  tensor.set_bits(1, from == TN_DTYPE_F32 ? 0xff800001 : from == TN_DTYPE_F16 ? 0xfc01 : 0xff81);
  tensor.set(2, std::nan(""));
  tensor.set(3, 1);
  tensor.set(4, INFINITY);
  return tensor;
}

// Copies of bits: the part of the op that the core profile holds.
Cases equal_dtypes(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  for (const uint32_t dtype :
       {uint32_t{TN_DTYPE_F32}, uint32_t{TN_DTYPE_F16}, uint32_t{TN_DTYPE_BF16},
        uint32_t{TN_DTYPE_I8}, uint32_t{TN_DTYPE_I32}}) {
    for (const auto& shape : std::vector<std::vector<int64_t>>{
             {1}, {33}, {3, 17}, {2, 64}, {5, 1027}, {2, 3, 31}, {2, 1, 3, 2, 2, 5}}) {
      cases.push_back(make(HostTensor(dtype, shape).random_bits(random), HostTensor(dtype, shape)));
    }
  }
  return cases;
}

Cases canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases = equal_dtypes(grid);
  for (const uint32_t from : float_dtypes) {
    for (const uint32_t to : float_dtypes) {
      for (const auto& shape : std::vector<std::vector<int64_t>>{{3, 17}, {2, 3, 31}, {4, 257}}) {
        cases.push_back(
            make(HostTensor(from, shape).random(random, Fill::wide), HostTensor(to, shape)));
      }
      const HostTensor values = rounding_values(from);
      cases.push_back(make(values, HostTensor(to, values.shape()), "rounding "));
      cases.push_back(make(nan_values(from), HostTensor(to, {1, 6}), "NaN "));
    }
  }
  HostTensor integers(TN_DTYPE_I32, {2, 4});
  integers.fill({0, -1, 16777217, 2147483647, -2147483648.0, 16777219, -33554435, 100});
  cases.push_back(make(integers, HostTensor(TN_DTYPE_F32, {2, 4})));
  // Transposed views, read and written through their strides.
  for (const uint32_t from : grid.activations()) {
    OpCase both = make(HostTensor(from, {3, 5, 17}).random(random).swapped(0, 2),
                       HostTensor(grid.activation, {5, 17, 3}).swapped(0, 1), "transposed ");
    cases.push_back(std::move(both));
    HostTensor matrix(from, {33, 18});
    cases.push_back(make(matrix.random(random).swapped(0, 1), HostTensor(from, {18, 33}),
                         "transposed matrix "));
  }
  return cases;
}

OpCase draw(const Grid&, Random& random) {
  std::vector<int64_t> shape;
  const int64_t rank = random.integer(1, 6);
  for (int64_t axis = 0; axis < rank; ++axis)
    shape.push_back(random.integer(1, axis + 1 == rank ? 100 : 4));
  const uint32_t from = random.pick({TN_DTYPE_F32, TN_DTYPE_F16, TN_DTYPE_BF16});
  const uint32_t to = random.pick({TN_DTYPE_F32, TN_DTYPE_F16, TN_DTYPE_BF16});
  HostTensor input(from, shape);
  input.random(random, Fill::wide);
  HostTensor output(to, shape);
  if (rank > 1 && random.chance(0.4)) {
    const auto one = static_cast<size_t>(random.integer(0, rank - 1));
    const auto other = static_cast<size_t>(random.integer(0, rank - 1));
    input = input.swapped(one, other);
    output = HostTensor(to, input.shape());
  }
  return make(std::move(input), std::move(output));
}

Cases zero_rows(const Grid& grid) {
  Cases cases;
  for (const auto& shape : std::vector<std::vector<int64_t>>{{0}, {0, 17}, {0, 2, 3}}) {
    cases.push_back(make(HostTensor(grid.activation, shape), HostTensor(grid.activation, shape)));
  }
  return cases;
}

}  // namespace copy_cast_cases

const OpSuite& copy_cast_suite() {
  using namespace copy_cast_cases;
  static const OpSuite suite{
      .canonical = canonical, .draw = draw, .zero_rows = zero_rows, .strided = {"input", "output"}};
  return suite;
}

const OpSuite& copy_cast_of_equal_dtypes_suite() {
  using namespace copy_cast_cases;
  static const OpSuite suite{.profile = TN_PROFILE_CORE, .canonical = equal_dtypes};
  return suite;
}

}  // namespace tenon::conformance
