// Recording a device's work, for every test that looks at the records.
#pragma once

#include "framework/context.hpp"

namespace tenon::conformance {

inline void start_profiling(Subject& subject) {
  tn_error error{};
  check_ok("TN-PROF-1", "profiling_start",
           subject.table().profiling_start(subject.device(), &error), error);
}

// `sink` may not throw through the plugin.
inline void stop_profiling(Subject& subject, tn_profile_sink sink, void* context) {
  tn_error error{};
  check_ok("TN-PROF-1", "profiling_stop",
           subject.table().profiling_stop(subject.device(), sink, context, &error), error);
}

}  // namespace tenon::conformance
