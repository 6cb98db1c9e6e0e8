// grouped_matmul: groups of rows with a matrix each; weights as [E, K, N] or seen transposed.
#include <numeric>

#include <fmt/format.h>

#include "ops/op_suite.hpp"
#include "ops/products.hpp"

namespace tenon::conformance {
namespace grouped_matmul_cases {

struct Form {
  std::vector<int64_t> groups;  // rows of each
  int64_t rest = 0;             // rows past the last group
  int64_t n = 1, k = 1;
  uint32_t activation = TN_DTYPE_F32;
  uint32_t weight = TN_DTYPE_F32;
  bool transposed = false, cumulative = false, bias = false;
  bool row_scale = false, quant_bias = false;  // W8A8 only
  Fill fill = Fill::unit;
  bool basic = false;

  int64_t rows() const { return std::accumulate(groups.begin(), groups.end(), rest); }
  int64_t experts() const { return static_cast<int64_t>(groups.size()); }
  bool quantised() const { return weight == TN_DTYPE_I8; }
};

std::string name_of(const Form& form) {
  return fmt::format("{}groups ({}) and {} rows more, N {} K {}, {} x {}{}{}{}{}{}{}",
                     form.quantised() ? "W8A8 " : "", fmt::join(form.groups, ", "), form.rest,
                     form.n, form.k, dtype_name(form.activation), dtype_name(form.weight),
                     form.transposed ? " transposed" : "", form.cumulative ? ", cumulative" : "",
                     form.bias ? ", bias" : "", form.row_scale ? ", row_scale" : "",
                     form.quant_bias ? ", quant_bias" : "",
                     form.fill == Fill::positive ? ", long sums" : "");
}

void set_operands(OpCase& made, const Form& form, Random& random) {
  const int64_t m = form.rows();
  const int64_t e = form.experts();
  const uint32_t input = form.quantised() ? uint32_t{TN_DTYPE_I8} : form.activation;
  made["input"] = HostTensor(input, {m, form.k});
  made["weight"] = form.transposed ? HostTensor(form.weight, {e, form.n, form.k}).swapped(1, 2)
                                   : HostTensor(form.weight, {e, form.k, form.n});
  made["output"] = HostTensor(form.activation, {m, form.n}).poison(Poison::written);
  if (form.quantised()) {
    made["input"].random(random, -128, 127);
    made["weight"].random(random, -128, 127);
    made["weight_scale"] = HostTensor(TN_DTYPE_F32, {e, form.n}).random(random, 1e-4, 1e-3);
    if (form.row_scale) made["row_scale"] = HostTensor(TN_DTYPE_F32, {m}).random(random, 0.1, 1);
    if (form.quant_bias)
      made["quant_bias"] = HostTensor(TN_DTYPE_I32, {e, form.n}).random(random, -90000, 90000);
  } else {
    made["input"].random(random, form.fill);
    made["weight"].random(random, form.fill);
  }
  const uint32_t bias = form.quantised() ? uint32_t{TN_DTYPE_F32} : form.weight;
  if (form.bias) made["bias"] = HostTensor(bias, {e, form.n}).random(random);
  std::vector<int64_t> list = form.groups;
  for (size_t i = 1; form.cumulative && i < list.size(); ++i)
    list[i] += list[i - 1];
  made["group_list"] = indices(list);
  // Rows past the last group: neither read nor written.
  for (int64_t row = m - form.rest; row < m; ++row) {
    for (int64_t i = 0; i < form.k; ++i)
      made["input"].set_bits(row * form.k + i, 0xffffffff);
    if (form.row_scale) made["row_scale"].set_bits(row, 0xffffffff);
  }
}

OpCase make(const Form& form, Random& random) {
  auto made = new_case<tn_grouped_matmul_args>(name_of(form));
  made.activation = form.activation;
  made.quantised = form.quantised();
  made.basic = form.basic;
  made.args<tn_grouped_matmul_args>().group_list_kind =
      form.cumulative ? TN_GROUP_CUMULATIVE : TN_GROUP_SIZES;
  set_operands(made, form, random);
  const auto x = made["input"].values();
  const auto w = made["weight"].values();
  int64_t row = 0;
  for (int64_t e = 0; e < form.experts(); ++e) {
    for (int64_t end = row + form.groups[static_cast<size_t>(e)]; row < end; ++row) {
      for (int64_t column = 0; column < form.n; ++column) {
        Sum sum;
        if (form.quant_bias) sum.add(made["quant_bias"].at(e * form.n + column));
        if (form.bias && !form.quantised()) sum.add(made["bias"].at(e * form.n + column));
        for (int64_t i = 0; i < form.k; ++i)
          sum.add(x[static_cast<size_t>(row * form.k + i)] *
                  w[static_cast<size_t>((e * form.k + i) * form.n + column)]);
        const int64_t flat = row * form.n + column;
        if (form.quantised()) {
          expect_scaled(made, flat, sum.value,
                        {made["weight_scale"].at(e * form.n + column),
                         form.row_scale ? made["row_scale"].at(row) : 1,
                         form.bias ? made["bias"].at(e * form.n + column) : 0});
        } else {
          made.expect_sum("output", flat, sum.value, static_cast<double>(form.k), sum.magnitude);
        }
      }
    }
  }
  return made;
}

Cases canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  const uint32_t a = grid.activation;
  const auto plain = [&](std::vector<int64_t> groups, int64_t n, int64_t k, Fill fill) {
    Form form;
    form.groups = std::move(groups);
    form.n = n;
    form.k = k;
    form.activation = form.weight = a;
    form.fill = fill;
    form.basic = true;
    cases.push_back(make(form, random));
  };
  plain({1}, 1, 1, Fill::unit);
  plain({3, 0, 5, 2}, 17, 33, Fill::wide);
  plain({0, 0, 17, 0}, 16, 64, Fill::wide);  // all rows to one
  plain({1, 16, 1, 15, 2}, 31, 15, Fill::unit);
  plain({2, 1}, 5, 1031, Fill::positive);
  for (const uint32_t activation : grid.activations()) {
    for (const uint32_t weight : float_dtypes) {
      for (int variant = 0; variant < 8; ++variant) {
        Form form;
        form.groups = variant % 2 == 0 ? std::vector<int64_t>{0, 4, 1, 0}
                                       : std::vector<int64_t>{2, 0, 0, 3, 0};
        form.rest = variant % 3;
        form.n = 9;
        form.k = 19;
        form.activation = activation;
        form.weight = weight;
        form.transposed = (variant & 1) != 0;
        form.cumulative = (variant & 2) != 0;
        form.bias = (variant & 4) != 0;
        cases.push_back(make(form, random));
      }
    }
    Form long_sums;
    long_sums.groups = {2, 1};
    long_sums.n = 5;
    long_sums.k = 519;
    long_sums.activation = long_sums.weight = activation;
    long_sums.transposed = true;
    long_sums.fill = Fill::positive;
    cases.push_back(make(long_sums, random));
    for (int variant = 0; variant < 8; ++variant) {
      Form form;
      form.groups = {2, 0, 5};
      form.rest = variant % 2;
      form.n = 17;
      form.k = 131;
      form.activation = activation;
      form.weight = TN_DTYPE_I8;
      form.transposed = variant % 3 == 0;
      form.row_scale = (variant & 1) != 0;
      form.quant_bias = (variant & 2) != 0;
      form.bias = (variant & 4) != 0;
      form.basic = variant < 2 && !form.transposed;
      cases.push_back(make(form, random));
    }
  }
  return cases;
}

OpCase draw(const Grid& grid, Random& random) {
  Form form;
  const int64_t experts = random.integer(1, 9);
  for (int64_t e = 0; e < experts; ++e)
    form.groups.push_back(random.chance(0.3) ? 0 : random.integer(1, 9));
  form.rest = random.chance(0.4) ? random.integer(1, 5) : 0;
  form.n = random.integer(1, 40);
  form.k = random.integer(1, 150);
  form.activation = random.pick(grid.activations());
  form.weight = random.chance(0.25) ? uint32_t{TN_DTYPE_I8} : random.pick(grid.activations());
  form.transposed = random.chance(0.5);
  form.cumulative = random.chance(0.5);
  form.bias = random.chance(0.4);
  form.row_scale = form.quantised() && random.chance(0.5);
  form.quant_bias = form.quantised() && random.chance(0.5);
  form.fill = random.pick({Fill::unit, Fill::positive, Fill::wide});
  return make(form, random);
}

Form small(const Grid& grid, std::vector<int64_t> groups, int64_t rest) {
  Form form;
  form.groups = std::move(groups);
  form.rest = rest;
  form.n = 17;
  form.k = 33;
  form.activation = form.weight = grid.activation;
  form.basic = true;
  return form;
}

Cases zero_rows(const Grid& grid) {
  Random random(grid.seed);
  Form transposed = small(grid, {0, 0, 0}, 0);
  transposed.transposed = transposed.cumulative = true;
  return {make(small(grid, {0, 0, 0}, 0), random), make(transposed, random)};
}

Cases bad_index(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  for (const std::vector<int64_t>& list : std::vector<std::vector<int64_t>>{
           {2, 7, 1}, {100000, 1, 1}, {1, -1, 2}, {INT32_MAX, INT32_MAX, 1}}) {
    for (const bool cumulative : {false, true}) {
      Form form = small(grid, {2, 1, 3}, 0);
      form.cumulative = cumulative;
      OpCase made = make(form, random);
      made["group_list"] = indices(list);
      cases.push_back(std::move(made));
    }
  }
  return cases;
}

Cases not_read(const Grid& grid) {
  Random random(grid.seed);
  Form cumulative = small(grid, {1, 3, 0}, 17);
  cumulative.cumulative = true;
  return {make(small(grid, {2, 0, 3}, 4), random), make(small(grid, {0, 0, 0}, 5), random),
          make(cumulative, random)};
}

}  // namespace grouped_matmul_cases

const OpSuite& grouped_matmul_suite() {
  using namespace grouped_matmul_cases;
  static const OpSuite suite{.profile = TN_PROFILE_MOE,
                             .canonical = canonical,
                             .draw = draw,
                             .zero_rows = zero_rows,
                             .strided = {"input", "output"},
                             .bad_index = bad_index,
                             .not_read = not_read};
  return suite;
}

}  // namespace tenon::conformance
