// Several cards with virtual time and without numbers: each has a clock of its own and no memory of
// the host's.
#include <gtest/gtest.h>

#include <functional>

#include "timed_calls.hpp"

#include "ascend_emu/timing/collective_time.hpp"
#include "ascend_emu/timing/soc_profile.hpp"

namespace ascend_test::timed_cards_test {
namespace {

constexpr std::uint64_t gibibyte = std::uint64_t{1} << 30;

class TimedCards : public RuntimeTest {
 protected:
  static std::vector<tn_option> cards(std::int64_t count) {
    return without_numbers({option("cards", count)});
  }

  tn_device_info info(TestBackend& backend, std::uint32_t index = 0) {
    tn_device_info answer{};
    answer.struct_size = sizeof answer;
    EXPECT_EQ(t.device_info(backend.handle(), index, &answer, &e), TN_OK) << e.message;
    return answer;
  }

  static tn_all_reduce_args all_reduce(TestBackend& backend, tn_communicator* communicator,
                                       std::uint32_t ranks, std::uint32_t card = 0) {
    tn_all_reduce_args args{};
    args.struct_size = sizeof args;
    args.communicator = communicator;
    args.world_size = ranks;
    args.input =
        tensor(backend.buffer(1 << 20, TN_MEMORY_DEVICE, card), {512, 1024}, TN_DTYPE_BF16);
    args.output =
        tensor(backend.buffer(1 << 20, TN_MEMORY_DEVICE, card), {512, 1024}, TN_DTYPE_BF16);
    return args;
  }
};

TEST_F(TimedCards, SayWhetherTheyKeepContents) {
  TestBackend with(timed());
  EXPECT_EQ(info(with).capabilities & TN_KEEPS_NO_CONTENTS, 0U);
  TestBackend without(cards(2));
  EXPECT_NE(info(without, 1).capabilities & TN_KEEPS_NO_CONTENTS, 0U);
  EXPECT_EQ(info(without).capabilities & ~TN_KEEPS_NO_CONTENTS, info(with).capabilities);
}

TEST_F(TimedCards, TakeNoMemoryOfTheHosts) {
  const std::uint64_t before = allocated_bytes();
  TestBackend backend(cards(64));
  for (std::uint32_t card = 0; card < 64; ++card)
    backend.buffer(60 * gibibyte, TN_MEMORY_DEVICE, card);
  EXPECT_LT(allocated_bytes() - before, std::uint64_t{1} << 20);
  tn_buffer* one_too_many = nullptr;
  REFUSED(TN_OUT_OF_MEMORY, "out of memory",
          t.buffer_allocate(backend.device(63), TN_MEMORY_DEVICE, 5 * gibibyte, &one_too_many, &e));
}

// No other rank ever comes.
TEST_F(TimedCards, ACollectiveTakesTheTimeOfRanksThatComeTogether) {
  TestBackend backend(cards(16));
  const std::vector<tn_communicator*> ranks = backend.communicators(16);
  tn_stream* stream = backend.stream("compute");
  const tn_all_reduce_args args = all_reduce(backend, ranks[0], 16);
  OK(t.profiling_start(backend.device(), &e));
  OK(t.op_enqueue(stream, TN_OP_all_reduce, &args, nullptr, nullptr, &e));
  backend.synchronize(stream);
  const std::vector<Record> records = stop_profiling(backend.device());
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].engine_text, "communication");

  namespace timing = tenon::ascend_emu::timing;
  const timing::CollectiveTime alone = timing::collective_time(
      TN_OP_all_reduce, {16, 1 << 20}, timing::read_soc_profile(profile_file));
  const double expected = timing::to_microseconds(alone.fixed) * 1e3 +
                          static_cast<double>(alone.bytes) / alone.bytes_per_second * 1e9;
  EXPECT_NEAR(static_cast<double>(records[0].end_ns - records[0].begin_ns), expected, 2.0);
}

TEST_F(TimedCards, HaveClocksOfTheirOwn) {
  TestBackend backend(cards(2));
  const std::vector<tn_communicator*> ranks = backend.communicators(2);
  std::vector<std::vector<Record>> records;
  for (const std::uint32_t card : {0U, 1U}) {
    tn_stream* stream = backend.stream("compute", card);
    const tn_all_reduce_args args = all_reduce(backend, ranks[card], 2, card);
    OK(t.profiling_start(backend.device(card), &e));
    OK(t.op_enqueue(stream, TN_OP_all_reduce, &args, nullptr, nullptr, &e));
    backend.synchronize(stream);
    records.push_back(stop_profiling(backend.device(card)));
  }
  ASSERT_EQ(records[0].size(), 1U);
  ASSERT_EQ(records[1].size(), 1U);
  EXPECT_EQ(records[0][0].begin_ns, records[1][0].begin_ns);
  EXPECT_EQ(records[0][0].end_ns, records[1][0].end_ns);
}

TEST_F(TimedCards, KnowNoTimeBetweenEventsOfTwo) {
  TestBackend backend(cards(2));
  tn_event* events[] = {backend.event(0), backend.event(1)};
  for (const std::uint32_t card : {0U, 1U}) {
    tn_stream* stream = backend.stream("compute", card);
    OK(t.event_record(events[card], stream, &e));
    backend.synchronize(stream);
  }
  std::int64_t nanoseconds = 0;
  REFUSED(TN_INVALID_ARGUMENT, "two cards",
          t.event_elapsed(events[0], events[1], &nanoseconds, &e));
}

