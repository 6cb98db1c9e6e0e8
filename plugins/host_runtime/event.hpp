// Events of the host runtime.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <variant>

#include <tenon/plugin/objects.hpp>

#include "host_runtime/capture.hpp"
#include "host_runtime/completion.hpp"

namespace tenon::host_runtime {

// A point in a capture, which exists only for the streams that take part in it.
struct CapturedRecord {
  std::shared_ptr<Capture> capture;
  LaneClock clock;
};

// The latest record; the first alternative before there is one. Waits take a copy, so that neither
// recording again nor destroying the event moves them.
using LatestRecord =
    std::variant<std::monostate, std::shared_ptr<Completion>, std::shared_ptr<CapturedRecord>>;

// Thread-safe.
class StreamEvent final : public plugin::Event {
 public:
  void synchronize() override;
  bool query() override;
  std::int64_t elapsed_since(plugin::Event& begin) override;

  LatestRecord latest() const;
  void set_latest(LatestRecord record);

 private:
  // NULL before the first record. Failure TN_INVALID_STATE when it was recorded in a capture.
  std::shared_ptr<Completion> completion(const char* where) const;

  mutable std::mutex mutex_;
  LatestRecord latest_;
};

}  // namespace tenon::host_runtime
