#include "executor/plan_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "plan/forced_copies.hpp"

namespace tenon {

std::vector<std::string> expert_choices(const Plan& plan) {
  std::vector<std::pair<std::string, size_t>> choices;
  for (const ExpertLayer& layer : plan.expert_layers) {
    const bool loop = layer.choice.form == ExpertForm::loop;
    std::string text = fmt::format("{}: {}", loop ? "a loop over experts" : "grouped matmuls",
                                   layer.choice.reason);
    const auto known = std::ranges::find(choices, text, &std::pair<std::string, size_t>::first);
    if (known == choices.end()) {
      choices.emplace_back(std::move(text), 1);
    } else {
      ++known->second;
    }
  }
  std::vector<std::string> lines;
  lines.reserve(choices.size());
  for (const auto& [text, count] : choices)
    lines.push_back(fmt::format("{} layer{} of experts as {}", count, count == 1 ? "" : "s", text));
  return lines;
}

void PlanReport::plan_made(const Plan& plan) {
  for (std::string& line : expert_choices(plan)) {
    if (said_.insert(line).second) log(LogLevel::info, "experts", line);
  }
  const std::string copies = forced_copies_text(plan);
  if (copies.empty() || !said_.insert(copies).second) return;
  log(LogLevel::warning, "copies",
      fmt::format("each step copies {} bytes because of the layout of weights: {}",
                  forced_copies(plan).bytes, copies));
}

void PlanReport::step_copied(const Plan& plan, std::optional<uint64_t> copy_ns) {
  const std::string time =
      copy_ns ? fmt::format("in {:.3f} ms", static_cast<double>(*copy_ns) / 1e6) : "not timed";
  std::string what = fmt::format("a step of {} tokens copied {} bytes", plan.bucket.tokens,
                                 forced_copies(plan).bytes);
  if (!said_.insert(what).second) return;
  log(LogLevel::info, "copies", what + ", " + time);
}

}  // namespace tenon
