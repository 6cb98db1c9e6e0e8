// Streams (TN-STR): order, asynchrony, independence.
#include <atomic>
#include <chrono>
#include <thread>

#include "framework/context.hpp"
#include "rules/equal.hpp"
#include "rules/gate.hpp"
#include "rules/op_call.hpp"
#include "rules/stream_work.hpp"

namespace tenon::conformance::streams_test {

CONFORMANCE_TEST(streams, run_in_order, {.rules = {"TN-STR-1"}}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.buffer(16);
  auto move = move_one(subject, data, 0, 1);
  const uint32_t steps = context.full() ? 5000 : 500;
  std::vector<uint32_t> seen(steps);
  std::vector<uint32_t> expected(steps);
  tn_error error{};
  for (uint32_t i = 0; i < steps; ++i) {  // through a fill, an op, a copy and a copy to the host
    expected[i] = 3 * i + 1;
    fill(subject, stream, data, 0, expected[i]);
    move.enqueue(stream);
    check_ok("TN-STR-1", "copy_d2d", table.copy_d2d(stream, data, 4, data, 8, 4, &error), error);
    check_ok("TN-STR-1", "copy_d2h", table.copy_d2h(stream, data, 8, &seen[i], 4, &error), error);
  }
  subject.synchronize(stream);
  check_equal("TN-STR-1", "values carried by copies in a stream", expected, seen);
}

CONFORMANCE_TEST(streams, host_functions_keep_the_order,
                 {.rules = {"TN-STR-8", "TN-STR-1"}, .needs = TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.buffer(4);
  struct Step {
    uint32_t arrived = 0;  // written by the copy before the function
    uint32_t seen = 0;     // what the function saw
    uint32_t sent = 0;     // written by the function, uploaded after it
    int calls = 0;
  };
  constexpr uint32_t count = 100;
  std::vector<Step> steps(count);
  tn_error error{};
  for (uint32_t i = 0; i < count; ++i) {
    fill(subject, stream, data, 0, i + 1);
    check_ok("TN-STR-8", "copy_d2h", table.copy_d2h(stream, data, 0, &steps[i].arrived, 4, &error),
             error);
    call_host(
        subject, stream,
        [](void* argument) {
          auto* step = static_cast<Step*>(argument);
          step->seen = step->arrived;
          ++step->calls;
          step->arrived = 0xdead;
        },
        &steps[i]);
    check_ok("TN-STR-8", "copy_d2h", table.copy_d2h(stream, data, 0, &steps[i].sent, 4, &error),
             error);
  }
  subject.synchronize(stream);
  for (uint32_t i = 0; i < count; ++i) {
    check_equal("TN-STR-8", fmt::format("calls of host function {}", i), 1, steps[i].calls);
    check_equal("TN-STR-8", fmt::format("what host function {} saw", i), i + 1, steps[i].seen);
    check_equal("TN-STR-8", fmt::format("what the copy after function {} brought", i), i + 1,
                steps[i].sent);
  }
}

CONFORMANCE_TEST(streams, host_functions_run_on_another_thread,
                 {.rules = {"TN-STR-8"}, .needs = TN_CAN_CALL_HOST, .without_contents = true}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  std::thread::id id;
  call_host(
      subject, stream,
      [](void* argument) { *static_cast<std::thread::id*>(argument) = std::this_thread::get_id(); },
      &id);
  subject.synchronize(stream);
  check(id != std::thread::id{}, "TN-STR-8", "a host function", "one call", "none");
  check(id != std::this_thread::get_id(), "TN-STR-8", "the thread of a host function",
        "one of the backend", "the one that enqueued it");
}

CONFORMANCE_TEST(streams, work_waits_for_its_turn,
                 {.rules = {"TN-STR-3", "TN-STR-1", "TN-STR-6"}, .needs = TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.filled<uint32_t>({1, 2, 3, 4});
  auto move = move_one(subject, data, 0, 1);
  tn_event* event = subject.event();
  const tn_tensor all = tensor(data, {4}, TN_DTYPE_I32);
  uint32_t seen = 0;
  Gate gate(subject);
  gate.enter(stream);
  tn_error error{};  // each of these calls hangs if it waits for the held stream
  fill(subject, stream, data, 0, 9);
  move.enqueue(stream);
  check_ok("TN-STR-3", "copy_d2d", table.copy_d2d(stream, data, 4, data, 8, 4, &error), error);
  const uint32_t source = 5;
  check_ok("TN-STR-3", "copy_h2d", table.copy_h2d(stream, &source, data, 12, 4, &error), error);
  check_ok("TN-STR-3", "copy_d2h", table.copy_d2h(stream, data, 8, &seen, 4, &error), error);
  if (subject.can(TN_CAN_PREFETCH)) {
    check_ok("TN-STR-3", "prefetch", table.prefetch(stream, &all, 0, 16, &error), error);
  }
  check_ok("TN-STR-3", "event_record", table.event_record(event, stream, &error), error);
  check_ok("TN-STR-3", "event_wait", table.event_wait(stream, event, &error), error);
  gate.linger();
  check(!subject.done(stream), "TN-STR-6", "stream_query of a held stream", "not done", "done");
  check_equal("TN-STR-1", "what a copy behind held work brought", 0U, seen);
  check_equal("TN-STR-1", "the buffer, read on another stream", std::vector<uint32_t>({1, 2, 3, 4}),
              subject.values<uint32_t>(data, 4));
  gate.open();
  subject.synchronize(stream);
  check(subject.done(stream), "TN-STR-6", "stream_query after stream_synchronize", "done",
        "not done");
  check_equal("TN-STR-1", "the buffer after the work", std::vector<uint32_t>({9, 9, 9, 5}),
              subject.values<uint32_t>(data, 4));
  check_equal("TN-STR-1", "what the copy brought", 9U, seen);
}

CONFORMANCE_TEST(streams, do_not_hold_each_other_up,
                 {.rules = {"TN-STR-2"}, .needs = TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  constexpr int count = 6;
  std::vector<tn_stream*> held;
  std::vector<tn_stream*> waiting;
  std::vector<tn_event*> events;
  for (int i = 0; i < count; ++i) {
    held.push_back(subject.stream("held"));
    waiting.push_back(subject.stream("waiting"));
    events.push_back(subject.event());
  }
  tn_stream* free = subject.stream("free");
  tn_buffer* data = subject.buffer(4 * (2 + count));  // two words of the free stream, one of each
  auto move = move_one(subject, data, 0, 1);
  Gate gate(subject);
  for (int i = 0; i < count; ++i) {
    tn_error error{};
    gate.enter(held[i]);
    check_ok("TN-STR-2", "event_record", subject.table().event_record(events[i], held[i], &error),
             error);
    check_ok("TN-STR-2", "event_wait", subject.table().event_wait(waiting[i], events[i], &error),
             error);
    fill(subject, waiting[i], data, static_cast<uint64_t>(i) + 2, 77);
  }
  fill(subject, free, data, 0, 5);
  move.enqueue(free);
  uint32_t found = 0;
  tn_error error{};
  check_ok("TN-STR-2", "copy_d2h", subject.table().copy_d2h(free, data, 4, &found, 4, &error),
           error);
  subject.synchronize(free);
  check_equal("TN-STR-2", "what the free stream computed", 5U, found);
  gate.linger();
  for (tn_stream* stream : waiting) {
    check(!subject.done(stream), "TN-EVT-4", "a stream that waits", "not done", "done");
  }
}

CONFORMANCE_TEST(streams, take_no_description, {.rules = {"TN-STR-4"}}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_error error{};
  for (const bool described : {false, true}) {
    const tn_stream_desc nameless{sizeof nameless, 0, nullptr};
    tn_stream* stream = nullptr;
    check_ok(
        "TN-STR-4", described ? "stream_create without a name" : "stream_create without desc",
        table.stream_create(subject.device(), described ? &nameless : nullptr, &stream, &error),
        error);
    subject.keep(stream);
    tn_buffer* data = subject.buffer(4);
    fill(subject, stream, data, 0, 3);
    subject.synchronize(stream);
    check_equal("TN-STR-4", "what the stream filled", 3U, subject.values<uint32_t>(data, 1)[0]);
  }
}

CONFORMANCE_TEST(streams, refuse_unknown_flags,
                 {.rules = {"TN-ERR-11", "TN-ERR-4"}, .without_contents = true}) {
  Subject& subject = context.subject();
  const tn_stream_desc flagged{sizeof flagged, 1, "flagged"};
  auto* stream = reinterpret_cast<tn_stream*>(&subject);
  tn_error error{};
  check_refused("TN-ERR-11", "stream_create with an unknown flag", TN_UNSUPPORTED,
                subject.table().stream_create(subject.device(), &flagged, &stream, &error), error);
  check(stream == nullptr, "TN-ERR-4", "stream_create was refused", "NULL", "a handle");
}

// The names of streams appear in messages: where graphs can be captured, in one that is promised.
CONFORMANCE_TEST(streams, copy_their_names,
                 {.rules = {"TN-STR-4", "TN-GRAPH-4"},
                  .needs = TN_CAN_CAPTURE_GRAPHS,
                  .without_contents = true}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_stream* origin = subject.stream("origin");
  tn_event* event = subject.event();
  char name[32] = "sidekick";
  const tn_stream_desc desc{sizeof desc, 0, name};
  tn_stream* fork = nullptr;
  tn_error error{};
  check_ok("TN-STR-4", "stream_create", table.stream_create(subject.device(), &desc, &fork, &error),
           error);
  subject.keep(fork);
  for (char& character : name)
    character = '?';
  check_ok("TN-GRAPH-1", "graph_capture_begin", table.graph_capture_begin(origin, &error), error);
  check_ok("TN-GRAPH-2", "event_record", table.event_record(event, origin, &error), error);
  check_ok("TN-GRAPH-2", "event_wait", table.event_wait(fork, event, &error), error);
  tn_graph* graph = nullptr;
  check_refused("TN-GRAPH-4", "graph_capture_end with an open fork", TN_INVALID_STATE,
                table.graph_capture_end(origin, &graph, &error), error);
  check(std::string_view(error.message).find("sidekick") != std::string_view::npos, "TN-STR-4",
        "the name of a stream whose text was overwritten after stream_create", "sidekick",
        error.message);
}

CONFORMANCE_TEST(streams, finish_their_work_before_they_are_destroyed,
                 {.rules = {"TN-STR-7"}, .needs = TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  std::atomic<int> calls{0};
  std::vector<uint32_t> arrived(1 << 18, 0);
  tn_buffer* data = subject.filled(std::vector<uint32_t>(arrived.size(), 6));
  for (int i = 0; i < 10; ++i) {
    call_host(
        subject, stream,
        [](void* argument) {
          // So that a destroy which does not wait is back long before.
          std::this_thread::sleep_for(std::chrono::milliseconds(2));
          ++*static_cast<std::atomic<int>*>(argument);
        },
        &calls);
  }
  tn_error error{};
  check_ok("TN-STR-7", "copy_d2h",
           subject.table().copy_d2h(stream, data, 0, arrived.data(), arrived.size() * 4, &error),
           error);
  subject.destroy(stream);
  check_equal("TN-STR-7", "host functions that have run after stream_destroy", 10, calls.load());
  check_equal("TN-STR-7", "a copy to the host before stream_destroy",
              std::vector<uint32_t>(arrived.size(), 6), arrived);
}

CONFORMANCE_TEST(streams, a_query_that_says_done_is_true, {.rules = {"TN-STR-6"}}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  check(subject.done(stream), "TN-STR-6", "stream_query of a stream without work", "done",
        "not done");
  constexpr uint64_t count = 1 << 20;
  tn_buffer* data = subject.buffer(count * 4);
  std::vector<uint32_t> found(count);
  for (uint32_t round = 1; round <= 4; ++round) {
    tn_error error{};
    check_ok("TN-STR-6", "fill", subject.table().fill(stream, data, 0, count * 4, round, 4, &error),
             error);
    check_ok("TN-STR-6", "copy_d2h",
             subject.table().copy_d2h(stream, data, 0, found.data(), count * 4, &error), error);
    while (!subject.done(stream)) {
    }
    check_equal("TN-STR-6", "a copy to the host that a query calls done",
                std::vector<uint32_t>(count, round), found);
  }
}

CONFORMANCE_TEST(streams, synchronising_waits_for_all_work, {.rules = {"TN-STR-5"}}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  subject.synchronize(stream);  // of nothing
  constexpr uint64_t count = 1 << 20;
  tn_buffer* data = subject.buffer(count * 4);
  std::vector<uint32_t> found(count);
  for (uint32_t round = 1; round <= 8; ++round) {
    tn_error error{};
    check_ok("TN-STR-5", "fill", subject.table().fill(stream, data, 0, count * 4, round, 4, &error),
             error);
    check_ok("TN-STR-5", "copy_d2h",
             subject.table().copy_d2h(stream, data, 0, found.data(), count * 4, &error), error);
    subject.synchronize(stream);
    check_equal("TN-STR-5", "a copy to the host before stream_synchronize",
                std::vector<uint32_t>(count, round), found);
  }
}

}  // namespace tenon::conformance::streams_test
