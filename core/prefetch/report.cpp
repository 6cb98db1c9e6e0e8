#include "prefetch/report.hpp"

#include <fmt/format.h>

namespace tenon {

std::string_view prefetch_limit_name(PrefetchLimit limit) {
  switch (limit) {
    case PrefetchLimit::ratio:
      return "ratio";
    case PrefetchLimit::max_bytes:
      return "max_bytes";
    case PrefetchLimit::cache:
      return "cache";
  }
  return {};
}

uint64_t PrefetchReport::bytes() const {
  uint64_t bytes = 0;
  for (const Prefetch& prefetch : prefetches)
    bytes += prefetch.bytes;
  return bytes;
}

std::string PrefetchReport::summary() const {
  std::string text = fmt::format("{} prefetches, {} bytes a step", prefetches.size(), bytes());
  if (!skipped.empty() || !notes.empty()) {
    text += fmt::format("; {} skipped, {} notes: see `tenon plan`", skipped.size(), notes.size());
  }
  return text;
}

PrefetchTotal prefetch_total(const Plan& plan) {
  PrefetchTotal total;
  for (const PlanStep& step : plan.steps) {
    if (step.kind != PlanStep::Kind::prefetch) continue;
    ++total.count;
    total.bytes += step.bytes;
  }
  return total;
}

}  // namespace tenon
