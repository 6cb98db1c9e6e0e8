// What is refused during capture, and how a capture ends without a graph (TN-GRAPH-3, 4, 5).
#include <string_view>

#include "framework/context.hpp"
#include "rules/equal.hpp"
#include "rules/failing_work.hpp"
#include "rules/gate.hpp"
#include "rules/graph_capture.hpp"
#include "rules/op_call.hpp"
#include "rules/stream_work.hpp"

namespace tenon::conformance::graph_refusals_test {
namespace {

void refused(const char* rule, const char* call, tn_status status, const tn_error& error) {
  check_refused(rule, fmt::format("{} during capture", call), TN_INVALID_STATE, status, error);
}

}  // namespace

CONFORMANCE_TEST(graphs, refused_calls_do_not_end_a_capture,
                 {.rules = {"TN-GRAPH-3", "TN-ERR-5"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = TN_CAN_CAPTURE_GRAPHS}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.filled<uint32_t>({1, 0, 5});
  tn_event* inside = subject.event();
  begin_capture(subject, stream);
  tn_graph* empty = end_capture(subject, stream);
  begin_capture(subject, stream);
  copy(subject, stream, data, 0, 1);
  record(subject, inside, stream);
  uint32_t word = 9;
  bool done = true;
  tn_error error{};
  refused("TN-GRAPH-3", "copy_h2d", table.copy_h2d(stream, &word, data, 8, 4, &error), error);
  refused("TN-GRAPH-3", "copy_d2h", table.copy_d2h(stream, data, 0, &word, 4, &error), error);
  refused("TN-GRAPH-3", "stream_synchronize", table.stream_synchronize(stream, &error), error);
  refused("TN-GRAPH-3", "graph_capture_begin", table.graph_capture_begin(stream, &error), error);
  refused("TN-GRAPH-3", "stream_query", table.stream_query(stream, &done, &error), error);
  check(!done, "TN-ERR-4", "out_done of a refused stream_query", "false", "true");
  refused("TN-GRAPH-3", "graph_launch", table.graph_launch(empty, stream, &error), error);
  done = true;
  refused("TN-GRAPH-3", "event_query of an event of the capture",
          table.event_query(inside, &done, &error), error);
  check(!done, "TN-ERR-4", "out_done of a refused event_query", "false", "true");
  refused("TN-GRAPH-3", "event_synchronize of an event of the capture",
          table.event_synchronize(inside, &error), error);
  if (subject.can(TN_CAN_CALL_HOST)) {
    refused("TN-GRAPH-3", "stream_call_host",
            table.stream_call_host(
                stream, [](void*) {}, nullptr, &error),
            error);
  }
  tn_graph* graph = end_capture(subject, stream);
  launch(subject, graph, stream);
  subject.synchronize(stream);
  check_equal("TN-GRAPH-3", "a launch of what was captured around refused calls",
              std::vector<uint32_t>({1, 1, 5}), subject.values<uint32_t>(data, 3));
  check_equal("TN-GRAPH-3", "the target of a refused copy_d2h", 9U, word);
}

CONFORMANCE_TEST(graphs, casts_between_layouts_are_refused,
                 {.rules = {"TN-GRAPH-3"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = TN_CAN_CAPTURE_GRAPHS,
                  .without_contents = true}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_tensor blocked = tensor(subject.buffer(2048), {16, 16});
  blocked.layout = TN_LAYOUT_FRACTAL_NZ;
  tn_buffer* data = subject.filled(std::vector<float>(256, 1.0F));
  Op<tn_copy_cast_args> cast(subject, TN_OP_copy_cast,
                             copy_cast_args(tensor(data, {16, 16}), blocked));
  begin_capture(subject, stream);
  tn_error error{};
  refused("TN-GRAPH-3", "a cast between layouts", cast.try_enqueue(stream, &error), error);
  end_capture(subject, stream);
  cast.enqueue(stream);  // outside it is work like any other
  subject.synchronize(stream);
}

CONFORMANCE_TEST(graphs, pinned_memory_is_host_memory,
                 {.rules = {"TN-GRAPH-3"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = TN_CAN_CAPTURE_GRAPHS,
                  .without_contents = true}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_stream* stream = subject.stream();
  tn_buffer* pinned = nullptr;
  tn_error error{};
  const tn_status status =
      table.buffer_allocate(subject.device(), TN_MEMORY_PINNED, 64, &pinned, &error);
  if (status == TN_UNSUPPORTED) throw TestSkipped("PINNED memory is not supported");
  check_ok("TN-MEM-3", "buffer_allocate", status, error);
  subject.keep(pinned);
  tn_buffer* data = subject.buffer(64);
  begin_capture(subject, stream);
  refused("TN-GRAPH-3", "copy_d2d to PINNED memory",
          table.copy_d2d(stream, data, 0, pinned, 0, 4, &error), error);
  refused("TN-GRAPH-3", "copy_d2d from PINNED memory",
          table.copy_d2d(stream, pinned, 0, data, 0, 4, &error), error);
  end_capture(subject, stream);
}

CONFORMANCE_TEST(graphs, waits_for_pending_outside_work_are_refused,
                 {.rules = {"TN-GRAPH-3"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = TN_CAN_CAPTURE_GRAPHS | TN_CAN_CALL_HOST,
                  .without_contents = true}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_stream* side = subject.stream("side");
  tn_event* complete = subject.event();
  tn_event* pending = subject.event();
  record(subject, complete, side);
  subject.synchronize(side);
  Gate gate(subject);
  gate.enter(side);
  record(subject, pending, side);
  begin_capture(subject, stream);
  tn_error error{};
  refused("TN-GRAPH-3", "event_wait for pending work outside",
          subject.table().event_wait(stream, pending, &error), error);
  wait(subject, stream, complete);
  end_capture(subject, stream);
  gate.open();
  subject.synchronize(side);
}

CONFORMANCE_TEST(graphs, an_open_fork_is_named,
                 {.rules = {"TN-GRAPH-4", "TN-ERR-4"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = TN_CAN_CAPTURE_GRAPHS}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_buffer* data = subject.filled<uint32_t>({1, 0, 0});
  for (const bool work_after_join : {false, true}) {
    tn_stream* stream = subject.stream("origin");
    tn_stream* side = subject.stream("forgotten");
    tn_event* fork = subject.event();
    tn_event* join = subject.event();
    begin_capture(subject, stream);
    record(subject, fork, stream);
    wait(subject, side, fork);
    if (work_after_join) {
      record(subject, join, side);
      wait(subject, stream, join);
    }
    copy(subject, side, data, 0, 1);
    auto* graph = reinterpret_cast<tn_graph*>(&subject);
    tn_error error{};
    check_refused("TN-GRAPH-4", "graph_capture_end with an open fork", TN_INVALID_STATE,
                  table.graph_capture_end(stream, &graph, &error), error);
    check(graph == nullptr, "TN-ERR-4", "graph_capture_end was refused", "NULL", "a handle");
    check(std::string_view(error.message).find("forgotten") != std::string_view::npos, "TN-GRAPH-4",
          "the message about an open fork", "the stream's name, \"forgotten\"", error.message);
    fill(subject, stream, data, 2, 8);  // the capture is over for all its streams
    subject.synchronize(stream);
    fill(subject, side, data, 0, 6);
    subject.synchronize(side);
    check_equal("TN-GRAPH-4", "work after a capture that failed", std::vector<uint32_t>({6, 0, 8}),
                subject.values<uint32_t>(data, 3));
  }
}

CONFORMANCE_TEST(graphs, ops_are_captured_as_the_query_says,
                 {.rules = {"TN-GRAPH-5"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = TN_CAN_CAPTURE_GRAPHS}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.filled<uint32_t>({4, 0});
  auto move = move_one(subject, data, 0, 1);
  const bool capturable = op_support(subject, TN_OP_copy_cast, &move.args).capturable != 0;
  begin_capture(subject, stream);
  tn_error error{};
  const tn_status status = move.try_enqueue(stream, &error);
  if (capturable) {
    check_ok("TN-GRAPH-5", "op_enqueue of a capturable op during capture", status, error);
  } else {
    check_refused("TN-GRAPH-5", "op_enqueue of an op that is not capturable", TN_UNSUPPORTED,
                  status, error);
  }
  tn_graph* graph = end_capture(subject, stream);
  if (capturable) {
    launch(subject, graph, stream);
  } else {
    move.enqueue(stream);
  }
  subject.synchronize(stream);
  check_equal("TN-GRAPH-5", "the op's output", 4U, subject.values<uint32_t>(data, 2)[1]);
}

CONFORMANCE_TEST(graphs, launches_fail_like_other_work,
                 {.rules = {"TN-GRAPH-6", "TN-ERR-7"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = TN_CAN_CAPTURE_GRAPHS}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  const FailingWork failing(subject);
  tn_stream* stream = subject.stream("doomed");
  tn_stream* other = subject.stream("other");
  tn_buffer* data = subject.filled<uint32_t>({2, 0});
  begin_capture(subject, stream);
  failing.enqueue(stream);
  tn_graph* bad = end_capture(subject, stream);
  begin_capture(subject, other);
  copy(subject, other, data, 0, 1);
  tn_graph* good = end_capture(subject, other);
  launch(subject, bad, stream);
  tn_error error{};
  check_refused("TN-ERR-7", "stream_synchronize after a launch that fails", TN_STREAM_FAILED,
                table.stream_synchronize(stream, &error), error);
  check_refused("TN-ERR-7", "graph_launch on a failed stream", TN_STREAM_FAILED,
                table.graph_launch(good, stream, &error), error);
  launch(subject, good, other);
  subject.synchronize(other);
  check_equal("TN-ERR-10", "a launch on a stream that works", 2U,
              subject.values<uint32_t>(data, 2)[1]);
}

}  // namespace tenon::conformance::graph_refusals_test
