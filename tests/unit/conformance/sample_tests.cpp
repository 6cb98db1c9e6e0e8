// One test for each way in which a test can end, for the tests of the runner.
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>

#include "framework/context.hpp"

namespace tenon::conformance {
namespace {

[[noreturn]] void loop_for_ever() {
  volatile bool again = true;
  while (again) {
  }
  _exit(0);
}

struct LoopsWhenDestroyed {
  ~LoopsWhenDestroyed() { loop_for_ever(); }
};

}  // namespace

CONFORMANCE_TEST(sample, passes, {.rules = {"TN-EVT-1"}}) {
  static_cast<void>(context.subject());
}

CONFORMANCE_TEST(sample, passes_with_a_thread_left, {.rules = {"TN-EVT-1"}}) {
  std::thread(loop_for_ever).detach();
}

CONFORMANCE_TEST(sample, fails, {.rules = {"TN-MEM-1", "TN-MEM-2"}}) {
  fail("TN-MEM-1", "a <call> & \"more\"", "an \x01 address", "no UTF-8: \xff");
}

CONFORMANCE_TEST(sample, fails_then_loops, {.rules = {"TN-MEM-2"}}) {
  const LoopsWhenDestroyed last;
  fail("TN-MEM-2", "what came first", "this", "that");
}

CONFORMANCE_TEST(sample, throws, {.rules = {"TN-EVT-1"}}) {
  throw std::runtime_error("a fault of mine");
}

CONFORMANCE_TEST(sample, exits, {.rules = {"TN-EVT-2"}}) {
  std::fputs("a last word\n", stderr);
  _exit(7);
}

CONFORMANCE_TEST(sample, prints, {.rules = {"TN-EVT-2"}}) {
  for (int i = 0; i < 100000; ++i)
    std::printf("line %d\n", i);
  std::fflush(stdout);
  std::abort();
}

CONFORMANCE_TEST(sample, skips, {.rules = {"TN-EVT-1"}, .devices = 1000}) {}

CONFORMANCE_TEST(sample, unsupported, {.rules = {"TN-EVT-1"}}) {
  throw TestUnsupported("no such form");
}

CONFORMANCE_TEST(sample, draws, {.rules = {"TN-EVT-1"}}) {
  fail("TN-EVT-1", "a draw", "-", fmt::format("{}", context.random()()));
}

CONFORMANCE_TEST(sample, fails_with_some_seeds, {.rules = {"TN-EVT-1"}}) {
  check(context.settings().seed % 4 != 0, "TN-EVT-1", "the seed", "no multiple of 4", "one");
}

CONFORMANCE_TEST(sample, long_one, {.rules = {"TN-EVT-1"}, .full_only = true}) {}

CONFORMANCE_TEST(sample, of_a_profile_nobody_claims,
                 {.rules = {"TN-EVT-1"}, .profile = uint64_t{1} << 40}) {}

CONFORMANCE_TEST(sample, of_the_library_alone, {.rules = {"TN-ABI-1"}, .without_backend = true}) {
  static_cast<void>(context.plugin());
}

}  // namespace tenon::conformance
