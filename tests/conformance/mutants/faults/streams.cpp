// Faults of streams.
#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "plant/base.hpp"
#include "plant/mutant.hpp"

namespace tenon::mutants::streams_faults {
namespace {

// Threads that destroy streams in the background, joined before the backend goes.
std::mutex mutex;
std::vector<std::thread> destroyers;

void join_destroyers() {
  const std::lock_guard lock(mutex);
  for (std::thread& thread : destroyers)
    thread.join();
  destroyers.clear();
}

// A queue for all streams of one device: the first stream made. Handles are counted.
struct SharedQueue {
  tn_stream* stream = nullptr;
  int handles = 0;
};
std::map<tn_device*, SharedQueue> queues;

}  // namespace

MUTANT(fills_overtake, {.rule = "TN-STR-1",
                        .area = "streams",
                        .kind = "lost order",
                        .test = "streams/run_in_order",
                        .what = "fills run on a stream of the device's own, beside the caller's",
                        .control = "abi/facts_are_complete"}) {
  planted.table.fill = [](tn_stream* stream, tn_buffer* buffer, uint64_t offset, uint64_t size,
                          uint32_t pattern, uint32_t pattern_size, tn_error* error) {
    return base().fill(shadow_of(stream), buffer, offset, size, pattern, pattern_size, error);
  };
}

MUTANT(streams_share_a_queue, {.rule = "TN-STR-2",
                               .area = "streams",
                               .kind = "shared state",
                               .test = "streams/do_not_hold_each_other_up",
                               .what = "every stream of a device is the same queue",
                               .may_hang = true}) {
  planted.table.stream_create = [](tn_device* device, const tn_stream_desc* desc, tn_stream** out,
                                   tn_error* error) {
    const std::lock_guard lock(mutex);
    SharedQueue& queue = queues[device];
    if (queue.handles > 0) {
      ++queue.handles;
      *out = queue.stream;
      return accept(error);
    }
    const tn_status status = base().stream_create(device, desc, &queue.stream, error);
    queue.handles = status == TN_OK ? 1 : 0;
    *out = queue.stream;
    return status;
  };
  planted.table.stream_destroy = [](tn_stream* stream, tn_error* error) {
    const std::lock_guard lock(mutex);
    SharedQueue& queue = queues[device_of(stream)];
    if (--queue.handles > 0) return base().stream_synchronize(stream, error);
    return base().stream_destroy(stream, error);
  };
}

MUTANT(enqueue_waits, {.rule = "TN-STR-3",
                       .area = "streams",
                       .kind = "blocks",
                       .test = "streams/work_waits_for_its_turn",
                       .what = "op_enqueue returns when the stream has come that far",
                       .may_hang = true}) {
  planted.table.op_enqueue = [](tn_stream* stream, uint32_t op, const void* args,
                                const tn_buffer_range* workspace, tn_node* out_node,
                                tn_error* error) {
    const tn_status status = base().op_enqueue(stream, op, args, workspace, out_node, error);
    if (status == TN_OK) base().stream_synchronize(stream, nullptr);
    return status;
  };
}

MUTANT(stream_needs_a_desc, {.rule = "TN-STR-4",
                             .area = "streams",
                             .kind = "missing case",
                             .test = "streams/take_no_description",
                             .what = "stream_create refuses a NULL desc"}) {
  planted.table.stream_create = [](tn_device* device, const tn_stream_desc* desc, tn_stream** out,
                                   tn_error* error) {
    if (desc != nullptr) return base().stream_create(device, desc, out, error);
    *out = nullptr;
    return refuse(error, TN_INVALID_ARGUMENT, "[stream_create] desc is NULL");
  };
}

MUTANT(synchronize_returns_early, {.rule = "TN-STR-5",
                                   .area = "streams",
                                   .kind = "early completion",
                                   .test = "streams/synchronising_waits_for_all_work",
                                   .what = "stream_synchronize reports the failure and waits for "
                                           "nothing",
                                   .control = "abi/facts_are_complete"}) {
  planted.table.stream_synchronize = [](tn_stream* stream, tn_error* error) {
    bool done = false;
    return base().stream_query(stream, &done, error);
  };
}

MUTANT(query_always_done, {.rule = "TN-STR-6",
                           .area = "streams",
                           .kind = "early completion",
                           .test = "streams/work_waits_for_its_turn",
                           .what = "stream_query says done while work is pending"}) {
  planted.table.stream_query = [](tn_stream* stream, bool* out, tn_error* error) {
    const tn_status status = base().stream_query(stream, out, error);
    if (status == TN_OK) *out = true;
    return status;
  };
}

MUTANT(query_sees_work_one_late, {.rule = "TN-STR-6",
                                  .area = "streams",
                                  .kind = "stale value",
                                  .test = "streams/work_waits_for_its_turn",
                                  .what = "stream_query repeats what the query before it found"}) {
  planted.table.stream_query = [](tn_stream* stream, bool* out, tn_error* error) {
    static std::map<tn_stream*, bool> last;
    static std::mutex guard;
    const tn_status status = base().stream_query(stream, out, error);
    if (status != TN_OK) return status;
    const std::lock_guard lock(guard);
    const auto [place, first] = last.try_emplace(stream, false);
    std::swap(place->second, *out);
    return status;
  };
}

MUTANT(destroy_does_not_wait, {.rule = "TN-STR-7",
                               .area = "streams",
                               .kind = "early completion",
                               .test = "streams/finish_their_work_before_they_are_destroyed",
                               .what = "stream_destroy leaves the pending work to a thread",
                               .control = "abi/facts_are_complete"}) {
  planted.table.stream_destroy = [](tn_stream* stream, tn_error* error) {
    if (stream == nullptr) return base().stream_destroy(stream, error);
    const std::lock_guard lock(mutex);
    destroyers.emplace_back([stream] { base().stream_destroy(stream, nullptr); });
    return accept(error);
  };
  planted.table.device_close = [](tn_device* device, tn_error* error) {
    join_destroyers();
    return base().device_close(device, error);
  };
}

MUTANT(destroy_reports_failure, {.rule = "TN-STR-7",
                                 .area = "streams",
                                 .kind = "wrong code",
                                 .test = "failures/are_not_reported_by_destroying",
                                 .what = "stream_destroy of a failed stream answers its failure"}) {
  planted.table.stream_destroy = [](tn_stream* stream, tn_error* error) {
    const tn_status failed = base().stream_synchronize(stream, error);
    const tn_status status = base().stream_destroy(stream, failed == TN_OK ? error : nullptr);
    return failed == TN_STREAM_FAILED ? failed : status;
  };
}

MUTANT(host_call_on_the_caller, {.rule = "TN-STR-8",
                                 .area = "streams",
                                 .kind = "wrong thread",
                                 .test = "streams/host_functions_run_on_another_thread",
                                 .what = "on an idle stream the host function runs at once, on the "
                                         "caller's thread",
                                 .may_hang = true,
                                 .control = "abi/facts_are_complete"}) {
  planted.table.stream_call_host = [](tn_stream* stream, tn_host_function function, void* context,
                                      tn_error* error) {
    bool done = false;
    if (function == nullptr || base().stream_query(stream, &done, nullptr) != TN_OK || !done) {
      return base().stream_call_host(stream, function, context, error);
    }
    function(context);
    return accept(error);
  };
}

MUTANT(host_call_twice, {.rule = "TN-STR-8",
                         .area = "streams",
                         .kind = "done twice",
                         .test = "streams/host_functions_keep_the_order",
                         .what = "the host function is called a second time",
                         .may_crash = true,
                         .control = "abi/facts_are_complete"}) {
  planted.table.stream_call_host = [](tn_stream* stream, tn_host_function function, void* context,
                                      tn_error* error) {
    const tn_status status = base().stream_call_host(stream, function, context, error);
    if (status == TN_OK) base().stream_call_host(stream, function, context, nullptr);
    return status;
  };
}

}  // namespace tenon::mutants::streams_faults