// The event of the other card has the number of one here that is recorded later.
TEST_F(TimedCards, DoNotWaitInVirtualTimeForAnother) {
  TestBackend backend(cards(2));
  tn_stream* other = backend.stream("other", 1);
  tn_event* there = backend.event(1);
  tn_event* here = backend.event(0);
  OK(t.event_record(there, other, &e));
  tn_stream* stream = backend.stream("compute");
  OK(t.event_wait(stream, there, &e));
  OK(t.event_record(here, stream, &e));
  backend.synchronize(stream);
  bool done = false;
  OK(t.event_query(here, &done, &e));
  EXPECT_TRUE(done);
}

TEST_F(TimedCards, RefuseWhatARealOneWould) {
  TestBackend backend(cards(2));
  const std::vector<tn_communicator*> ranks = backend.communicators(2);
  tn_stream* stream = backend.stream("compute");
  tn_all_reduce_args args = all_reduce(backend, ranks[1], 2);
  REFUSED(TN_INVALID_ARGUMENT, "another device",
          t.op_enqueue(stream, TN_OP_all_reduce, &args, nullptr, nullptr, &e));
  args.communicator = ranks[0];
  args.input.byte_offset = 2;
  REFUSED(TN_INVALID_ARGUMENT, "past its buffer",
          t.op_enqueue(stream, TN_OP_all_reduce, &args, nullptr, nullptr, &e));
  const tn_buffer* elsewhere = backend.buffer(16, TN_MEMORY_DEVICE, 1);
  std::uint32_t word = 0;
  REFUSED(TN_INVALID_ARGUMENT, "another device",
          t.copy_h2d(stream, &word, const_cast<tn_buffer*>(elsewhere), 0, sizeof word, &e));
  OK(t.graph_capture_begin(stream, &e));
  REFUSED(TN_INVALID_STATE, "illegal during capture",
          t.copy_h2d(stream, &word, args.output.buffer, 0, sizeof word, &e));
  tn_graph* graph = nullptr;
  OK(t.graph_capture_end(stream, &graph, &e));
  backend.keep(graph);
}

// As with numbers, whatever the forked stream does.
TEST_F(TimedCards, FindOpenForks) {
  TestBackend backend(cards(2));
  const std::vector<tn_communicator*> ranks = backend.communicators(2);
  tn_stream* stream = backend.stream("compute");
  tn_stream* side = backend.stream("prefetch");
  tn_event* fork = backend.event();
  tn_event* join = backend.event();
  const tn_all_reduce_args args = all_reduce(backend, ranks[0], 2);
  const std::function<tn_status()> works[] = {
      [&] { return t.prefetch(side, &args.input, 0, 64, &e); },
      [&] { return t.fill(side, args.output.buffer, 0, 64, 0, 4, &e); },
      [&] { return t.op_enqueue(side, TN_OP_all_reduce, &args, nullptr, nullptr, &e); },
      [&] { return t.copy_d2d(side, args.input.buffer, 0, args.output.buffer, 0, 64, &e); }};
  for (const auto& work : works) {
    for (const bool joined : {true, false}) {
      OK(t.graph_capture_begin(stream, &e));
      OK(t.event_record(fork, stream, &e));
      OK(t.event_wait(side, fork, &e));
      if (joined) {
        OK(work());
      }
      OK(t.event_record(join, side, &e));
      OK(t.event_wait(stream, join, &e));
      if (!joined) {
        OK(work());
      }
      tn_graph* graph = nullptr;
      if (joined) {
        OK(t.graph_capture_end(stream, &graph, &e));
        backend.keep(graph);
      } else {
        REFUSED(TN_INVALID_STATE, "\"prefetch\"", t.graph_capture_end(stream, &graph, &e));
      }
    }
  }
}

TEST_F(TimedCards, RefuseUpdatesOfACollective) {
  TestBackend backend(cards(2));
  const std::vector<tn_communicator*> ranks = backend.communicators(2);
  tn_stream* stream = backend.stream("compute");
  const tn_all_reduce_args args = all_reduce(backend, ranks[0], 2);
  OK(t.graph_capture_begin(stream, &e));
  tn_node nodes[2] = {};
  for (tn_node& node : nodes)
    OK(t.op_enqueue(stream, TN_OP_all_reduce, &args, nullptr, &node, &e));
  tn_graph* graph = nullptr;
  OK(t.graph_capture_end(stream, &graph, &e));
  backend.keep(graph);
  EXPECT_NE(nodes[0], static_cast<tn_node>(TN_NO_NODE));
  EXPECT_NE(nodes[0], nodes[1]);
  REFUSED(TN_INVALID_ARGUMENT, "no fields to update",
          t.graph_update(graph, nodes[1], TN_OP_all_reduce, &args, &e));
  REFUSED(TN_NOT_FOUND, "no such node", t.graph_update(graph, 12345, TN_OP_all_reduce, &args, &e));
}

}  // namespace
}  // namespace ascend_test::timed_cards_test
