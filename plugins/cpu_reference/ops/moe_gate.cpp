// Chooses top_k experts for each token:
//   s = score(logits): softmax over all experts, sigmoid, or sqrt(log(1 + exp(x)))
//   b = s + selection_bias
//   group_count > 1: a group's score is the sum of its group_score_top (1 or 2) largest b; only the
//     experts of the group_top_k best groups remain
//   expert_ids = the top_k largest remaining b in descending order, or hash_table[token_ids[t]]
//   w_j = s[expert_j];  renormalise: w_j /= (sum_j w_j + renormalise_epsilon);  w_j *= scale
// Equal values: the lower index wins; a NaN ranks below all numbers. Computed in double and rounded
// once, so that near-equal scores rank as their exact values do.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "ops/check.hpp"
#include "ops/kernels.hpp"
#include "tensor_view.hpp"
#include "text.hpp"

namespace tenon::cpu_reference {
namespace {

constexpr double lowest = -std::numeric_limits<double>::infinity();

double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

void apply_score(uint32_t score, std::vector<double>& x) {
  if (score == TN_MOE_SIGMOID) {
    for (double& value : x)
      value = 1.0 / (1.0 + std::exp(-value));
  } else if (score == TN_MOE_SQRT_SOFTPLUS) {
    for (double& value : x)
      value = std::sqrt(softplus(value));
  } else {
    const double largest = *std::max_element(x.begin(), x.end());
    double sum = 0;
    for (double& value : x)
      sum += value = std::exp(value - largest);
    for (double& value : x)
      value /= sum;
  }
}

// Indices of the `count` largest values, best first; of equal ones the lower index first. An index
// whose `allowed` is 0 is never taken.
std::vector<int64_t> largest_of(const std::vector<double>& values, const std::vector<char>& allowed,
                                int64_t count) {
  std::vector<int64_t> order;
  for (size_t i = 0; i < values.size(); ++i) {
    if (allowed[i] != 0) order.push_back(static_cast<int64_t>(i));
  }
  const auto rank = [&](int64_t i) {
    const double value = values[static_cast<size_t>(i)];
    return std::isnan(value) ? lowest : value;
  };
  std::partial_sort(order.begin(), order.begin() + count, order.end(), [&](int64_t a, int64_t b) {
    return rank(a) != rank(b) ? rank(a) > rank(b) : a < b;
  });
  order.resize(static_cast<size_t>(count));
  return order;
}

// Which experts remain after the choice of groups.
std::vector<char> allowed_experts(const tn_moe_gate_args& args, const std::vector<double>& b) {
  std::vector<char> allowed(b.size(), 1);
  if (args.group_count <= 1) return allowed;
  const size_t size = b.size() / static_cast<size_t>(args.group_count);
  std::vector<double> scores;
  for (auto first = b.begin(); first != b.end(); first += static_cast<ptrdiff_t>(size)) {
    std::vector<double> members(first, first + static_cast<ptrdiff_t>(size));
    const auto top = largest_of(members, std::vector<char>(size, 1), args.group_score_top);
    double score = 0;
    for (const int64_t i : top)
      score += members[static_cast<size_t>(i)];
    scores.push_back(score);
  }
  std::fill(allowed.begin(), allowed.end(), 0);
  for (const int64_t group :
       largest_of(scores, std::vector<char>(scores.size(), 1), args.group_top_k)) {
    std::fill_n(allowed.begin() + group * static_cast<int64_t>(size), size, 1);
  }
  return allowed;
}

void check_groups(Check& check, const tn_moe_gate_args& args) {
  const int64_t experts = args.logits.shape[1];
  check.attribute("top_k", args.top_k, 1, experts);
  if (args.group_count <= 1) return;
  check
      .that(experts % args.group_count == 0, "group_count must divide the number of experts",
            joined({"a divisor of ", std::to_string(experts)}), std::to_string(args.group_count))
      .attribute("group_top_k", args.group_top_k, 1, args.group_count)
      .attribute("group_score_top", args.group_score_top, 1,
                 std::min<int64_t>(2, experts / args.group_count))
      .that(args.top_k <= experts / args.group_count * args.group_top_k,
            "top_k exceeds the experts of the chosen groups",
            joined({"at most ", std::to_string(experts / args.group_count * args.group_top_k)}),
            std::to_string(args.top_k));
}

}  // namespace

Support query(const tn_moe_gate_args& args) {
  Check check("moe_gate", args.flags);
  const Dim tokens{args.logits.shape[0], "logits' first"};
  const Dim experts{args.logits.shape[1], "logits' second"};
  const Dim top_k{args.top_k, "top_k"};
  check.tensor("logits", args.logits, {any_size, any_size}, float_types, Strides::rows)
      .optional_tensor("selection_bias", args.selection_bias, {experts}, only(TN_DTYPE_F32),
                       Strides::contiguous)
      .optional_tensor("hash_table", args.hash_table, {any_size, top_k}, only(TN_DTYPE_I32),
                       Strides::contiguous)
      .that(args.hash_table.dtype == TN_DTYPE_NONE || args.token_ids.dtype != TN_DTYPE_NONE,
            "token_ids is missing", "a tensor, because hash_table is present", "none");
  if (args.hash_table.dtype == TN_DTYPE_NONE) {
    check.absent("token_ids", args.token_ids, "unless hash_table is present");
  }
  check
      .optional_tensor("token_ids", args.token_ids, {tokens}, only(TN_DTYPE_I32),
                       Strides::contiguous)
      .tensor("expert_ids", args.expert_ids, {tokens, top_k}, only(TN_DTYPE_I32),
              Strides::contiguous, Access::write)
      .tensor("expert_weights", args.expert_weights, {tokens, top_k}, only(TN_DTYPE_F32),
              Strides::contiguous, Access::write)
      .attribute("score", args.score, TN_MOE_SOFTMAX, TN_MOE_SQRT_SOFTPLUS)
      .attribute("group_count", args.group_count, 0, INT32_MAX)
      .attribute("renormalise", args.renormalise, 0, 1)
      .finite("renormalise_epsilon", args.renormalise_epsilon)
      .finite("scale", args.scale);
  if (!check.failed()) check_groups(check, args);
  return check.answer();
}

void run(const tn_moe_gate_args& args, std::span<std::byte>, ThreadPool& pool) {
  const TensorView logits("moe_gate", "logits", args.logits);
  const TensorView bias("moe_gate", "selection_bias", args.selection_bias);
  const TensorView hash_table("moe_gate", "hash_table", args.hash_table);
  const TensorView token_ids("moe_gate", "token_ids", args.token_ids);
  const TensorView expert_ids("moe_gate", "expert_ids", args.expert_ids);
  const TensorView expert_weights("moe_gate", "expert_weights", args.expert_weights);
  const int64_t experts = logits.shape(1);
  const int64_t top_k = args.top_k;

  const auto choose = [&](int64_t token, const std::vector<double>& scores) {
    if (hash_table.present()) {
      const int64_t first = token_ids.index(token, 0, hash_table.shape(0) - 1) * top_k;
      std::vector<int64_t> chosen;
      for (int64_t j = 0; j < top_k; ++j) {
        chosen.push_back(hash_table.index(first + j, 0, experts - 1));
      }
      return chosen;
    }
    std::vector<double> ranked = scores;
    for (size_t i = 0; bias.present() && i < ranked.size(); ++i) {
      ranked[i] += bias.as<const float>()[i];
    }
    return largest_of(ranked, allowed_experts(args, ranked), top_k);
  };

  const auto gate_token = [&](int64_t token) {
    std::vector<float> row(static_cast<size_t>(experts));
    logits.load_row(token, row.data());
    std::vector<double> scores(row.begin(), row.end());
    apply_score(args.score, scores);
    const std::vector<int64_t> chosen = choose(token, scores);
    double sum = 0;
    for (const int64_t expert : chosen)
      sum += scores[static_cast<size_t>(expert)];
    const double divisor = args.renormalise != 0 ? sum + args.renormalise_epsilon : 1.0;
    for (size_t j = 0; j < chosen.size(); ++j) {
      const int64_t place = token * top_k + static_cast<int64_t>(j);
      const double weight = scores[static_cast<size_t>(chosen[j])] / divisor * args.scale;
      expert_ids.as<int32_t>()[place] = static_cast<int32_t>(chosen[j]);
      expert_weights.as<float>()[place] = static_cast<float>(weight);
    }
  };
  pool.parallel_for(logits.shape(0), gate_token, rows_worth_a_thread(16 * experts));
}

}  // namespace tenon::cpu_reference
