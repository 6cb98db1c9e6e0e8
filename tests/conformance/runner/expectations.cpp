#include "runner/expectations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "config/toml_source.hpp"
#include "runner/selection.hpp"

namespace tenon::conformance {
namespace {

std::string place(const std::string& file, const SourcePosition& position) {
  return fmt::format("{}:{}:{}", file, position.line, position.column);
}

Expectation entry_of(ExpectationKind kind, const ConfigValue& value, const std::string& file) {
  const std::string where = place(file, value.position);
  if (value.kind != ConfigValueKind::table) {
    fail_input(where, "an entry is no table", "test = \"...\" and reason = \"...\"",
               describe(value));
  }
  Expectation entry{kind, {}, {}, where};
  for (const ConfigMember& member : value.members) {
    std::string* target = member.key == "test"     ? &entry.test
                          : member.key == "reason" ? &entry.reason
                                                   : nullptr;
    if (target == nullptr) {
      fail_input(place(file, member.key_position), fmt::format("unknown key \"{}\"", member.key),
                 "test, reason");
    }
    if (member.value.kind != ConfigValueKind::string || member.value.text.empty()) {
      fail_input(place(file, member.value.position), fmt::format("{} says nothing", member.key),
                 "a text that is not empty", describe(member.value));
    }
    *target = member.value.text;
  }
  if (entry.test.empty()) fail_input(where, "an entry names no test", "test = \"NAME or GLOB\"");
  if (entry.reason.empty()) {
    fail_input(where, fmt::format("\"{}\" has no reason", entry.test), "reason = \"...\"");
  }
  return entry;
}

const Expectation* find(const std::vector<Expectation>& expectations, ExpectationKind kind,
                        const std::string& test) {
  const auto found =
      std::find_if(expectations.begin(), expectations.end(), [&](const Expectation& entry) {
        return entry.kind == kind && matches_glob(entry.test, test);
      });
  return found == expectations.end() ? nullptr : &*found;
}

bool matches_any(const Expectation& entry, const std::vector<const TestCase*>& tests) {
  return std::any_of(tests.begin(), tests.end(),
                     [&](const TestCase* test) { return matches_glob(entry.test, test->name); });
}

}  // namespace

std::vector<Expectation> parse_expectations(std::string_view text, const std::string& file) {
  const TomlResult toml = parse_toml(text);
  if (toml.mistake) fail_input(place(file, toml.mistake->position), toml.mistake->what);
  std::vector<Expectation> result;
  for (const ConfigMember& member : toml.root.members) {
    const bool unsupported = member.key == "unsupported";
    if (!unsupported && member.key != "xfail") {
      fail_input(place(file, member.key_position), fmt::format("unknown key \"{}\"", member.key),
                 "[[unsupported]] or [[xfail]]");
    }
    if (member.value.kind != ConfigValueKind::array) {
      fail_input(place(file, member.key_position),
                 fmt::format("\"{}\" is no list of entries", member.key),
                 fmt::format("[[{}]]", member.key), describe(member.value));
    }
    for (const ConfigValue& item : member.value.items) {
      result.push_back(entry_of(unsupported ? ExpectationKind::unsupported : ExpectationKind::xfail,
                                item, file));
    }
  }
  return result;
}

std::filesystem::path default_expectation_file(const std::filesystem::path& plugin) {
  return plugin.parent_path() / (plugin.stem().string() + ".conformance.toml");
}

void apply_expectations(const std::vector<Expectation>& expectations, TestResult& result) {
  const Expectation* xfail = find(expectations, ExpectationKind::xfail, result.test->name);
  const Expectation* unsupported =
      find(expectations, ExpectationKind::unsupported, result.test->name);
  if (result.outcome == Outcome::passed && (xfail != nullptr || unsupported != nullptr)) {
    const Expectation& entry = xfail != nullptr ? *xfail : *unsupported;
    result.outcome = Outcome::xpass;
    result.reason =
        fmt::format("it passes, and {} expects otherwise: {}", entry.where, entry.reason);
  } else if (is_bad(result.outcome) && xfail != nullptr) {
    result.outcome = Outcome::xfail;
    result.reason = xfail->reason;
  }
}

std::vector<std::string> stale_expectations(const std::vector<Expectation>& expectations,
                                            const std::vector<const TestCase*>& ran,
                                            const std::vector<const TestCase*>& left_out) {
  std::vector<std::string> result;
  for (const Expectation& entry : expectations) {
    if (matches_any(entry, ran) || matches_any(entry, left_out)) continue;
    result.push_back(error_text(entry.where, "the expectation matches no test",
                                "the name or a glob of a test of a claimed profile", entry.test));
  }
  return result;
}

}  // namespace tenon::conformance
