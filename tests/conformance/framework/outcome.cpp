#include "framework/outcome.hpp"

#include <fmt/format.h>

#include <cstring>

#include "device/status.hpp"

namespace tenon::conformance {
namespace {

std::function<void(const TestFailure&)>& failure_observer() {
  static std::function<void(const TestFailure&)> observer;
  return observer;
}

}  // namespace

void observe_failures(std::function<void(const TestFailure&)> observer) {
  failure_observer() = std::move(observer);
}

TestFailure::TestFailure(std::string rule, std::string what, std::string expected,
                         std::string found)
    : std::runtime_error(
          fmt::format("[{}] {}; expected {}; found {}", rule, what, expected, found)),
      rule_(std::move(rule)),
      what_(std::move(what)),
      expected_(std::move(expected)),
      found_(std::move(found)) {}

void fail(std::string_view rule, std::string what, std::string expected, std::string found) {
  const TestFailure failure(std::string(rule), std::move(what), std::move(expected),
                            std::move(found));
  if (failure_observer()) failure_observer()(failure);
  throw TestFailure(failure);
}

void check_status(std::string_view rule, std::string_view call, tn_status expected,
                  tn_status status, const tn_error& error) {
  if (status == expected) return;
  fail(rule, std::string(call), std::string(status_name(expected)),
       fmt::format("{} ({})", status_name(status), message_of(error)));
}

void check_refused(std::string_view rule, std::string_view call, tn_status expected,
                   tn_status status, const tn_error& error) {
  check_status(rule, call, expected, status, error);
  check(error.code == static_cast<decltype(error.code)>(status), "TN-ERR-1",
        fmt::format("{} was refused", call),
        fmt::format("error.code {}", static_cast<int64_t>(status)),
        fmt::format("{}", static_cast<int64_t>(error.code)));
  const bool terminated = std::memchr(error.message, 0, sizeof error.message) != nullptr;
  check(terminated && error.message[0] != '\0', "TN-ERR-3", fmt::format("{} was refused", call),
        "a terminated sentence in error.message",
        terminated ? "an empty message" : "a message without its end");
}

}  // namespace tenon::conformance
