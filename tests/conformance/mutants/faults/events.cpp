// Faults of events.
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "plant/base.hpp"
#include "plant/mutant.hpp"

namespace tenon::mutants::events_faults {
namespace {

std::mutex mutex;
std::set<tn_event*> recorded;      // at least once
std::map<tn_event*, int> records;  // how many
std::map<tn_event*, std::shared_ptr<std::atomic<bool>>> destroyed;

void forget_event(tn_event* event) {
  const std::lock_guard lock(mutex);
  recorded.erase(event);
  records.erase(event);
}

tn_status count_record(tn_event* event, tn_stream* stream, tn_error* error) {
  {
    const std::lock_guard lock(mutex);
    recorded.insert(event);
    ++records[event];
  }
  return base().event_record(event, stream, error);
}

tn_status destroy_and_forget(tn_event* event, tn_error* error) {
  forget_event(event);
  return base().event_destroy(event, error);
}

bool is_recorded(tn_event* event) {
  const std::lock_guard lock(mutex);
  return recorded.contains(event);
}

// Holds the stream up until `over` says so: what a wait looks like that is decided when it runs.
tn_status wait_until(tn_stream* stream, std::function<bool()> over, tn_error* error) {
  return run_on_stream(
      stream,
      [over = std::move(over)] {
        while (!over())
          std::this_thread::yield();
      },
      error);
}

bool has_passed(tn_event* event) {
  bool done = false;
  return base().event_query(event, &done, nullptr) != TN_OK || done;
}

}  // namespace

MUTANT(new_event_is_not_complete, {.rule = "TN-EVT-1",
                                   .area = "events",
                                   .kind = "wrong default",
                                   .test = "events/start_complete",
                                   .what = "an event that was never recorded is not done"}) {
  planted.table.event_record = count_record;
  planted.table.event_destroy = destroy_and_forget;
  planted.table.event_query = [](tn_event* event, bool* out, tn_error* error) {
    const tn_status status = base().event_query(event, out, error);
    if (status == TN_OK && !is_recorded(event)) *out = false;
    return status;
  };
}

MUTANT(new_event_cannot_be_waited_for, {.rule = "TN-EVT-1",
                                        .area = "events",
                                        .kind = "empty case",
                                        .test = "events/start_complete",
                                        .what = "event_wait for an event that was never recorded "
                                                "is refused"}) {
  planted.table.event_record = count_record;
  planted.table.event_destroy = destroy_and_forget;
  planted.table.event_wait = [](tn_stream* stream, tn_event* event, tn_error* error) {
    if (is_recorded(event)) return base().event_wait(stream, event, error);
    return refuse(error, TN_INVALID_STATE, "[event_wait] the event was never recorded");
  };
}

MUTANT(wait_does_nothing, {.rule = "TN-EVT-2",
                           .area = "events",
                           .kind = "lost order",
                           .test = "events/a_wait_binds_to_the_latest_record",
                           .what = "event_wait succeeds and orders nothing",
                           .control = "abi/facts_are_complete"}) {
  planted.table.event_wait = [](tn_stream*, tn_event*, tn_error* error) { return accept(error); };
}

MUTANT(old_record_satisfies,
       {.rule = "TN-EVT-2",
        .area = "events",
        .kind = "stale value",
        .test = "events/a_record_that_fired_does_not_serve_a_later_wait",
        .what = "once a record has fired, a wait for a later one is satisfied "
                "by it",
        .control = "abi/facts_are_complete",
        .also_on = "ascend_emu"}) {
  planted.table.event_record = count_record;
  planted.table.event_destroy = destroy_and_forget;
  planted.table.event_wait = [](tn_stream* stream, tn_event* event, tn_error* error) {
    {
      const std::lock_guard lock(mutex);
      if (records[event] > 1) return accept(error);
    }
    return base().event_wait(stream, event, error);
  };
}

MUTANT(wait_binds_when_it_runs, {.rule = "TN-EVT-3",
                                 .area = "events",
                                 .kind = "late read",
                                 .test = "events/recording_again_does_not_move_waits",
                                 .what = "a wait looks for the newest record when the stream gets "
                                         "there",
                                 .may_crash = true,
                                 .may_hang = true,
                                 .control = "abi/facts_are_complete",
                                 .also_on = "ascend_emu"}) {
  planted.table.event_wait = [](tn_stream* stream, tn_event* event, tn_error* error) {
    return wait_until(
        stream, [event] { return has_passed(event); }, error);
  };
}

MUTANT(wait_blocks_the_host, {.rule = "TN-EVT-4",
                              .area = "events",
                              .kind = "blocks",
                              .test = "events/hold_the_waiting_stream_back",
                              .what = "event_wait is event_synchronize",
                              .may_hang = true,
                              .control = "abi/facts_are_complete"}) {
  planted.table.event_wait = [](tn_stream*, tn_event* event, tn_error* error) {
    return base().event_synchronize(event, error);
  };
}

MUTANT(other_devices_are_not_waited_for, {.rule = "TN-EVT-4",
                                          .area = "events",
                                          .kind = "missing case",
                                          .test = "events/hold_streams_of_other_devices_back",
                                          .what = "a wait for an event of another device is lost",
                                          .control = "abi/facts_are_complete",
                                          .options = "devices=2"}) {
  static std::map<tn_event*, tn_device*> recorded_on;
  planted.table.event_record = [](tn_event* event, tn_stream* stream, tn_error* error) {
    {
      const std::lock_guard lock(mutex);
      recorded_on[event] = device_of(stream);
    }
    return base().event_record(event, stream, error);
  };
  planted.table.event_wait = [](tn_stream* stream, tn_event* event, tn_error* error) {
    tn_device* device = device_of(stream);
    {
      const std::lock_guard lock(mutex);
      const auto place = recorded_on.find(event);
      if (place != recorded_on.end() && place->second != device) return accept(error);
    }
    return base().event_wait(stream, event, error);
  };
}

MUTANT(destroying_cancels_waits, {.rule = "TN-EVT-5",
                                  .area = "events",
                                  .kind = "dangling memory",
                                  .test = "events/a_wait_outlives_its_event",
                                  .what = "destroying an event lets its pending waits go",
                                  .control = "abi/facts_are_complete"}) {
  planted.table.event_wait = [](tn_stream* stream, tn_event* event, tn_error* error) {
    std::shared_ptr<std::atomic<bool>> gone;
    {
      const std::lock_guard lock(mutex);
      auto& flag = destroyed[event];
      if (!flag) flag = std::make_shared<std::atomic<bool>>(false);
      gone = flag;
    }
    return wait_until(
        stream, [event, gone] { return *gone || has_passed(event); }, error);
  };
  planted.table.event_destroy = [](tn_event* event, tn_error* error) {
    {
      const std::lock_guard lock(mutex);
      if (const auto place = destroyed.find(event); place != destroyed.end()) {
        *place->second = true;
        destroyed.erase(place);
      }
    }
    return base().event_destroy(event, error);
  };
}

MUTANT(event_always_ready, {.rule = "TN-EVT-6",
                            .area = "events",
                            .kind = "early completion",
                            .test = "events/complete_when_their_stream_gets_there",
                            .what = "event_query says done before the work has passed"}) {
  planted.table.event_query = [](tn_event* event, bool* out, tn_error* error) {
    const tn_status status = base().event_query(event, out, error);
    if (status == TN_OK) *out = true;
    return status;
  };
}

MUTANT(event_synchronize_does_not_wait,
       {.rule = "TN-EVT-6",
        .area = "events",
        .kind = "early completion",
        .test = "events/synchronising_waits_for_the_work_before_the_record",
        .what = "event_synchronize returns at once",
        .control = "abi/facts_are_complete"}) {
  planted.table.event_synchronize = [](tn_event* event, tn_error* error) {
    bool done = false;
    return base().event_query(event, &done, error);
  };
}

MUTANT(elapsed_backwards, {.rule = "TN-EVT-7",
                           .area = "events",
                           .kind = "wrong sign",
                           .test = "events/elapsed_times_add_up",
                           .what = "event_elapsed counts from end to begin"}) {
  planted.table.event_elapsed = [](tn_event* begin, tn_event* end, int64_t* out, tn_error* error) {
    return base().event_elapsed(end, begin, out, error);
  };
}

MUTANT(elapsed_from_nothing, {.rule = "TN-EVT-7",
                              .area = "events",
                              .kind = "swallowed error",
                              .test = "events/elapsed_needs_two_records",
                              .what = "event_elapsed of an event that was never recorded is 0"}) {
  planted.table.event_elapsed = [](tn_event* begin, tn_event* end, int64_t* out, tn_error* error) {
    const tn_status status = base().event_elapsed(begin, end, out, error);
    if (status != TN_INVALID_STATE) return status;
    *out = 0;
    return accept(error);
  };
}

}  // namespace tenon::mutants::events_faults
