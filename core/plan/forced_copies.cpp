#include "plan/forced_copies.hpp"

#include <fmt/format.h>

#include <cctype>
#include <iterator>
#include <map>
#include <utility>

#include "device/op_table.hpp"

namespace tenon {
namespace {

// Components that are numbers become '*'.
std::string without_numbers(const std::string& name) {
  std::string text;
  for (size_t i = 0; i < name.size(); ++i) {
    const bool digit = std::isdigit(static_cast<unsigned char>(name[i])) != 0;
    const bool begins = i == 0 || name[i - 1] == '.' || text.back() == '*';
    if (digit && begins) {
      if (text.empty() || text.back() != '*') text += '*';
    } else {
      text += name[i];
    }
  }
  return text;
}

}  // namespace

ForcedCopies forced_copies(const Plan& plan) {
  ForcedCopies copies;
  for (const PlanStep& step : plan.steps) {
    if (step.copied_bytes == 0) continue;
    copies.bytes += step.copied_bytes;
    ++copies.runs;
  }
  return copies;
}

std::string forced_copies_text(const Plan& plan) {
  std::map<std::pair<std::string, uint64_t>, size_t> kinds;
  for (const PlanStep& step : plan.steps) {
    if (step.copied_bytes == 0) continue;
    std::string name = fmt::format("{} of '{}'", find_op(step.operation.op)->name,
                                   without_numbers(step.operation.name));
    ++kinds[{std::move(name), step.copied_bytes}];
  }
  std::string text;
  for (const auto& [kind, count] : kinds) {
    fmt::format_to(std::back_inserter(text), "{}{} x{}, {} bytes each", text.empty() ? "" : "; ",
                   kind.first, count, kind.second);
  }
  return text;
}

}  // namespace tenon
