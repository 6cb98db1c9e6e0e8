// moe_gate: scores, selection bias, groups, renormalising and the hash table.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "ops/op_suite.hpp"

namespace tenon::conformance {
namespace moe_gate_cases {

struct Form {
  int64_t tokens = 1, experts = 8;
  int32_t top_k = 2;
  uint32_t activation = TN_DTYPE_F32;
  uint32_t score = TN_MOE_SOFTMAX;
  int32_t groups = 0, group_top = 0, group_score_top = 0;
  bool bias = false, renormalise = true, hash = false;
  float scale = 1;
  bool basic = false;
};

struct Choice {
  std::vector<int64_t> experts;
  double closest = INFINITY;  // relative distance of the nearest unequal scores that compete
};

std::vector<double> scores_of(const std::vector<double>& logits, uint32_t score) {
  std::vector<double> s;
  s.reserve(logits.size());
  double sum = 0;
  for (const double x : logits)
    sum += std::exp(x);
  for (const double x : logits) {
    s.push_back(score == TN_MOE_SOFTMAX   ? std::exp(x) / sum
                : score == TN_MOE_SIGMOID ? 1 / (1 + std::exp(-x))
                                          : std::sqrt(std::log1p(std::exp(x))));
  }
  return s;
}

// Indices by descending value, the lower index first among equal values.
std::vector<int64_t> order_of(const std::vector<double>& values, double& closest) {
  std::vector<int64_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t one, int64_t other) {
    return values[static_cast<size_t>(one)] > values[static_cast<size_t>(other)];
  });
  for (size_t i = 1; i < order.size(); ++i) {
    const double before = values[static_cast<size_t>(order[i - 1])];
    const double here = values[static_cast<size_t>(order[i])];
    if (before == here || std::isinf(here)) continue;
    closest = std::min(closest, (before - here) / std::max(std::abs(before), std::abs(here)));
  }
  return order;
}

Choice choose(const Form& form, std::vector<double> b) {
  Choice choice;
  if (form.groups > 1) {
    const auto size = static_cast<int64_t>(b.size()) / form.groups;
    std::vector<double> group_scores;
    for (int64_t group = 0; group < form.groups; ++group) {
      std::vector<double> members(b.begin() + group * size, b.begin() + (group + 1) * size);
      std::sort(members.rbegin(), members.rend());
      group_scores.push_back(members[0] + (form.group_score_top == 2 ? members[1] : 0));
    }
    const auto order = order_of(group_scores, choice.closest);
    for (size_t i = static_cast<size_t>(form.group_top); i < order.size(); ++i) {
      for (int64_t e = 0; e < size; ++e)
        b[static_cast<size_t>(order[i] * size + e)] = -INFINITY;
    }
  }
  choice.experts = order_of(b, choice.closest);
  choice.experts.resize(static_cast<size_t>(form.top_k));
  return choice;
}

// Distinct logits that each activation type holds, some steps apart, in random order.
void draw_logits(OpCase& made, const Form& form, int64_t token, Random& random) {
  const double step = form.experts > 128 ? 0x1p-5 : form.experts > 32 ? 0x1p-4 : 0x1p-2;
  const auto order = random.permutation(form.experts);
  const int64_t middle = form.experts / 2;
  for (int64_t e = 0; e < form.experts; ++e) {
    made["logits"].set(token * form.experts + e,
                       step * static_cast<double>(order[static_cast<size_t>(e)] - middle));
  }
}

void expect_token(OpCase& made, const Form& form, int64_t token, const Choice& choice,
                  const std::vector<double>& s) {
  const auto& args = made.args<tn_moe_gate_args>();
  double total = 0;
  for (const int64_t expert : choice.experts)
    total += s[static_cast<size_t>(expert)];
  for (int64_t j = 0; j < form.top_k; ++j) {
    const int64_t expert = choice.experts[static_cast<size_t>(j)];
    double weight = s[static_cast<size_t>(expert)];
    if (form.renormalise) weight /= total + static_cast<double>(args.renormalise_epsilon);
    weight *= static_cast<double>(args.scale);
    made.expect_value("expert_ids", token * form.top_k + j, static_cast<double>(expert));
    made.expect_near("expert_weights", token * form.top_k + j, weight, weight * 0x1p-18);
  }
}

std::vector<double> row_of(const HostTensor& tensor, int64_t row) {
  std::vector<double> values;
  for (int64_t i = 0; i < tensor.dim(1); ++i)
    values.push_back(tensor.at(row * tensor.dim(1) + i));
  return values;
}

