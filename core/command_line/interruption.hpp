// Ctrl-C and SIGTERM as a request to stop.
#pragma once

#include <stop_token>
#include <thread>

namespace tenon {

// While it lives, the first SIGINT or SIGTERM asks the stop token to stop, and a second one ends
// the process as usual. Signals that the caller ignores stay ignored. One at a time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  // The signal that came, or 0.
  int signal() const;

 private:
  std::stop_source source_;
  std::thread listener_;
};

}  // namespace tenon
