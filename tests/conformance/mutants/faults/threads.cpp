// Faults that show when several threads call.
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>

#include "plant/base.hpp"
#include "plant/op_fault.hpp"

namespace tenon::mutants::threads_faults {
namespace {

// Widens the window of a race. It decides nothing: without it the race is only rarer.
void linger() {
  std::this_thread::sleep_for(std::chrono::microseconds(200));
}

}  // namespace

MUTANT(allocation_is_not_reentrant, {.rule = "TN-THR-1",
                                     .area = "threads",
                                     .kind = "race",
                                     .test = "threads/make_and_destroy_objects_at_once",
                                     .what = "buffer_allocate loses its place when a second thread "
                                             "comes in"}) {
  static std::atomic<int> inside{0};
  planted.table.buffer_allocate = [](tn_device* device, uint32_t kind, uint64_t size,
                                     tn_buffer** out, tn_error* error) {
    const bool alone = inside.fetch_add(1) == 0;
    linger();
    inside.fetch_sub(1);
    if (alone) return base().buffer_allocate(device, kind, size, out, error);
    *out = nullptr;
    return refuse(error, TN_INTERNAL, "[buffer_allocate] the free list is damaged");
  };
}

MUTANT(arguments_in_one_place, {.rule = "TN-THR-2",
                                .area = "threads",
                                .kind = "race",
                                .test = "threads/drive_streams_of_their_own",
                                .what = "op_enqueue keeps the struct of copy_cast in one static "
                                        "copy",
                                .may_crash = true,
                                .control = "abi/facts_are_complete"}) {
  wrap_op<tn_copy_cast_args, [](const tn_copy_cast_args& args, const OpCall& call) {
    static tn_copy_cast_args the_copy;
    the_copy = args;
    linger();
    return call.enqueue(the_copy);
  }>(planted);
}

MUTANT(fills_in_one_place, {.rule = "TN-THR-2",
                            .area = "threads",
                            .kind = "race",
                            .test = "threads/drive_streams_of_their_own",
                            .what = "fill keeps its pattern in one static word"}) {
  planted.table.fill = [](tn_stream* stream, tn_buffer* buffer, uint64_t offset, uint64_t size,
                          uint32_t pattern, uint32_t pattern_size, tn_error* error) {
    static std::atomic<uint32_t> the_pattern;
    the_pattern = pattern;
    linger();
    return base().fill(stream, buffer, offset, size, the_pattern, pattern_size, error);
  };
}

MUTANT(synchronize_holds_the_lock, {.rule = "TN-THR-3",
                                    .area = "threads",
                                    .kind = "blocks",
                                    .test = "threads/synchronise_while_another_enqueues",
                                    .what = "stream_synchronize waits with the lock in its hand "
                                            "that enqueueing needs",
                                    .may_hang = true}) {
  static std::mutex mutex;
  planted.table.stream_synchronize = [](tn_stream* stream, tn_error* error) {
    const std::lock_guard lock(mutex);
    return base().stream_synchronize(stream, error);
  };
  planted.table.stream_query = [](tn_stream* stream, bool* out, tn_error* error) {
    const std::lock_guard lock(mutex);
    return base().stream_query(stream, out, error);
  };
  planted.table.fill = [](tn_stream* stream, tn_buffer* buffer, uint64_t offset, uint64_t size,
                          uint32_t pattern, uint32_t pattern_size, tn_error* error) {
    const std::lock_guard lock(mutex);
    return base().fill(stream, buffer, offset, size, pattern, pattern_size, error);
  };
}

MUTANT(thread_left_behind, {.rule = "TN-THR-5",
                            .area = "threads",
                            .kind = "leak",
                            .test = "threads/end_with_their_backend",
                            .what = "each backend leaves a thread that waits for ever",
                            .may_hang = true}) {
  planted.table.backend_destroy = [](tn_backend* backend, tn_error* error) {
    std::thread([] {
      while (true)
        std::this_thread::sleep_for(std::chrono::seconds(1));
    }).detach();
    return base().backend_destroy(backend, error);
  };
}

MUTANT(event_belongs_to_its_thread, {.rule = "TN-THR-4",
                                     .area = "threads",
                                     .kind = "wrong thread",
                                     .test = "threads/hand_events_around",
                                     .what = "an event is known only to the thread that made it"}) {
  static std::mutex mutex;
  static std::map<tn_event*, std::thread::id> makers;
  planted.table.event_create = [](tn_device* device, tn_event** out, tn_error* error) {
    const tn_status status = base().event_create(device, out, error);
    const std::lock_guard lock(mutex);
    if (status == TN_OK) makers[*out] = std::this_thread::get_id();
    return status;
  };
  planted.table.event_query = [](tn_event* event, bool* out, tn_error* error) {
    const std::lock_guard lock(mutex);
    if (makers[event] == std::this_thread::get_id()) return base().event_query(event, out, error);
    *out = false;
    return refuse(error, TN_INVALID_STATE, "[event_query] the event has no record here");
  };
  planted.table.event_synchronize = [](tn_event* event, tn_error* error) {
    {
      const std::lock_guard lock(mutex);
      if (makers[event] != std::this_thread::get_id()) {
        return refuse(error, TN_INVALID_STATE, "[event_synchronize] the event has no record here");
      }
    }
    return base().event_synchronize(event, error);
  };
}

}  // namespace tenon::mutants::threads_faults