OpCase empty(const Form& form, const std::string& note = "") {
  static constexpr const char* names[] = {"softmax", "sigmoid", "sqrt-softplus"};
  auto made = new_case<tn_moe_gate_args>(
      fmt::format("{}{} tokens, {} of {} experts, {} of {}{}{}{}{}, scale {}", note, form.tokens,
                  form.top_k, form.experts, names[form.score], dtype_name(form.activation),
                  form.groups > 1 ? fmt::format(", {} of {} groups by {}", form.group_top,
                                                form.groups, form.group_score_top)
                                  : "",
                  form.bias ? ", selection_bias" : "", form.renormalise ? ", renormalised" : "",
                  form.hash ? ", hash table" : "", form.scale));
  made.activation = form.activation;
  made.basic = form.basic;
  auto& args = made.args<tn_moe_gate_args>();
  args.top_k = form.top_k;
  args.score = form.score;
  args.group_count = form.groups;
  args.group_top_k = form.group_top;
  args.group_score_top = form.group_score_top;
  args.renormalise = form.renormalise ? 1 : 0;
  args.renormalise_epsilon = form.renormalise ? 1e-3F : 0;
  args.scale = form.scale;
  made["logits"] = HostTensor(form.activation, {form.tokens, form.experts});
  made["expert_ids"] = HostTensor(TN_DTYPE_I32, {form.tokens, form.top_k});
  made["expert_weights"] = HostTensor(TN_DTYPE_F32, {form.tokens, form.top_k});
  return made;
}

OpCase make(const Form& form, Random& random) {
  OpCase made = empty(form);
  if (form.bias) {
    made["selection_bias"] = HostTensor(TN_DTYPE_F32, {form.experts}).random(random, -0.5, 0.5);
  }
  const int64_t vocabulary = 13;
  HostTensor& table = made["hash_table"];
  if (form.hash) {
    table = HostTensor(TN_DTYPE_I32, {vocabulary, form.top_k});
    table.random(random, 0, static_cast<double>(form.experts - 1));
    made["token_ids"] = HostTensor(TN_DTYPE_I32, {form.tokens});
    made["token_ids"].random(random, 0, static_cast<double>(vocabulary - 1));
  }
  for (int64_t token = 0; token < form.tokens; ++token) {
    Choice choice;
    std::vector<double> s;
    // A choice is open where scores that are not equal lie closer than the tolerance: draw others.
    for (int attempt = 0; attempt < 200; ++attempt) {
      draw_logits(made, form, token, random);
      s = scores_of(row_of(made["logits"], token), form.score);
      std::vector<double> b = s;
      for (size_t e = 0; form.bias && e < b.size(); ++e)
        b[e] += made["selection_bias"].at(static_cast<int64_t>(e));
      choice = choose(form, b);
      if (choice.closest > 0x1p-16) break;
    }
    for (int64_t j = 0; form.hash && j < form.top_k; ++j) {
      const auto id = static_cast<int64_t>(made["token_ids"].at(token));
      choice.experts[static_cast<size_t>(j)] = static_cast<int64_t>(table.at(id * form.top_k + j));
    }
    expect_token(made, form, token, choice, s);
  }
  return made;
}

Cases canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  const uint32_t a = grid.activation;
  cases.push_back(make({1, 4, 1, a, TN_MOE_SOFTMAX, 0, 0, 0, false, true, false, 1, true}, random));
  cases.push_back(
      make({17, 60, 4, a, TN_MOE_SOFTMAX, 0, 0, 0, false, true, false, 1, true}, random));
  cases.push_back(
      make({3, 256, 8, a, TN_MOE_SOFTMAX, 0, 0, 0, false, false, false, 1, true}, random));
  for (const uint32_t activation : grid.activations()) {
    for (const uint32_t score : {TN_MOE_SOFTMAX, TN_MOE_SIGMOID, TN_MOE_SQRT_SOFTPLUS}) {
      for (const auto& [groups, top, by] :
           std::vector<std::array<int32_t, 3>>{{0, 0, 0}, {1, 1, 1}, {4, 2, 2}, {8, 3, 1}}) {
        for (const bool bias : {false, true}) {
          cases.push_back(make(
              {5, 32, 4, activation, score, groups, top, by, bias, bias, false, bias ? 2.5F : 1.0F},
              random));
        }
      }
      cases.push_back(
          make({6, 16, 3, activation, score, 0, 0, 0, false, true, true, 1.5F}, random));
    }
  }
  // All experts, and all that remain.
  cases.push_back(make({3, 7, 7, a, TN_MOE_SIGMOID, 0, 0, 0, false, true}, random));
  cases.push_back(make({3, 32, 16, a, TN_MOE_SIGMOID, 4, 2, 2, false, true}, random));
  return cases;
}

