// Faults in how the failure of asynchronous work is reported.
#include <atomic>
#include <cstdio>
#include <thread>

#include "plant/base.hpp"
#include "plant/mutant.hpp"

namespace tenon::mutants::failures_faults {

MUTANT(failed_stream_takes_work, {.rule = "TN-ERR-7",
                                  .area = "failures",
                                  .kind = "swallowed error",
                                  .test = "failures/of_a_stream_last",
                                  .what = "copies enqueued on a failed stream are dropped with "
                                          "TN_OK"}) {
  planted.table.copy_h2d = [](tn_stream* stream, const void* source, tn_buffer* destination,
                              uint64_t offset, uint64_t size, tn_error* error) {
    const tn_status status = base().copy_h2d(stream, source, destination, offset, size, error);
    return status == TN_STREAM_FAILED ? accept(error) : status;
  };
  planted.table.copy_d2h = [](tn_stream* stream, tn_buffer* source, uint64_t offset,
                              void* destination, uint64_t size, tn_error* error) {
    const tn_status status = base().copy_d2h(stream, source, offset, destination, size, error);
    return status == TN_STREAM_FAILED ? accept(error) : status;
  };
  planted.table.fill = [](tn_stream* stream, tn_buffer* buffer, uint64_t offset, uint64_t size,
                          uint32_t pattern, uint32_t pattern_size, tn_error* error) {
    const tn_status status =
        base().fill(stream, buffer, offset, size, pattern, pattern_size, error);
    return status == TN_STREAM_FAILED ? accept(error) : status;
  };
}

MUTANT(failure_reported_once, {.rule = "TN-ERR-8",
                               .area = "failures",
                               .kind = "swallowed error",
                               .test = "failures/of_a_stream_last",
                               .what = "the first stream_synchronize takes the failure with it"}) {
  planted.table.stream_synchronize = [](tn_stream* stream, tn_error* error) {
    static std::atomic<tn_stream*> told{nullptr};
    const tn_status status = base().stream_synchronize(stream, error);
    if (status != TN_STREAM_FAILED) return status;
    return told.exchange(stream) == stream ? accept(error) : status;
  };
}

MUTANT(later_error_reported, {.rule = "TN-ERR-8",
                              .area = "failures",
                              .kind = "stale value",
                              .test = "failures/of_a_stream_last",
                              .what = "a refused call replaces the text of the first failure"}) {
  static std::atomic<int> refused{0};
  planted.table.fill = [](tn_stream* stream, tn_buffer* buffer, uint64_t offset, uint64_t size,
                          uint32_t pattern, uint32_t pattern_size, tn_error* error) {
    const tn_status status =
        base().fill(stream, buffer, offset, size, pattern, pattern_size, error);
    if (status == TN_STREAM_FAILED) ++refused;
    return status;
  };
  planted.table.stream_synchronize = [](tn_stream* stream, tn_error* error) {
    const tn_status status = base().stream_synchronize(stream, error);
    if (status == TN_STREAM_FAILED && error != nullptr) {
      std::snprintf(error->message, sizeof error->message,
                    "[stream] work was refused; expected none; found %d calls", refused.load());
    }
    return status;
  };
}

MUTANT(failure_stops_at_the_event, {.rule = "TN-ERR-9",
                                    .area = "failures",
                                    .kind = "swallowed error",
                                    .test = "failures/travel_through_chains",
                                    .what = "a stream that waits for failed work goes on"}) {
  planted.table.event_wait = [](tn_stream* stream, tn_event* event, tn_error* error) {
    return run_on_stream(
        stream,
        [event] {
          bool done = false;
          while (base().event_query(event, &done, nullptr) == TN_OK && !done)
            std::this_thread::yield();
        },
        error);
  };
}

MUTANT(event_hides_failure, {.rule = "TN-ERR-9",
                             .area = "failures",
                             .kind = "swallowed error",
                             .test = "failures/are_carried_by_records_made_afterwards",
                             .what = "event_synchronize behind failed work is TN_OK"}) {
  planted.table.event_synchronize = [](tn_event* event, tn_error* error) {
    const tn_status status = base().event_synchronize(event, error);
    return status == TN_STREAM_FAILED ? accept(error) : status;
  };
}

MUTANT(failure_takes_all_streams, {.rule = "TN-ERR-10",
                                   .area = "failures",
                                   .kind = "shared state",
                                   .test = "failures/leave_other_streams_alone",
                                   .what = "one stream's failure makes every stream of the process "
                                           "refuse copies"}) {
  static std::atomic<bool> failed{false};
  planted.table.stream_synchronize = [](tn_stream* stream, tn_error* error) {
    const tn_status status = base().stream_synchronize(stream, error);
    if (status == TN_STREAM_FAILED) failed = true;
    return status;
  };
  planted.table.copy_d2h = [](tn_stream* stream, tn_buffer* source, uint64_t offset,
                              void* destination, uint64_t size, tn_error* error) {
    if (failed) return refuse(error, TN_STREAM_FAILED, "[copy_d2h] the device has failed");
    return base().copy_d2h(stream, source, offset, destination, size, error);
  };
}

}  // namespace tenon::mutants::failures_faults
