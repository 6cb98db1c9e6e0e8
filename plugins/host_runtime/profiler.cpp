#include "host_runtime/profiler.hpp"

#include <algorithm>
#include <utility>

namespace tenon::host_runtime {

void Profiler::start() {
  const std::lock_guard lock(mutex_);
  if (active_) throw plugin::Failure(TN_INVALID_STATE, "[profiling_start] it was started already");
  ++session_;
  next_number_ = 0;
  records_.clear();
  active_ = true;
}

void Profiler::check_started() const {
  if (!active_) throw plugin::Failure(TN_INVALID_STATE, "[profiling_stop] it was not started");
}

std::vector<plugin::ProfileRecord> Profiler::stop() {
  const std::lock_guard lock(mutex_);
  check_started();
  active_ = false;
  std::stable_sort(records_.begin(), records_.end(),
                   [](const auto& a, const auto& b) { return a.begin_ns < b.begin_ns; });
  return std::move(records_);
}

ProfileTicket Profiler::take_ticket(std::uint64_t count) {
  if (!active_.load(std::memory_order_relaxed)) return {};
  const std::lock_guard lock(mutex_);
  if (!active_) return {};
  return {session_, std::exchange(next_number_, next_number_ + count)};
}

void Profiler::add(ProfileTicket ticket, const WorkLabel& label, const std::string& stream_name,
                   std::uint64_t begin_ns, std::uint64_t end_ns) {
  const std::lock_guard lock(mutex_);
  if (!active_ || ticket.session != session_) return;
  records_.push_back({label.op, label.what, stream_name, label.engine, ticket.number, begin_ns,
                      end_ns, label.bytes_read, label.bytes_written, 0, label.copy_ns});
}

}  // namespace tenon::host_runtime
