// Faults of capture and replay.
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "plant/op_fault.hpp"

namespace tenon::mutants::graphs_faults {
namespace {

std::mutex mutex;
std::set<tn_stream*> capturing;                       // begun on these
std::map<tn_stream*, std::vector<tn_stream*>> forks;  // streams that waited while one was capturing
std::set<tn_graph*> launched;

bool is_capturing(tn_stream* stream) {
  const std::lock_guard lock(mutex);
  return capturing.contains(stream);
}

tn_status begin(tn_stream* stream, tn_error* error) {
  const tn_status status = base().graph_capture_begin(stream, error);
  const std::lock_guard lock(mutex);
  if (status == TN_OK) capturing.insert(stream);
  return status;
}

tn_status end(tn_stream* stream, tn_graph** out, tn_error* error) {
  {
    const std::lock_guard lock(mutex);
    capturing.erase(stream);
  }
  return base().graph_capture_end(stream, out, error);
}

void watch_captures(Planted& planted) {
  planted.table.graph_capture_begin = begin;
  planted.table.graph_capture_end = end;
}

}  // namespace

MUTANT(capture_runs_the_work, {.rule = "TN-GRAPH-1",
                               .area = "graphs",
                               .kind = "done twice",
                               .test = "graphs/capture_runs_nothing",
                               .what = "captured ops run once while they are captured"}) {
  watch_captures(planted);
  planted.table.op_enqueue = [](tn_stream* stream, uint32_t op, const void* args,
                                const tn_buffer_range* workspace, tn_node* out_node,
                                tn_error* error) {
    const tn_status status = base().op_enqueue(stream, op, args, workspace, out_node, error);
    if (status == TN_OK && is_capturing(stream)) {
      base().op_enqueue(shadow_of(stream), op, args, workspace, nullptr, nullptr);
      base().stream_synchronize(shadow_of(stream), nullptr);
    }
    return status;
  };
}

MUTANT(fills_are_not_captured, {.rule = "TN-GRAPH-1",
                                .area = "graphs",
                                .kind = "missing case",
                                .test = "graphs/capture_runs_nothing",
                                .what = "a fill runs at once where it should become a node"}) {
  watch_captures(planted);
  planted.table.fill = [](tn_stream* stream, tn_buffer* buffer, uint64_t offset, uint64_t size,
                          uint32_t pattern, uint32_t pattern_size, tn_error* error) {
    if (!is_capturing(stream)) {
      return base().fill(stream, buffer, offset, size, pattern, pattern_size, error);
    }
    tn_stream* beside = shadow_of(stream);
    const tn_status status =
        base().fill(beside, buffer, offset, size, pattern, pattern_size, error);
    base().stream_synchronize(beside, nullptr);
    return status;
  };
}

MUTANT(fork_stays_outside, {.rule = "TN-GRAPH-2",
                            .area = "graphs",
                            .kind = "lost order",
                            .test = "graphs/forks_and_joins_keep_their_order",
                            .what = "a stream that waits for a captured event does not join the "
                                    "capture"}) {
  watch_captures(planted);
  static std::set<tn_event*> captured;
  planted.table.event_record = [](tn_event* event, tn_stream* stream, tn_error* error) {
    {
      const std::lock_guard lock(mutex);
      if (capturing.contains(stream)) {
        captured.insert(event);
      } else {
        captured.erase(event);
      }
    }
    return base().event_record(event, stream, error);
  };
  planted.table.event_wait = [](tn_stream* stream, tn_event* event, tn_error* error) {
    {
      const std::lock_guard lock(mutex);
      if (captured.contains(event) && !capturing.contains(stream)) return accept(error);
      // The join of a fork that never was.
      if (capturing.contains(stream) && !captured.contains(event)) return accept(error);
    }
    return base().event_wait(stream, event, error);
  };
}

MUTANT(refused_copy_ends_the_capture, {.rule = "TN-GRAPH-3",
                                       .area = "graphs",
                                       .kind = "state kept",
                                       .test = "graphs/refused_calls_do_not_end_a_capture",
                                       .what = "one refused copy_h2d costs the whole capture",
                                       .may_crash = true}) {
  watch_captures(planted);
  planted.table.copy_h2d = [](tn_stream* stream, const void* source, tn_buffer* destination,
                              uint64_t offset, uint64_t size, tn_error* error) {
    const tn_status status = base().copy_h2d(stream, source, destination, offset, size, error);
    if (status == TN_INVALID_STATE && is_capturing(stream)) {
      tn_graph* graph = nullptr;
      end(stream, &graph, nullptr);
      if (graph != nullptr) base().graph_destroy(graph, nullptr);
    }
    return status;
  };
}

MUTANT(capture_takes_downloads, {.rule = "TN-GRAPH-3",
                                 .area = "graphs",
                                 .kind = "missing check",
                                 .test = "graphs/refused_calls_do_not_end_a_capture",
                                 .what = "copy_d2h during capture runs at once"}) {
  watch_captures(planted);
  planted.table.copy_d2h = [](tn_stream* stream, tn_buffer* source, uint64_t offset,
                              void* destination, uint64_t size, tn_error* error) {
    return base().copy_d2h(is_capturing(stream) ? shadow_of(stream) : stream, source, offset,
                           destination, size, error);
  };
}

MUTANT(open_fork_accepted, {.rule = "TN-GRAPH-4",
                            .area = "graphs",
                            .kind = "missing check",
                            .test = "graphs/an_open_fork_is_named",
                            .what = "forks that are open at the end are joined in silence",
                            .also_on = "ascend_emu"}) {
  watch_captures(planted);
  planted.table.event_wait = [](tn_stream* stream, tn_event* event, tn_error* error) {
    const tn_status status = base().event_wait(stream, event, error);
    const std::lock_guard lock(mutex);
    for (tn_stream* begun : capturing) {
      if (status == TN_OK && begun != stream) forks[begun].push_back(stream);
    }
    return status;
  };
  planted.table.graph_capture_end = [](tn_stream* stream, tn_graph** out, tn_error* error) {
    tn_event* join = nullptr;
    base().event_create(device_of(stream), &join, nullptr);
    for (tn_stream* fork : forks[stream]) {
      if (base().event_record(join, fork, nullptr) == TN_OK) {
        base().event_wait(stream, join, nullptr);
      }
    }
    base().event_destroy(join, nullptr);
    return end(stream, out, error);
  };
}

MUTANT(open_fork_not_named, {.rule = "TN-GRAPH-4",
                             .area = "graphs",
                             .kind = "malformed text",
                             .test = "graphs/an_open_fork_is_named",
                             .what = "the refusal of an open fork does not say which stream"}) {
  planted.table.graph_capture_end = [](tn_stream* stream, tn_graph** out, tn_error* error) {
    const tn_status status = base().graph_capture_end(stream, out, error);
    if (status != TN_INVALID_STATE) return status;
    return refuse(error, status, "[graph_capture_end] a fork was not joined");
  };
}

MUTANT(capturable_but_refused, {.rule = "TN-GRAPH-5",
                                .area = "graphs",
                                .kind = "false claim",
                                .test = "ops/argmax/captured_equals_eager",
                                .what = "argmax is called capturable and refused during capture"}) {
  watch_captures(planted);
  wrap_op<tn_argmax_args, [](const tn_argmax_args& args, const OpCall& call) {
    if (!is_capturing(call.stream)) return call.enqueue(args);
    if (call.out_node != nullptr) *call.out_node = TN_NO_NODE;
    return refuse(call.error, TN_UNSUPPORTED, "[argmax] not during capture");
  }>(planted);
}

MUTANT(launch_overtakes, {.rule = "TN-GRAPH-6",
                          .area = "graphs",
                          .kind = "lost order",
                          .test = "graphs/launches_wait_for_their_turn",
                          .what = "a launch runs beside its stream, not on it"}) {
  planted.table.graph_launch = [](tn_graph* graph, tn_stream* stream, tn_error* error) {
    return base().graph_launch(graph, shadow_of(stream), error);
  };
}

MUTANT(one_launch_at_a_time, {.rule = "TN-GRAPH-7",
                              .area = "graphs",
                              .kind = "missing case",
                              .test = "graphs/launches_wait_for_their_turn",
                              .what = "a second launch while one is pending is refused"}) {
  planted.table.graph_launch = [](tn_graph* graph, tn_stream* stream, tn_error* error) {
    bool done = true;
    const std::lock_guard lock(mutex);
    if (launched.contains(graph) && base().stream_query(stream, &done, nullptr) == TN_OK && !done) {
      return refuse(error, TN_INVALID_STATE, "[graph_launch] the graph is busy");
    }
    launched.insert(graph);
    return base().graph_launch(graph, stream, error);
  };
}

MUTANT(node_ids_repeat, {.rule = "TN-GRAPH-9",
                         .area = "graphs",
                         .kind = "stale value",
                         .test = "graph_updates/nodes_have_ids_in_captures_only",
                         .what = "every node of a graph has the id 1"}) {
  planted.table.op_enqueue = [](tn_stream* stream, uint32_t op, const void* args,
                                const tn_buffer_range* workspace, tn_node* out_node,
                                tn_error* error) {
    const tn_status status = base().op_enqueue(stream, op, args, workspace, out_node, error);
    if (out_node != nullptr && *out_node != TN_NO_NODE) *out_node = 1;
    return status;
  };
}

MUTANT(node_outside_capture, {.rule = "TN-OP-18",
                              .area = "graphs",
                              .kind = "uninitialised",
                              .test = "ops/linear/out_node",
                              .what = "outside a capture out_node is not written"}) {
  planted.table.op_enqueue = [](tn_stream* stream, uint32_t op, const void* args,
                                const tn_buffer_range* workspace, tn_node* out_node,
                                tn_error* error) {
    tn_node node = TN_NO_NODE;
    const tn_status status = base().op_enqueue(stream, op, args, workspace, &node, error);
    if (out_node != nullptr && node != TN_NO_NODE) *out_node = node;
    return status;
  };
}

}  // namespace tenon::mutants::graphs_faults