OpCase draw(const Grid& grid, Random& random) {
  Form form;
  form.tokens = random.integer(1, 40);
  form.groups = random.chance(0.4) ? static_cast<int32_t>(random.integer(2, 8)) : 0;
  form.experts = std::max(form.groups, 1) * random.integer(2, 16);
  form.group_top = form.groups > 0 ? static_cast<int32_t>(random.integer(1, form.groups)) : 0;
  form.group_score_top = form.groups > 0 ? static_cast<int32_t>(random.integer(1, 2)) : 0;
  const int64_t remain =
      form.groups > 0 ? form.experts / form.groups * form.group_top : form.experts;
  form.top_k = static_cast<int32_t>(random.integer(1, std::min<int64_t>(remain, 8)));
  form.activation = random.pick(grid.activations());
  form.score = random.pick({0U, 1U, 2U});
  form.bias = random.chance(0.4);
  form.renormalise = random.chance(0.5);
  form.hash = form.groups == 0 && !form.bias && random.chance(0.2);
  form.scale = random.pick({1.0F, 2.5F});
  return make(form, random);
}

Cases zero_rows(const Grid& grid) {
  Random random(grid.seed);
  const uint32_t a = grid.activation;
  return {make({0, 16, 4, a, TN_MOE_SOFTMAX, 0, 0, 0, false, true, false, 1, true}, random),
          make({0, 16, 4, a, TN_MOE_SIGMOID, 4, 2, 2, true, true}, random)};
}

Cases bad_index(const Grid& grid) {
  Random random(grid.seed);
  const Form form{4, 16, 3, grid.activation, TN_MOE_SOFTMAX, 0, 0, 0, false, true, true};
  Cases cases;
  for (const double bad : {13.0, -1.0, 100000.0}) {
    cases.push_back(make(form, random));
    cases.back()["token_ids"].set(1, bad);
    cases.push_back(make(form, random));
    cases.back()["hash_table"].fill(bad + 3);
  }
  return cases;
}

// Equal logits give equal scores, whatever the device's exp is.
OpCase tied(const Form& form, const std::vector<double>& logits) {
  OpCase made = empty(form, "ties: ");
  for (int64_t token = 0; token < form.tokens; ++token) {
    for (size_t e = 0; e < logits.size(); ++e)
      made["logits"].set(token * form.experts + static_cast<int64_t>(e), logits[e]);
    const auto s = scores_of(row_of(made["logits"], token), form.score);
    expect_token(made, form, token, choose(form, s), s);
  }
  return made;
}

Cases ties(const Grid& grid) {
  Cases cases;
  for (const uint32_t a : grid.activations()) {
    for (const uint32_t score : {TN_MOE_SOFTMAX, TN_MOE_SIGMOID, TN_MOE_SQRT_SOFTPLUS}) {
      const bool basic = score == TN_MOE_SOFTMAX;
      cases.push_back(tied({2, 8, 4, a, score, 0, 0, 0, false, true, false, 1, basic},
                           std::vector<double>(8, 1)));
      cases.push_back(tied({3, 8, 5, a, score, 0, 0, 0, false, true, false, 1, basic},
                           {1, 2, 2, 1, 2, 0, 1, 2}));
      // Groups {1, 2}, {2, 1}, {2, 1}, {0, 0}: three of equal score, of which the first two remain.
      cases.push_back(tied({2, 8, 3, a, score, 4, 2, 1, false, true}, {1, 2, 2, 1, 2, 1, 0, 0}));
      cases.push_back(tied({2, 8, 3, a, score, 4, 2, 2, false, true}, {0, 0, 2, 1, 2, 1, 1, 2}));
    }
  }
  return cases;
}

}  // namespace moe_gate_cases

const OpSuite& moe_gate_suite() {
  using namespace moe_gate_cases;
  static const OpSuite suite{.profile = TN_PROFILE_MOE,
                             .canonical = canonical,
                             .draw = draw,
                             .zero_rows = zero_rows,
                             .strided = {"logits"},
                             .bad_index = bad_index,
                             .ties = ties};
  return suite;
}

}  // namespace tenon::conformance
