#include "runner/test_child.hpp"

#include <fmt/format.h>

#include <exception>
#include <nlohmann/json.hpp>

namespace tenon::conformance {
namespace {

using nlohmann::json;

std::string encode(const Verdict& verdict) {
  const json text{{"outcome", static_cast<int>(verdict.outcome)},
                  {"reason", verdict.reason},
                  {"rule", verdict.finding.rule},
                  {"what", verdict.finding.what},
                  {"expected", verdict.finding.expected},
                  {"found", verdict.finding.found}};
  // A plugin's texts may be no UTF-8.
  return text.dump(-1, ' ', false, json::error_handler_t::replace);
}

Verdict decode(const std::string& text) {
  const json values = json::parse(text);
  return {static_cast<Outcome>(values.at("outcome").get<int>()),
          {values.at("rule"), values.at("what"), values.at("expected"), values.at("found")},
          values.at("reason")};
}

Verdict failure(const TestFailure& found) {
  return {
      Outcome::failed, {found.rule(), found.what_happened(), found.expected(), found.found()}, {}};
}

Verdict suite_fault(const std::string& what) {
  return {Outcome::failed,
          {"suite", "an exception that is no outcome left the test", "none", what},
          {}};
}

// Observes fail() while it lives.
class FailureObserver {
 public:
  explicit FailureObserver(std::function<void(const TestFailure&)> observer) {
    observe_failures(std::move(observer));
  }
  ~FailureObserver() { observe_failures({}); }
  FailureObserver(const FailureObserver&) = delete;
  FailureObserver& operator=(const FailureObserver&) = delete;
};

}  // namespace

Verdict verdict_of(const TestCase& test, const RunSettings& settings,
                   const std::function<void(const Verdict&)>& failing) {
  const FailureObserver observer([&](const TestFailure& found) { failing(failure(found)); });
  try {
    run_test(test, settings);
    return {};
  } catch (const TestFailure& found) {
    return failure(found);
  } catch (const TestSkipped& skipped) {
    return {Outcome::skipped, {}, skipped.what()};
  } catch (const TestUnsupported& unsupported) {
    return {Outcome::unsupported, {}, unsupported.what()};
  } catch (const std::exception& error) {
    return suite_fault(error.what());
  } catch (...) {
    return suite_fault("one that is no std::exception");
  }
}

void run_in_child(const TestCase& test, const RunSettings& settings, Channel& channel) {
  const auto send = [&](const Verdict& verdict) { channel.verdict(encode(verdict)); };
  send(verdict_of(test, settings, send));
}

std::string end_text(const ChildEnd& end, std::chrono::milliseconds timeout) {
  if (end.hung) {
    return fmt::format("no end after {} s", std::chrono::duration<double>(timeout).count());
  }
  if (end.signal != 0) return signal_text(end.signal);
  return fmt::format("its process exited with code {}", end.exit_code);
}

TestResult result_of(const TestCase& test, uint64_t seed, const ChildEnd& end,
                     std::chrono::milliseconds timeout) {
  TestResult result;
  result.test = &test;
  result.seed = seed;
  result.output = end.output;
  result.seconds = end.seconds;
  const bool clean = !end.hung && end.signal == 0 && end.exit_code == 0;
  if (!end.verdicts.empty()) {
    Verdict verdict = decode(end.verdicts.back());
    result.outcome = verdict.outcome;
    result.finding = std::move(verdict.finding);
    result.reason = std::move(verdict.reason);
    if (clean) return result;
    if (result.outcome == Outcome::failed) {
      // Nothing else than what was found; how the process ended afterwards is added for people.
      result.finding.found +=
          fmt::format("; then, while cleaning up, {}",
                      end.hung ? "the test did not end" : end_text(end, timeout));
      return result;
    }
  }
  result.outcome = end.hung ? Outcome::hung : Outcome::crashed;
  result.finding = {test.requirements.rules.front(),
                    end.hung ? "the test did not end" : "the test's process died", "an outcome",
                    end_text(end, timeout)};
  return result;
}

}  // namespace tenon::conformance
