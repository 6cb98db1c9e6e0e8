// Virtual time of one card: the log of its calls, simulated as far as the host has come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <tenon/plugin/objects.hpp>

#include "ascend_emu/timing/simulation.hpp"

namespace tenon::ascend_emu {

// What a wait names that has nothing to wait for.
inline constexpr std::uint32_t no_event = 0xffffffffU;

// The times depend on the calls and their order alone. Thread-safe, but only one thread may
// enqueue: the order of several is chance.
class CardClock {
 public:
  explicit CardClock(const timing::SocProfile& profile) : simulation_(profile) {}

  std::uint32_t add_stream(std::string name);
  std::uint32_t add_stream_like(std::uint32_t stream);  // of the same name
  std::uint32_t add_event();

  // It makes no more calls; those that it made go on.
  void remove_stream(std::uint32_t stream);
  void remove_event(std::uint32_t event);

  // Streams and events that it keeps something of. What was removed it forgets with the next
  // synchronisation that leaves nothing to do, or while profiling with the end of that.
  std::size_t remembered();

  void call(timing::WorkItem work);

  // The host waits, in virtual time.
  void synchronize(timing::WorkKind kind, std::uint32_t stream, std::uint32_t event);

  // Between the records of two events. The host has learnt that both are complete, so its virtual
  // time is past them from now on.
  std::int64_t elapsed_ns(std::uint32_t begin, std::uint32_t end);

  // A new buffer has the place of an old one: nothing of it is in L2.
  void forget(timing::BufferId buffer);

  void start_profiling();
  // The host waits for the device, in virtual time. In order of begin_ns.
  std::vector<plugin::ProfileRecord> stop_profiling();

 private:
  void wait_for(timing::WorkKind kind, std::uint32_t stream, std::uint32_t event);
  void drop_what_is_over();
  std::string name_of(std::uint32_t stream) const;
  void keep_records(const timing::Timeline& timeline);

  std::mutex mutex_;
  timing::Simulation simulation_;  // guarded by mutex_, as the rest
  std::map<std::uint32_t, std::string> stream_names_;
  std::uint32_t streams_ = 0;  // numbers given so far
  std::uint32_t events_ = 0;
  std::vector<std::uint32_t> removed_streams_;
  std::vector<std::uint32_t> removed_events_;
  bool profiling_ = false;
  std::size_t before_profiling_ = 0;  // items of the simulation
  std::vector<plugin::ProfileRecord> records_;
};

}  // namespace tenon::ascend_emu
