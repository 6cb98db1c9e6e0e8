// moe_permute: rows into expert order.
#include <fmt/format.h>

#include "ops/op_suite.hpp"

namespace tenon::conformance {
namespace moe_permute_cases {

struct Form {
  int64_t tokens = 1, choices = 1, width = 1, experts = 1;
  int32_t first = 0;
  uint32_t dtype = TN_DTYPE_F32;
  bool basic = false;
};

OpCase make(const Form& form, const std::vector<int64_t>& expert_ids, Random& random,
            const std::string& note = "") {
  auto made = new_case<tn_moe_permute_args>(fmt::format(
      "{}{} tokens of {} {} to {} experts each, experts {}..{} held", note, form.tokens, form.width,
      dtype_name(form.dtype), form.choices, form.first, form.first + form.experts - 1));
  made.activation = is_float(form.dtype) ? form.dtype : uint32_t{TN_DTYPE_NONE};
  made.basic = form.basic;
  made.args<tn_moe_permute_args>().first_expert = form.first;
  const int64_t rows = form.tokens * form.choices;
  made["input"] = HostTensor(form.dtype, {form.tokens, form.width});
  if (is_float(form.dtype)) {
    made["input"].random(random, Fill::wide);
  } else {
    made["input"].random(random, -128, 127);
  }
  made["expert_ids"] = HostTensor(TN_DTYPE_I32, {form.tokens, form.choices});
  for (int64_t i = 0; i < rows; ++i)
    made["expert_ids"].set(i, static_cast<double>(expert_ids[static_cast<size_t>(i)]));
  made["output"] = HostTensor(form.dtype, {rows, form.width});
  made["row_map"] = HostTensor(TN_DTYPE_I32, {form.tokens, form.choices});
  made["group_sizes"] = HostTensor(TN_DTYPE_I32, {form.experts});

  for (int64_t i = 0; i < rows; ++i)
    made.expect_value("row_map", i, -1);
  int64_t row = 0;
  for (int64_t expert = 0; expert < form.experts; ++expert) {
    const int64_t begin = row;
    for (int64_t i = 0; i < rows; ++i) {
      if (expert_ids[static_cast<size_t>(i)] != form.first + expert) continue;
      made.expect_value("row_map", i, static_cast<double>(row));
      for (int64_t j = 0; j < form.width; ++j) {
        made.expect_bits("output", row * form.width + j,
                         made["input"].bits(i / form.choices * form.width + j));
      }
      ++row;
    }
    made.expect_value("group_sizes", expert, static_cast<double>(row - begin));
  }
  for (int64_t i = row * form.width; i < rows * form.width; ++i)
    made.expect_value("output", i, 0);
  return made;
}

// Different experts for each token, of `of` experts.
std::vector<int64_t> draw_experts(Random& random, int64_t tokens, int64_t choices, int64_t of) {
  std::vector<int64_t> ids;
  for (int64_t token = 0; token < tokens; ++token) {
    const auto order = random.permutation(of);
    ids.insert(ids.end(), order.begin(), order.begin() + choices);
  }
  return ids;
}

Cases canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  const uint32_t a = grid.activation;
  cases.push_back(make({1, 1, 1, 1, 0, a, true}, {0}, random));
  cases.push_back(make({5, 2, 17, 4, 0, a, true}, draw_experts(random, 5, 2, 4), random));
  cases.push_back(make({33, 4, 64, 8, 0, a, true}, draw_experts(random, 33, 4, 8), random));
  cases.push_back(make({7, 1, 33, 5, 0, a, true}, std::vector<int64_t>(7, 4), random, "to one: "));
  cases.push_back(make({3, 2, 129, 60, 0, a, true}, {59, 0, 3, 59, 0, 1}, random));
  for (const uint32_t dtype : {uint32_t{TN_DTYPE_F32}, uint32_t{TN_DTYPE_F16},
                               uint32_t{TN_DTYPE_BF16}, uint32_t{TN_DTYPE_I8}}) {
    cases.push_back(make({9, 3, 31, 4, 2, dtype}, draw_experts(random, 9, 3, 8), random));
    cases.push_back(make({3, 2, 15, 2, 6, dtype}, draw_experts(random, 3, 2, 6), random, "none: "));
  }
  return cases;
}

OpCase draw(const Grid& grid, Random& random) {
  Form form;
  form.tokens = random.integer(1, 40);
  const int64_t all = random.integer(1, 32);
  form.choices = random.integer(1, std::min<int64_t>(all, 6));
  form.first = static_cast<int32_t>(random.chance(0.5) ? 0 : random.integer(0, all - 1));
  form.experts = random.integer(1, all - form.first);
  form.width = random.integer(1, 100);
  form.dtype = random.chance(0.2) ? uint32_t{TN_DTYPE_I8} : random.pick(grid.activations());
  return make(form, draw_experts(random, form.tokens, form.choices, all), random);
}

Cases zero_rows(const Grid& grid) {
  Random random(grid.seed);
  return {make({0, 2, 17, 5, 0, grid.activation, true}, {}, random)};
}

Cases bad_index(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  for (const int64_t bad : {int64_t{4}, int64_t{-1}, int64_t{INT32_MIN}, int64_t{INT32_MAX}})
    cases.push_back(make({3, 2, 17, 4, 0, grid.activation, true}, {0, bad, 3, 1, bad, 2}, random));
  return cases;
}

Cases written_as_zero(const Grid& grid) {
  Random random(grid.seed);
  return {make({4, 2, 33, 2, 1, grid.activation, true}, {0, 3, 1, 3, 0, 2, 3, 0}, random),
          make({4, 1, 65, 3, 10, grid.activation, true}, {0, 1, 2, 3}, random)};
}

Cases ties(const Grid& grid) {
  Random random(grid.seed);
  return {
      make({70, 1, 5, 3, 0, grid.activation, true}, std::vector<int64_t>(70, 1), random),
      make({6, 2, 5, 2, 0, grid.activation, true}, {1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1}, random)};
}

}  // namespace moe_permute_cases

const OpSuite& moe_permute_suite() {
  using namespace moe_permute_cases;
  static const OpSuite suite{.profile = TN_PROFILE_MOE,
                             .canonical = canonical,
                             .draw = draw,
                             .zero_rows = zero_rows,
                             .strided = {"input", "output"},
                             .bad_index = bad_index,
                             .written_as_zero = written_as_zero,
                             .ties = ties};
  return suite;
}

}  // namespace tenon::conformance
