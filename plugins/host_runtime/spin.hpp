// Waiting for a moment without giving up the processor.
#pragma once

#include <chrono>

namespace tenon::host_runtime {

inline void pause_processor() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// How long a thread that will wait looks first: sleeping and waking cost about as much.
inline constexpr std::chrono::microseconds spin_time{50};

// Until `done()` or the time is over; returns what done() said last.
template <class Done>
bool spin_for(std::chrono::microseconds time, Done&& done) {
  const auto end = std::chrono::steady_clock::now() + time;
  do {
    for (int i = 0; i < 32; ++i) {
      if (done()) return true;
      pause_processor();
    }
  } while (std::chrono::steady_clock::now() < end);
  return done();
}

}  // namespace tenon::host_runtime
