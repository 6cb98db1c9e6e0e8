// Capture and replay (TN-GRAPH-1, 2, 6, 7).
#include "framework/context.hpp"
#include "rules/equal.hpp"
#include "rules/gate.hpp"
#include "rules/graph_capture.hpp"
#include "rules/op_call.hpp"
#include "rules/stream_work.hpp"

namespace tenon::conformance::graphs_test {

CONFORMANCE_TEST(graphs, capture_runs_nothing,
                 {.rules = {"TN-GRAPH-1"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = TN_CAN_CAPTURE_GRAPHS}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.filled<uint32_t>({1, 2, 3, 4, 5});
  auto move = move_one(subject, data, 0, 1);
  begin_capture(subject, stream);
  move.enqueue(stream);
  copy(subject, stream, data, 0, 2);
  fill(subject, stream, data, 3, 9);
  tn_graph* graph = end_capture(subject, stream);
  subject.synchronize(stream);
  check_equal("TN-GRAPH-1", "the buffer after a capture", std::vector<uint32_t>({1, 2, 3, 4, 5}),
              subject.values<uint32_t>(data, 5));
  launch(subject, graph, stream);
  subject.synchronize(stream);
  check_equal("TN-GRAPH-1", "the buffer after a launch", std::vector<uint32_t>({1, 1, 1, 9, 5}),
              subject.values<uint32_t>(data, 5));
}

CONFORMANCE_TEST(graphs, streams_work_after_a_capture,
                 {.rules = {"TN-GRAPH-1"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = TN_CAN_CAPTURE_GRAPHS}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.filled<uint32_t>({1, 2});
  fill(subject, stream, data, 0, 3);  // before: pending or not, it is no part of the graph
  begin_capture(subject, stream);
  copy(subject, stream, data, 0, 1);
  tn_graph* graph = end_capture(subject, stream);
  fill(subject, stream, data, 0, 4);
  subject.synchronize(stream);
  check_equal("TN-GRAPH-1", "eager work around a capture", std::vector<uint32_t>({4, 2}),
              subject.values<uint32_t>(data, 2));
  launch(subject, graph, stream);
  subject.synchronize(stream);
  check_equal("TN-GRAPH-1", "a launch after eager work", std::vector<uint32_t>({4, 4}),
              subject.values<uint32_t>(data, 2));
}

// A shift register: each launch moves what the host put in one place further.
CONFORMANCE_TEST(graphs, replays_read_memory_as_it_is,
                 {.rules = {"TN-GRAPH-6", "TN-GRAPH-7", "TN-STR-1"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = TN_CAN_CAPTURE_GRAPHS}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  constexpr uint32_t length = 8;
  const uint32_t launches = context.full() ? 500 : 40;
  tn_buffer* data = subject.filled(std::vector<uint32_t>(length, 0));
  std::vector<std::unique_ptr<Op<tn_copy_cast_args>>> moves;
  for (uint32_t to = length - 1; to > 0; --to)
    moves.push_back(std::make_unique<Op<tn_copy_cast_args>>(move_one(subject, data, to - 1, to)));
  begin_capture(subject, stream);
  for (const auto& move : moves)
    move->enqueue(stream);
  tn_graph* graph = end_capture(subject, stream);
  std::vector<uint32_t> expected(length, 0);
  std::vector<uint32_t> last(launches, 0xeeee);
  std::vector<uint32_t> expected_last;
  for (uint32_t i = 0; i < launches; ++i) {  // without waiting between launches
    fill(subject, stream, data, 0, 100 + i);
    expected[0] = 100 + i;
    launch(subject, graph, stream);
    for (uint32_t to = length - 1; to > 0; --to)
      expected[to] = expected[to - 1];
    download(subject, stream, data, length - 1, 1, &last[i]);
    expected_last.push_back(expected[length - 1]);
  }
  subject.synchronize(stream);
  check_equal("TN-GRAPH-6", "the last word after each launch", expected_last, last);
  check_equal("TN-GRAPH-6", "the words after all launches", expected,
              subject.values<uint32_t>(data, length));
}

CONFORMANCE_TEST(graphs, launches_wait_for_their_turn,
                 {.rules = {"TN-GRAPH-7", "TN-GRAPH-6", "TN-STR-3"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = TN_CAN_CAPTURE_GRAPHS | TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.filled<uint32_t>({1, 0, 0});
  begin_capture(subject, stream);
  copy(subject, stream, data, 1, 2);
  copy(subject, stream, data, 0, 1);
  tn_graph* graph = end_capture(subject, stream);
  Gate gate(subject);
  gate.enter(stream);
  launch(subject, graph, stream);
  fill(subject, stream, data, 0, 7);
  launch(subject, graph, stream);  // while the first is pending
  gate.linger();
  check(!subject.done(stream), "TN-GRAPH-7", "stream_query of a held stream", "not done", "done");
  gate.open();
  subject.synchronize(stream);
  check_equal("TN-GRAPH-7", "two launches with a fill between", std::vector<uint32_t>({7, 7, 1}),
              subject.values<uint32_t>(data, 3));
}

CONFORMANCE_TEST(graphs, a_pending_launch_stays_on_its_stream,
                 {.rules = {"TN-GRAPH-7", "TN-ERR-6"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = TN_CAN_CAPTURE_GRAPHS | TN_CAN_CALL_HOST,
                  .without_contents = true}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_stream* side = subject.stream("side");
  tn_buffer* data = subject.filled<uint32_t>({1, 0});
  begin_capture(subject, stream);
  copy(subject, stream, data, 0, 1);
  tn_graph* graph = end_capture(subject, stream);
  {
    Gate gate(subject);
    gate.enter(stream);
    launch(subject, graph, stream);
    tn_error error{};
    check_refused("TN-GRAPH-7", "graph_launch on a second stream while one is pending",
                  TN_INVALID_STATE, subject.table().graph_launch(graph, side, &error), error);
  }
  subject.synchronize(stream);
  launch(subject, graph, side);
  subject.synchronize(side);
}

CONFORMANCE_TEST(graphs, forks_and_joins_keep_their_order,
                 {.rules = {"TN-GRAPH-2"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = TN_CAN_CAPTURE_GRAPHS}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_stream* side = subject.stream("side");
  tn_stream* third = subject.stream("third");
  tn_event* events[4] = {subject.event(), subject.event(), subject.event(), subject.event()};
  tn_buffer* data = subject.filled<uint32_t>({5, 0, 0, 0, 0});
  begin_capture(subject, stream);
  copy(subject, stream, data, 0, 1);
  record(subject, events[0], stream);
  wait(subject, side, events[0]);
  copy(subject, side, data, 1, 2);
  record(subject, events[1], side);
  wait(subject, third, events[1]);  // a fork of the fork
  copy(subject, third, data, 2, 3);
  record(subject, events[2], third);
  wait(subject, side, events[2]);
  record(subject, events[3], side);
  wait(subject, stream, events[3]);
  copy(subject, stream, data, 3, 4);
  tn_graph* graph = end_capture(subject, stream);
  check_equal("TN-GRAPH-1", "the buffer after a capture of three streams",
              std::vector<uint32_t>({5, 0, 0, 0, 0}), subject.values<uint32_t>(data, 5));
  for (tn_event* event : events)
    subject.destroy(event);  // events need not outlive the capture
  for (uint32_t value = 10; value < 40; ++value) {
    fill(subject, stream, data, 0, value);
    launch(subject, graph, stream);
    uint32_t found = 0;
    download(subject, stream, data, 4, 1, &found);
    subject.synchronize(stream);
    check_equal("TN-GRAPH-2", "a word that went through a fork of a fork", value, found);
  }
  fill(subject, side, data, 2, 77);  // all streams run eagerly again
  fill(subject, third, data, 3, 78);
  subject.synchronize(side);
  subject.synchronize(third);
  check_equal("TN-GRAPH-2", "eager work of the streams that had joined",
              std::vector<uint32_t>({39, 39, 77, 78, 39}), subject.values<uint32_t>(data, 5));
}

CONFORMANCE_TEST(graphs, replays_equal_eager_work,
                 {.rules = {"TN-GRAPH-6"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = TN_CAN_CAPTURE_GRAPHS}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_stream* side = subject.stream("side");
  constexpr uint64_t words = 64;
  std::vector<uint32_t> start(words);
  for (uint32_t& word : start)
    word = static_cast<uint32_t>(context.random()());
  struct Step {
    bool fill;
    uint64_t from, to;
    uint32_t value;
  };
  std::vector<Step> steps(context.full() ? 400 : 60);
  for (Step& step : steps) {
    step.fill = context.random()() % 4 == 0;
    step.from = context.random()() % words;
    step.to = (step.from + 1 + context.random()() % (words - 1)) % words;
    step.value = static_cast<uint32_t>(context.random()());
  }
  tn_buffer* eager = subject.filled(start);
  tn_buffer* replayed = subject.filled(start);
  const auto run = [&](tn_stream* on, tn_buffer* data) {
    for (const Step& step : steps) {
      if (step.fill) {
        fill(subject, on, data, step.to, step.value);
      } else {
        copy(subject, on, data, step.from, step.to);
      }
    }
  };
  begin_capture(subject, stream);
  run(stream, replayed);
  tn_graph* graph = end_capture(subject, stream);
  for (int round = 0; round < 3; ++round) {
    run(side, eager);
    launch(subject, graph, stream);
  }
  subject.synchronize(side);
  subject.synchronize(stream);
  check_equal("TN-GRAPH-6", "random work, replayed and eager",
              subject.values<uint32_t>(eager, words), subject.values<uint32_t>(replayed, words));
}

CONFORMANCE_TEST(graphs, may_be_empty,
                 {.rules = {"TN-GRAPH-1"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = TN_CAN_CAPTURE_GRAPHS,
                  .without_contents = true}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  begin_capture(subject, stream);
  tn_graph* graph = end_capture(subject, stream);
  launch(subject, graph, stream);
  subject.synchronize(stream);
}

CONFORMANCE_TEST(graphs, prefetches_are_captured,
                 {.rules = {"TN-GRAPH-1", "TN-PRE-1"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = TN_CAN_CAPTURE_GRAPHS | TN_CAN_PREFETCH}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_stream* side = subject.stream("prefetch");
  tn_event* fork = subject.event();
  tn_event* join = subject.event();
  tn_buffer* data = subject.filled<uint32_t>({3, 0});
  const tn_tensor all = tensor(data, {2}, TN_DTYPE_I32);
  begin_capture(subject, stream);
  record(subject, fork, stream);
  wait(subject, side, fork);
  tn_error error{};
  check_ok("TN-GRAPH-1", "prefetch during capture",
           subject.table().prefetch(side, &all, 0, 8, &error), error);
  record(subject, join, side);
  wait(subject, stream, join);
  copy(subject, stream, data, 0, 1);
  tn_graph* graph = end_capture(subject, stream);
  launch(subject, graph, stream);
  subject.synchronize(stream);
  check_equal("TN-GRAPH-1", "work behind a captured prefetch", std::vector<uint32_t>({3, 3}),
              subject.values<uint32_t>(data, 2));
}

}  // namespace tenon::conformance::graphs_test
