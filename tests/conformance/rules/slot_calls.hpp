// A call of every slot that must succeed, and calls that must be refused.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "framework/context.hpp"

namespace tenon::conformance {

struct SlotCall {
  std::string slot;
  std::string what;  // "buffer_allocate of 2^64 - 1 bytes"
  tn_status expected;
  std::function<tn_status(tn_error*)> make;  // may be called again and again
};

// One call at least for each slot that the plugin fills and whose capability is set. What a call
// makes is destroyed again by the call, or kept by `subject`.
std::vector<SlotCall> calls_that_succeed(Context& context, Subject& subject);

// Only what rows of the plugin's areas and comments of the headers refuse: a plugin need not check
// what the host owes it (TN-HOST).
std::vector<SlotCall> calls_that_are_refused(Context& context, Subject& subject);

}  // namespace tenon::conformance
