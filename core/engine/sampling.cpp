#include "engine/sampling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "engine/random.hpp"

namespace tenon {
namespace {

using Candidate = SamplingScratch::Candidate;

constexpr float minus_infinity = -std::numeric_limits<float>::infinity();

void require(bool fine, std::string_view name, std::string_view expected, float found) {
  if (fine) return;
  fail_input("sampling", fmt::format("{} is out of range", name), expected,
             fmt::format("{}", found));
}

bool ranks_before(const Candidate& a, const Candidate& b) {
  return a.logit != b.logit ? a.logit > b.logit : a.id < b.id;
}

void penalise(std::span<const float> logits, std::span<const int32_t> history, float penalty,
              std::vector<float>& out) {
  for (const int32_t id : history) {
    const float logit = logits[static_cast<size_t>(id)];
    out[static_cast<size_t>(id)] = logit > 0.0F ? logit / penalty : logit * penalty;
  }
}

// The id of the highest logit, ties to the lowest id.
int32_t checked_argmax(std::span<const float> logits, int64_t row) {
  size_t best = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    if (std::isnan(logits[i]) || logits[i] == std::numeric_limits<float>::infinity()) {
      fail_run("sampling", fmt::format("bad logit in row {}", row), "numbers below infinity",
               fmt::format("{} for token {}", logits[i], i));
    }
    if (logits[i] > logits[best]) best = i;
  }
  if (logits.empty() || logits[best] == minus_infinity) {
    fail_run("sampling", fmt::format("no token can be chosen from row {}", row),
             "at least one finite logit",
             logits.empty() ? "no logits" : "-infinity for every token");
  }
  return static_cast<int32_t>(best);
}

void collect(std::span<const float> logits, std::vector<Candidate>& out) {
  out.clear();
  for (size_t i = 0; i < logits.size(); ++i) {
    if (logits[i] != minus_infinity) out.push_back({static_cast<int32_t>(i), logits[i], 0.0});
  }
}

void keep_up_to(const Candidate& last, std::vector<Candidate>& candidates) {
  std::erase_if(candidates, [last](const Candidate& c) { return ranks_before(last, c); });
}

void keep_top_k(int32_t k, SamplingScratch& s) {
  if (k == 0 || static_cast<size_t>(k) >= s.candidates.size()) return;
  s.ranked = s.candidates;
  const auto last = s.ranked.begin() + (k - 1);
  std::nth_element(s.ranked.begin(), last, s.ranked.end(), ranks_before);
  keep_up_to(*last, s.candidates);
}

void weigh(float temperature, float highest, std::vector<Candidate>& candidates) {
  for (Candidate& c : candidates) {
    c.weight = std::exp((static_cast<double>(c.logit) - highest) / temperature);
  }
}

double total_weight(const std::vector<Candidate>& candidates) {
  double total = 0.0;
  for (const Candidate& c : candidates)
    total += c.weight;
  return total;
}

// Ranks the candidates in growing pieces, since a nucleus is mostly a few tokens of many.
void keep_top_p(float top_p, SamplingScratch& s) {
  if (top_p >= 1.0F) return;
  const double wanted = top_p * total_weight(s.candidates);
  s.ranked = s.candidates;
  double reached = 0.0;
  std::ptrdiff_t piece = 64;
  for (auto begin = s.ranked.begin(); begin != s.ranked.end(); piece *= 4) {
    const auto end = begin + std::min(piece, s.ranked.end() - begin);
    if (end != s.ranked.end()) std::nth_element(begin, end, s.ranked.end(), ranks_before);
    std::sort(begin, end, ranks_before);
    for (; begin != end; ++begin) {
      reached += begin->weight;
      if (reached >= wanted) return keep_up_to(*begin, s.candidates);
    }
  }
}

void keep_min_p(float min_p, std::vector<Candidate>& candidates) {
  // The most probable token has weight 1 and survives the other filters.
  std::erase_if(candidates, [min_p](const Candidate& c) { return c.weight < min_p; });
}

int32_t draw(const std::vector<Candidate>& candidates, double uniform) {
  const double target = uniform * total_weight(candidates);
  double passed = 0.0;
  for (const Candidate& c : candidates) {
    passed += c.weight;
    if (passed > target) return c.id;
  }
  return candidates.back().id;  // not reached: the last sum is the total, and uniform < 1
}

float log_probability(std::span<const float> logits, int32_t token) {
  const double highest = *std::max_element(logits.begin(), logits.end());
  double total = 0.0;
  for (const float logit : logits)
    total += std::exp(logit - highest);
  return static_cast<float>(logits[static_cast<size_t>(token)] - highest - std::log(total));
}

uint64_t system_seed() {
  std::random_device device;
  return (static_cast<uint64_t>(device()) << 32U) | device();
}

}  // namespace

void validate(const SamplingParameters& p) {
  require(std::isfinite(p.temperature) && p.temperature >= 0.0F, "temperature",
          "a finite number, at least 0", p.temperature);
  if (p.top_k < 0) {
    fail_input("sampling", "top_k is out of range", "at least 0 (0 = off)",
               std::to_string(p.top_k));
  }
  require(p.top_p > 0.0F && p.top_p <= 1.0F, "top_p", "above 0, at most 1", p.top_p);
  require(p.min_p >= 0.0F && p.min_p <= 1.0F, "min_p", "0 to 1", p.min_p);
  require(std::isfinite(p.repetition_penalty) && p.repetition_penalty > 0.0F, "repetition_penalty",
          "a finite number above 0", p.repetition_penalty);
}

Sampler::Sampler(const SamplingParameters& parameters) : parameters_(parameters), seed_(0) {
  validate(parameters_);
  seed_ = parameters_.seed ? *parameters_.seed : system_seed();
}

bool Sampler::needs_logits() const {
  return parameters_.temperature > 0.0F || parameters_.repetition_penalty != 1.0F ||
         parameters_.want_logprob;
}

Sample Sampler::sample(std::span<const float> logits, std::span<const int32_t> history, int64_t row,
                       SamplingScratch& scratch) {
  std::span<const float> penalised = logits;
  if (parameters_.repetition_penalty != 1.0F) {
    scratch.logits.assign(logits.begin(), logits.end());
    penalise(logits, history, parameters_.repetition_penalty, scratch.logits);
    penalised = scratch.logits;
  }
  Sample result;
  result.token = checked_argmax(penalised, row);
  if (parameters_.temperature > 0.0F) {
    const float highest = penalised[static_cast<size_t>(result.token)];
    collect(penalised, scratch.candidates);
    keep_top_k(parameters_.top_k, scratch);
    weigh(parameters_.temperature, highest, scratch.candidates);
    keep_top_p(parameters_.top_p, scratch);
    keep_min_p(parameters_.min_p, scratch.candidates);
    result.token = draw(scratch.candidates, random_uniform(seed_, draws_++));
  }
  if (parameters_.want_logprob) result.logprob = log_probability(logits, result.token);
  return result;
}

}  // namespace tenon
