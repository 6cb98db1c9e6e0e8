// How far a long piece of work is, on standard error.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tenon {

// On a terminal one line that is redrawn and removed at the end; elsewhere a line for every tenth
// of the work.
class ProgressBar {
 public:
  enum class Unit { bytes, tokens, steps };
  // Never: shows nothing. When_terminal: only if standard error is one.
  enum class Show { never, when_terminal, always };

  ProgressBar(std::string label, Unit unit, Show show);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Call from one thread at a time. `total` 0 shows nothing.
  void update(uint64_t done, uint64_t total);

 private:
  void draw(uint64_t done, uint64_t total);

  std::string label_;
  Unit unit_;
  bool shown_;
  bool terminal_;
  bool drawn_ = false;
  uint64_t tenths_ = 0;
  std::chrono::steady_clock::time_point next_ = {};
};

}  // namespace tenon
