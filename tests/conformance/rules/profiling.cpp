// Profiling (TN-PROF).
#include <algorithm>
#include <string>
#include <thread>

#include "framework/context.hpp"
#include "rules/equal.hpp"
#include "rules/gate.hpp"
#include "rules/op_call.hpp"
#include "rules/profiling_calls.hpp"
#include "rules/stream_work.hpp"

namespace tenon::conformance::profiling_test {
namespace {

struct Seen {
  std::thread::id thread;
  uint32_t struct_size, op;
  std::string what, stream, engine;
  uint64_t number, begin, end;
};

// The sink may not throw through the plugin: strings that are NULL become "(null)".
std::vector<Seen> stop(Subject& subject) {
  std::vector<Seen> seen;
  const tn_profile_sink sink = [](void* context, const tn_profile_record* record) {
    const auto text = [](const char* from) { return std::string(from ? from : "(null)"); };
    static_cast<std::vector<Seen>*>(context)->push_back(
        {std::this_thread::get_id(), record->struct_size, record->op, text(record->what),
         text(record->stream_name), text(record->engine), record->sequence_number, record->begin_ns,
         record->end_ns});
  };
  stop_profiling(subject, sink, &seen);
  return seen;
}

size_t count_of(const std::vector<Seen>& seen, uint32_t op) {
  return static_cast<size_t>(
      std::count_if(seen.begin(), seen.end(), [&](const Seen& one) { return one.op == op; }));
}

}  // namespace

CONFORMANCE_TEST(profiling, records_each_piece_of_work_once,
                 {.rules = {"TN-PROF-1", "TN-PROF-2"},
                  .needs = TN_CAN_PROFILE,
                  .without_contents = true}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream("first");
  tn_stream* second = subject.stream("second");
  tn_buffer* data = subject.filled(std::vector<uint32_t>(256, 1));
  tn_buffer* other = subject.filled(std::vector<uint32_t>(256, 1));
  auto move = move_one(subject, data, 0, 1);
  auto move_other = move_one(subject, other, 0, 1);
  move.enqueue(stream);
  fill(subject, second, other, 0, 1);  // before the start: not recorded
  subject.synchronize(stream);
  subject.synchronize(second);
  start_profiling(subject);
  for (uint32_t i = 0; i < 5; ++i) {
    move.enqueue(stream);
    fill(subject, stream, data, 7, i);
    move_other.enqueue(second);
    copy(subject, second, other, 3, 4);
  }
  const std::vector<Seen> seen = stop(subject);  // waits for what is pending
  check(subject.done(stream) && subject.done(second), "TN-PROF-1",
        "stream_query after profiling_stop", "done", "not done");
  fill(subject, stream, data, 0, 1);  // after the stop
  subject.synchronize(stream);
  check_equal("TN-PROF-1", "records of copy_cast", size_t{10}, count_of(seen, TN_OP_copy_cast));
  check_equal("TN-PROF-2", "records of work that is no op", size_t{10}, count_of(seen, TN_OP_none));
  check_equal("TN-PROF-1", "records in all", size_t{20}, seen.size());
  std::vector<uint64_t> numbers;
  uint64_t begin = 0;
  for (const Seen& one : seen) {
    constexpr size_t released = offsetof(tn_profile_record, copy_ns);  // in version 1.0
    check(one.struct_size >= released, "TN-PROF-2", "struct_size of a record",
          fmt::format("at least {}", released), fmt::format("{}", one.struct_size));
    check(one.thread == std::this_thread::get_id(), "TN-PROF-1", "the thread of the sink",
          "the one that calls profiling_stop", "another one");
    check(one.begin >= begin, "TN-PROF-1", "the order of records",
          fmt::format("begin_ns of at least {}", begin), fmt::format("{}", one.begin));
    check(one.end >= one.begin, "TN-PROF-2", "end_ns of a record",
          fmt::format("at least begin_ns, {}", one.begin), fmt::format("{}", one.end));
    check(one.what != "(null)" && one.stream != "(null)" && one.engine != "(null)" &&
              !one.what.empty(),
          "TN-PROF-2", "the strings of a record", "texts", "NULL or nothing");
    check(one.stream == "first" || one.stream == "second", "TN-PROF-2",
          "the stream's name of a record", "\"first\" or \"second\"", one.stream);
    begin = one.begin;
    numbers.push_back(one.number);
  }
  std::sort(numbers.begin(), numbers.end());
  for (uint64_t i = 0; i < numbers.size(); ++i)
    check_equal("TN-PROF-2", "sequence numbers, sorted", i, numbers[i]);
}

CONFORMANCE_TEST(profiling, numbers_follow_the_order_of_enqueueing,
                 {.rules = {"TN-PROF-2"}, .needs = TN_CAN_PROFILE | TN_CAN_CALL_HOST}) {
  Subject& subject = context.subject();
  tn_stream* held = subject.stream("held");
  tn_stream* free = subject.stream("free");
  tn_buffer* data = subject.filled<uint32_t>({1, 0, 0, 0});
  auto move = move_one(subject, data, 0, 1);
  Gate gate(subject);
  gate.enter(held);
  start_profiling(subject);
  move.enqueue(held);               // enqueued first, runs last
  fill(subject, free, data, 2, 7);  // enqueued second, runs first
  subject.synchronize(free);
  gate.open();
  subject.synchronize(held);
  const std::vector<Seen> seen = stop(subject);
  check_equal("TN-PROF-1", "records", size_t{2}, seen.size());
  check_equal("TN-PROF-1", "op of the record that began first", uint32_t{TN_OP_none}, seen[0].op);
  check_equal("TN-PROF-2", "its sequence number", uint64_t{1}, seen[0].number);
  check_equal("TN-PROF-2", "op of the other record", uint32_t{TN_OP_copy_cast}, seen[1].op);
  check_equal("TN-PROF-2", "its sequence number", uint64_t{0}, seen[1].number);
}

CONFORMANCE_TEST(profiling, starts_and_stops_in_turns,
                 {.rules = {"TN-PROF-1", "TN-ERR-6"},
                  .needs = TN_CAN_PROFILE,
                  .without_contents = true}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.filled<uint32_t>({1, 0});
  int calls = 0;
  const tn_profile_sink count = [](void* sum, const tn_profile_record*) {
    ++*static_cast<int*>(sum);
  };
  tn_error error{};
  check_refused("TN-PROF-1", "profiling_stop while not recording", TN_INVALID_STATE,
                table.profiling_stop(subject.device(), count, &calls, &error), error);
  check_equal("TN-PROF-1", "records of a refused profiling_stop", 0, calls);
  for (int round = 0; round < 3; ++round) {
    start_profiling(subject);
    check_refused("TN-PROF-1", "profiling_start while recording", TN_INVALID_STATE,
                  table.profiling_start(subject.device(), &error), error);
    for (int i = 0; i <= round; ++i)
      copy(subject, stream, data, 0, 1);
    const std::vector<Seen> seen = stop(subject);
    check_equal("TN-PROF-1", fmt::format("records of round {}", round),
                static_cast<size_t>(round + 1), seen.size());
    check_equal("TN-PROF-2", "the first sequence number of a new recording", uint64_t{0},
                seen[0].number);
  }
}

CONFORMANCE_TEST(profiling, does_not_change_results,
                 {.rules = {"TN-PROF-1", "TN-STR-1"}, .needs = TN_CAN_PROFILE}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.filled<uint32_t>({0, 0, 0});
  auto move = move_one(subject, data, 0, 1);
  start_profiling(subject);
  for (uint32_t i = 1; i <= 100; ++i) {
    fill(subject, stream, data, 0, i);
    move.enqueue(stream);
    copy(subject, stream, data, 1, 2);
  }
  const size_t records = stop(subject).size();
  check_equal("TN-PROF-1", "records", size_t{300}, records);
  check_equal("TN-STR-1", "the buffer after recorded work", std::vector<uint32_t>({100, 100, 100}),
              subject.values<uint32_t>(data, 3));
}

}  // namespace tenon::conformance::profiling_test
