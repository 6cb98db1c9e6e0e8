#include "ascend_emu/timed/row_draw.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

namespace tenon::ascend_emu {
namespace {

// A bijection of 64 bits in which every bit of the input moves half of the output's (the finaliser
// of SplitMix64).
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

// The n-th number depends on the key and n, not on what was asked for before.
class Numbers {
 public:
  Numbers(std::uint64_t seed, std::uint64_t block, std::uint64_t part)
      : key_(mixed(mixed(mixed(seed + step) + block + step) + part + step)) {}

  std::uint64_t next() { return mixed(key_ + step * ++count_); }
  double below_one() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }

 private:
  static constexpr std::uint64_t step = 0x9e3779b97f4a7c15U;
  std::uint64_t key_;
  std::uint64_t count_ = 0;
};

std::vector<std::size_t> shuffled(std::size_t count, Numbers numbers) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t left = count; left > 1; --left)
    std::swap(order[left - 1], order[numbers.below(left)]);
  return order;
}

std::vector<std::int64_t> even_rows(const RowDraw& draw, std::uint64_t seed) {
  const std::int64_t rows = draw.tokens * draw.choices;
  const auto experts = static_cast<std::size_t>(draw.experts);
  std::vector<std::int64_t> result(experts, rows / draw.experts);
  const std::vector<std::size_t> order =
      shuffled(experts, Numbers(seed, draw.block, 2 * draw.part + 1));
  for (std::size_t i = 0; i < static_cast<std::size_t>(rows % draw.experts); ++i)
    ++result[order[i]];
  return result;
}

// Chances of experts, drawn from in a time that does not depend on their number: each of as many
// equal slots holds one expert and a part of one other (Walker's method).
class AliasTable {
 public:
  explicit AliasTable(std::vector<double> weights) : share_(std::move(weights)) {
    const double sum = std::accumulate(share_.begin(), share_.end(), 0.0);
    std::vector<std::size_t> small;
    std::vector<std::size_t> large;
    for (std::size_t i = 0; i < share_.size(); ++i) {
      share_[i] *= static_cast<double>(share_.size()) / sum;
      other_.push_back(i);
      (share_[i] < 1.0 ? small : large).push_back(i);
    }
    while (!small.empty() && !large.empty()) {
      const std::size_t slot = small.back();
      const std::size_t donor = large.back();
      small.pop_back();
      other_[slot] = donor;
      share_[donor] -= 1.0 - share_[slot];
      if (share_[donor] < 1.0) {
        large.pop_back();
        small.push_back(donor);
      }
    }
  }

  std::size_t draw(Numbers& numbers) const {
    const std::size_t slot = numbers.below(share_.size());
    return numbers.below_one() < share_[slot] ? slot : other_[slot];
  }

 private:
  std::vector<double> share_;  // of a slot that belongs to its own expert
  std::vector<std::size_t> other_;
};

// A token that keeps drawing experts it has already takes the first it has not.
constexpr int most_tries = 64;

std::size_t another_expert(const AliasTable& table, const std::vector<std::uint64_t>& taken_by,
                           std::uint64_t token, Numbers& numbers) {
  for (int i = 0; i < most_tries; ++i) {
    const std::size_t expert = table.draw(numbers);
    if (taken_by[expert] != token) return expert;
  }
  const auto first = std::find_if(taken_by.begin(), taken_by.end(),
                                  [token](std::uint64_t by) { return by != token; });
  return static_cast<std::size_t>(first - taken_by.begin());
}

std::vector<std::int64_t> zipf_rows(const RowDraw& draw, const RoutingSettings& settings) {
  const auto all = static_cast<std::size_t>(std::max(draw.experts, draw.all_experts));
  const std::vector<std::size_t> popularity = shuffled(all, Numbers(settings.seed, draw.block, 0));
  std::vector<double> chances;
  for (std::size_t expert = 0; expert < static_cast<std::size_t>(draw.experts); ++expert)
    chances.push_back(std::pow(static_cast<double>(popularity[expert] + 1), -settings.exponent));
  const AliasTable table(std::move(chances));

  std::vector<std::int64_t> rows(static_cast<std::size_t>(draw.experts), 0);
  std::vector<std::uint64_t> taken_by(rows.size(), 0);  // the latest token of each expert, from 1
  const bool different = draw.choices <= draw.experts;
  Numbers numbers(settings.seed, draw.block, 2 * draw.part + 1);
  for (std::int64_t token = 1; token <= draw.tokens; ++token) {
    const auto number = static_cast<std::uint64_t>(token);
    for (std::int64_t choice = 0; choice < draw.choices; ++choice) {
      const std::size_t expert =
          different ? another_expert(table, taken_by, number, numbers) : table.draw(numbers);
      taken_by[expert] = number;
      ++rows[expert];
    }
  }
  return rows;
}

}  // namespace

std::vector<std::int64_t> draw_rows(const RoutingSettings& settings, const RowDraw& draw) {
  if (draw.experts <= 0) return {};
  return settings.distribution == RowDistribution::even ? even_rows(draw, settings.seed)
                                                        : zipf_rows(draw, settings);
}

}  // namespace tenon::ascend_emu
