#include "proof/coverage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runner/rule_table.hpp"

namespace tenon::mutants {
namespace {

constexpr size_t fewest_mutants = 60;
constexpr size_t fewest_in_an_area = 5;
constexpr size_t most_of_a_kind = 5;
constexpr std::string_view full_areas[] = {"abi",      "memory",  "streams", "events",
                                           "copies",   "ops",     "layouts", "graphs",
                                           "prefetch", "options", "errors"};
constexpr std::string_view ops[] = {
#define TN_OP(id, name, op_class, since_major, since_minor) #name,
#include <tenon/ops.def>
};

// HOST binds the host; what only a compiler or nobody can see has no test to kill a mutant.
bool binds_the_plugin(const conformance::Rule& rule) {
  return !rule.id.starts_with("TN-HOST-") &&
         (rule.noticed_by == "suite" || rule.noticed_by == "host at load");
}

bool is_exempt(std::string_view rule) {
  const auto& exempt = exempt_rules();
  return std::any_of(exempt.begin(), exempt.end(),
                     [&](const ExemptRule& one) { return one.rule == rule; });
}

void check_rules(const std::vector<const Mutant*>& mutants, std::vector<std::string>& found) {
  const auto breaks = [&](std::string_view rule) {
    return std::any_of(mutants.begin(), mutants.end(),
                       [&](const Mutant* mutant) { return mutant->rule == rule; });
  };
  for (const auto& [id, rule] : conformance::rules()) {
    if (!binds_the_plugin(rule)) continue;
    if (!breaks(id) && !is_exempt(id)) {
      found.push_back(fmt::format("no mutant breaks {}, and no reason is written", id));
    }
    if (breaks(id) && is_exempt(id)) {
      found.push_back(fmt::format("{} has a mutant and a reason to have none", id));
    }
  }
  for (const Mutant* mutant : mutants) {
    const auto rule = conformance::rules().find(mutant->rule);
    if (rule == conformance::rules().end() || !binds_the_plugin(rule->second)) {
      found.push_back(
          fmt::format("{}: {} is no rule that binds a plugin", mutant->name, mutant->rule));
    }
  }
}

void check_ops(const std::vector<const Mutant*>& mutants, std::vector<std::string>& found) {
  for (const std::string_view op : ops) {
    const std::string prefix = fmt::format("ops/{}/", op);
    if (std::none_of(mutants.begin(), mutants.end(),
                     [&](const Mutant* mutant) { return mutant->test.starts_with(prefix); })) {
      found.push_back(fmt::format("no mutant has a fault in {}", op));
    }
  }
}

}  // namespace

std::vector<const Mutant*> counted_mutants() {
  std::vector<const Mutant*> result;
  for (const Mutant& mutant : all_mutants()) {
    if (mutant.area != "control") result.push_back(&mutant);
  }
  return result;
}

std::vector<std::string> gaps() {
  std::vector<std::string> found;
  const std::vector<const Mutant*> mutants = counted_mutants();
  std::map<std::string_view, size_t> areas, kinds;
  for (const Mutant* mutant : mutants) {
    ++areas[mutant->area];
    ++kinds[mutant->kind];
  }
  // A kind of fault counts no more than this often towards the number of mutants.
  size_t counted = 0;
  for (const auto& [kind, count] : kinds)
    counted += std::min(count, most_of_a_kind);
  if (counted < fewest_mutants) {
    found.push_back(fmt::format("{} mutants of different kinds; expected at least {}", counted,
                                fewest_mutants));
  }
  for (const std::string_view area : full_areas) {
    if (areas[area] >= fewest_in_an_area) continue;
    found.push_back(fmt::format("{} mutants in {}; expected at least {}", areas[area], area,
                                fewest_in_an_area));
  }
  check_rules(mutants, found);
  check_ops(mutants, found);
  return found;
}

}  // namespace tenon::mutants
