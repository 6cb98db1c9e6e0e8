// How a test ends other than by passing: exceptions that the child process turns into its result.
#pragma once

#include <tenon/plugin.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tenon::conformance {

// A rule is broken.
class TestFailure : public std::runtime_error {
 public:
  TestFailure(std::string rule, std::string what, std::string expected, std::string found);
  const std::string& rule() const { return rule_; }
  const std::string& what_happened() const { return what_; }
  const std::string& expected() const { return expected_; }
  const std::string& found() const { return found_; }

 private:
  std::string rule_, what_, expected_, found_;
};

// The device lacks something that it does not claim: nothing was tested.
class TestSkipped : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;  // what(): the capability and how it was answered
};

// op_query answered "unsupported" for a form that nothing obliges the device to support.
class TestUnsupported : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;  // what(): the plugin's reason
};

// Throws TestFailure, after telling whoever observes failures.
[[noreturn]] void fail(std::string_view rule, std::string what, std::string expected,
                       std::string found);

// Called by fail() before it throws, so that a failure is known even where cleaning up then hangs.
// One observer at a time; an empty one ends observing. Set while one thread runs.
void observe_failures(std::function<void(const TestFailure&)> observer);

// Throws TestFailure unless `holds`.
inline void check(bool holds, std::string_view rule, std::string what, std::string expected,
                  std::string found) {
  if (!holds) fail(rule, std::move(what), std::move(expected), std::move(found));
}

// Throws TestFailure unless a call answered `expected`; `found` shows the plugin's message.
void check_status(std::string_view rule, std::string_view call, tn_status expected,
                  tn_status status, const tn_error& error);
inline void check_ok(std::string_view rule, std::string_view call, tn_status status,
                     const tn_error& error) {
  check_status(rule, call, TN_OK, status, error);
}

// A call was refused as TN-ERR-1 and TN-ERR-3 say: `status` is `expected`, error.code equals it and
// the message is a terminated sentence in UTF-8.
void check_refused(std::string_view rule, std::string_view call, tn_status expected,
                   tn_status status, const tn_error& error);

}  // namespace tenon::conformance
