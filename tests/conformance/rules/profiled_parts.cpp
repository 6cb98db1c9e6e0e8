// What a profiling record says beside its beginning and its end (TN-PROF-3 and 4). All of it is 0
// where the device does not know it.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "framework/context.hpp"
#include "rules/op_call.hpp"
#include "rules/profiling_calls.hpp"
#include "rules/stream_work.hpp"

namespace tenon::conformance::profiled_parts_test {
namespace {

struct Seen {
  tn_profile_record record;  // without its texts; fields past the plugin's size are 0
  std::string what;
};

// In the order of enqueueing.
std::vector<Seen> stop(Subject& subject) {
  std::vector<Seen> seen;
  const tn_profile_sink sink = [](void* context, const tn_profile_record* record) {
    Seen one{};
    std::memcpy(&one.record, record, std::min<size_t>(record->struct_size, sizeof one.record));
    one.what = record->what == nullptr ? "" : record->what;
    one.record.what = one.record.stream_name = one.record.engine = nullptr;
    static_cast<std::vector<Seen>*>(context)->push_back(std::move(one));
  };
  stop_profiling(subject, sink, &seen);
  std::sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) {
    return a.record.sequence_number < b.record.sequence_number;
  });
  return seen;
}

void check_at_most(std::string_view rule, const Seen& one, const char* what, uint64_t limit,
                   uint64_t found) {
  check(found <= limit, rule, fmt::format("{} of a record of {}", what, one.what),
        fmt::format("at most {}", limit), fmt::format("{}", found));
}

void check_host_times(const Seen& one) {
  const tn_profile_record& record = one.record;
  check_at_most("TN-PROF-3", one, "host_begin_ns", record.host_end_ns, record.host_begin_ns);
  check_at_most("TN-PROF-3", one, "host_begin_ns", record.begin_ns, record.host_begin_ns);
}

}  // namespace

CONFORMANCE_TEST(profiling, calls_come_before_their_work,
                 {.rules = {"TN-PROF-3"}, .needs = TN_CAN_PROFILE, .without_contents = true}) {
  Subject& subject = context.subject();
  tn_stream* streams[] = {subject.stream("first"), subject.stream("second")};
  tn_buffer* data = subject.buffer(1024);
  auto move = move_one(subject, data, 0, 1);
  start_profiling(subject);
  for (int i = 0; i < 20; ++i) {
    move.enqueue(streams[0]);
    fill(subject, streams[1], data, 100, 1);
    copy(subject, streams[1], data, 101, 102);
  }
  uint64_t last = 0;
  for (const Seen& one : stop(subject)) {
    check_host_times(one);
    check(one.record.host_begin_ns >= last, "TN-PROF-3",
          "host_begin_ns of a call that was made later", fmt::format("at least {}", last),
          fmt::format("{}", one.record.host_begin_ns));
    last = one.record.host_begin_ns;
  }
}

CONFORMANCE_TEST(profiling, nodes_have_the_call_of_their_launch,
                 {.rules = {"TN-PROF-3"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = TN_CAN_PROFILE | TN_CAN_CAPTURE_GRAPHS,
                  .without_contents = true}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  auto move = move_one(subject, subject.buffer(64), 0, 1);
  tn_graph* graph = nullptr;
  tn_error error{};
  check_ok("TN-GRAPH-1", "graph_capture_begin", subject.table().graph_capture_begin(stream, &error),
           error);
  for (int i = 0; i < 3; ++i)
    move.enqueue(stream);
  check_ok("TN-GRAPH-1", "graph_capture_end",
           subject.table().graph_capture_end(stream, &graph, &error), error);
  subject.keep(graph);
  start_profiling(subject);
  for (int launch = 0; launch < 2; ++launch) {
    check_ok("TN-GRAPH-6", "graph_launch", subject.table().graph_launch(graph, stream, &error),
             error);
  }
  std::vector<Seen> ops = stop(subject);
  std::erase_if(ops, [](const Seen& one) { return one.record.op != TN_OP_copy_cast; });
  check(ops.size() == 6, "TN-PROF-1", "records of two launches of three ops", "6",
        fmt::format("{}", ops.size()));
  for (size_t i = 0; i < ops.size(); ++i) {
    check_host_times(ops[i]);
    const Seen& first = ops[i / 3 * 3];
    check(ops[i].record.host_begin_ns == first.record.host_begin_ns &&
              ops[i].record.host_end_ns == first.record.host_end_ns,
          "TN-PROF-3", "the host times of nodes of one launch",
          fmt::format("{} to {}", first.record.host_begin_ns, first.record.host_end_ns),
          fmt::format("{} to {}", ops[i].record.host_begin_ns, ops[i].record.host_end_ns));
  }
}

CONFORMANCE_TEST(profiling, parts_are_no_longer_than_the_whole,
                 {.rules = {"TN-PROF-4"}, .needs = TN_CAN_PROFILE, .without_contents = true}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_stream* side = subject.stream("prefetch");
  constexpr int64_t words = 1 << 18;
  const tn_tensor all = tensor(subject.buffer(words * 4), {words}, TN_DTYPE_I32);
  const tn_tensor other = tensor(subject.buffer(words * 4), {words}, TN_DTYPE_I32);
  Op<tn_copy_cast_args> op(subject, TN_OP_copy_cast, copy_cast_args(all, other));
  start_profiling(subject);
  uint64_t asked = 0;
  for (const uint64_t bytes : {uint64_t{4096}, uint64_t{words} * 4}) {
    if (subject.can(TN_CAN_PREFETCH)) {
      tn_error error{};
      check_ok("TN-PRE-3", "prefetch", subject.table().prefetch(side, &all, 0, bytes, &error),
               error);
    }
    op.enqueue(stream);
    fill(subject, stream, other.buffer, 0, 1);
  }
  for (const Seen& one : stop(subject)) {
    const tn_profile_record& record = one.record;
    const uint64_t lasted = record.end_ns - record.begin_ns;
    check_at_most("TN-PROF-4", one, "compute_ns", lasted, record.compute_ns);
    check_at_most("TN-PROF-4", one, "copy_ns", lasted, record.copy_ns);
    const bool prefetch = subject.can(TN_CAN_PREFETCH) && record.sequence_number % 3 == 0;
    if (prefetch) asked = asked == 0 ? 4096 : uint64_t{words} * 4;
    check_at_most("TN-PROF-4", one, "late_bytes", prefetch ? asked : 0, record.late_bytes);
  }
}

}  // namespace tenon::conformance::profiled_parts_test
