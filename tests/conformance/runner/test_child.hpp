// One test in the process that runs it, and its result on the way to the parent.
#pragma once

#include <string>

#include "framework/context.hpp"
#include "runner/child_process.hpp"
#include "runner/result.hpp"

namespace tenon::conformance {

// How the body ended. Only passed, failed, skipped and unsupported come from here.
struct Verdict {
  Outcome outcome = Outcome::passed;
  Finding finding;
  std::string reason;
};

// Runs the test in this process. An exception that is no outcome is a fault of the suite. `failing`
// is told of a failure when it is found, before anything is cleaned up.
Verdict verdict_of(const TestCase& test, const RunSettings& settings,
                   const std::function<void(const Verdict&)>& failing);

// The same in a child: sends the verdict, and a failure at once, so that it is not lost where
// cleaning up then crashes or hangs.
void run_in_child(const TestCase& test, const RunSettings& settings, Channel& channel);

// What the parent makes of it.
TestResult result_of(const TestCase& test, uint64_t seed, const ChildEnd& end,
                     std::chrono::milliseconds timeout);

// How a child ended that sent no verdict: "hung" or "crashed", and a sentence about it.
std::string end_text(const ChildEnd& end, std::chrono::milliseconds timeout);

}  // namespace tenon::conformance
