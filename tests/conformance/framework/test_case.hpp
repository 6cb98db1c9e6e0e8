// What a conformance test is, and the list of all of them.
#pragma once

#include <tenon/device_api.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tenon::conformance {

class Context;

// What a test checks and what it needs. Everything is printed by --list.
struct Requirements {
  // Ids of device_api/RULES.md that the test checks; the first is the one it is about. At least
  // one.
  std::vector<std::string> rules;
  // The profile the test belongs to (one TN_PROFILE_ bit). It runs only where the first device
  // claims that profile.
  uint64_t profile = TN_PROFILE_CORE;
  // TN_CAN_ and TN_IS_ bits; where one is clear the test is skipped, naming it.
  uint64_t needs = 0;
  // Devices the backend must have; with fewer the test is skipped.
  uint32_t devices = 1;
  // Left out of fast mode.
  bool full_only = false;
  // Looks at the library or the table alone: runs even where no backend can be created.
  bool without_backend = false;
  // Reads nothing back: runs, whatever is claimed, on devices with TN_KEEPS_NO_CONTENTS too.
  bool without_contents = false;
};

struct TestCase {
  std::string name;  // "<group>/<what>", e.g. "events/wait_binds_to_latest_record"
  Requirements requirements;
  std::function<void(Context&)> body;
};

// Adds a test to the list. Called before main, or by main for generated tests. A name that is
// already there, or a test without a rule, ends the program with a message.
void register_test(TestCase test);

// All tests, by name.
const std::vector<TestCase>& all_tests();

struct Registration {
  Registration(const char* group, const char* what, Requirements requirements,
               void (*body)(Context&));
};

}  // namespace tenon::conformance

// CONFORMANCE_TEST(events, start_complete, {.rules = {"TN-EVT-1"}}) { ... context ... }
#define CONFORMANCE_TEST(group, what, ...)                                            \
  static void group##_##what(::tenon::conformance::Context& context);                 \
  static const ::tenon::conformance::Registration group##_##what##_registration(      \
      #group, #what, ::tenon::conformance::Requirements __VA_ARGS__, group##_##what); \
  static void group##_##what([[maybe_unused]] ::tenon::conformance::Context& context)
