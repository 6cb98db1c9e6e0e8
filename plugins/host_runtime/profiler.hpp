// Records of finished work, one list for each device.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <tenon/plugin/objects.hpp>

namespace tenon::host_runtime {

// What a piece of work is called in a record, and what it moved. Static strings.
struct WorkLabel {
  std::uint32_t op = TN_OP_none;
  const char* what = "";
  const char* engine = "";
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t copy_ns = 0;  // of the last run
};

// A place in the order of enqueueing, taken when the work is enqueued; session 0: not recorded.
struct ProfileTicket {
  std::uint64_t session = 0;
  std::uint64_t number = 0;

  explicit operator bool() const { return session != 0; }
};

// Thread-safe.
class Profiler {
 public:
  void start();                               // Failure TN_INVALID_STATE when started already
  void check_started() const;                 // Failure TN_INVALID_STATE when not
  std::vector<plugin::ProfileRecord> stop();  // in order of begin_ns

  // `count` successive numbers, of which the first is returned.
  ProfileTicket take_ticket(std::uint64_t count = 1);
  void add(ProfileTicket ticket, const WorkLabel& label, const std::string& stream_name,
           std::uint64_t begin_ns, std::uint64_t end_ns);

 private:
  std::atomic<bool> active_{false};
  mutable std::mutex mutex_;
  std::uint64_t session_ = 0;  // guarded by mutex_, as the rest
  std::uint64_t next_number_ = 0;
  std::vector<plugin::ProfileRecord> records_;
};

}  // namespace tenon::host_runtime
