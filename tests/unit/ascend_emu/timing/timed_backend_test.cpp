// The plugin with virtual time, through its C table.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "timed_calls.hpp"

#include "ascend_emu/timing/op_demand.hpp"
#include "ascend_emu/timing/simulation.hpp"

namespace ascend_test::timed_backend_test {
namespace {

namespace timing = tenon::ascend_emu::timing;

class TimedBackend : public RuntimeTest {
 protected:
  // 64 rows by a weight of 512 x 256.
  tn_linear_args linear(TestBackend& on) {
    return linear_args(tensor(on.filled(std::vector<float>(64 * 256, 1.0F)), {64, 256}),
                       tensor(on.filled(std::vector<float>(512 * 256, 0.5F)), {512, 256}),
                       tensor(on.buffer(64 * 512 * 4), {64, 512}));
  }

  // Of the op alone on the device, all of it from memory.
  static std::int64_t device_ns(std::uint32_t op, const void* args) {
    timing::WorkItem work;
    work.captured = true;
    work.demand = timing::op_demand(op, args);
    return timing::simulate({&work, 1}, timing::read_soc_profile(profile_file)).end() / 1000;
  }

  std::int64_t elapsed(tn_event* begin, tn_event* end) {
    std::int64_t nanoseconds = -1;
    EXPECT_EQ(t.event_elapsed(begin, end, &nanoseconds, &e), TN_OK) << e.message;
    return nanoseconds;
  }
};

// From the end of a record, which its stream takes 1 us for after a call of 5 us: a call of 48 us
// comes first, then the op, then the other record.
TEST_F(TimedBackend, EventsHaveVirtualTimes) {
  TestBackend backend(timed());
  tn_stream* stream = backend.stream("compute");
  tn_event* begin = backend.event();
  tn_event* end = backend.event();
  const tn_linear_args args = linear(backend);
  OK(t.event_record(begin, stream, &e));
  OK(t.op_enqueue(stream, TN_OP_linear, &args, nullptr, nullptr, &e));
  OK(t.event_record(end, stream, &e));
  backend.synchronize(stream);
  EXPECT_EQ(elapsed(begin, end), 48'000 + device_ns(TN_OP_linear, &args));
}

TEST_F(TimedBackend, NumbersAreAsWithout) {
  std::vector<float> outputs[2];
  for (const bool with_time : {false, true}) {
    TestBackend backend(with_time ? timed() : std::vector<tn_option>{});
    tn_stream* stream = backend.stream("compute");
    const tn_linear_args args = linear(backend);
    OK(t.op_enqueue(stream, TN_OP_linear, &args, nullptr, nullptr, &e));
    backend.synchronize(stream);
    outputs[with_time ? 1 : 0] = backend.values<float>(args.output.buffer, 64 * 512);
  }
  EXPECT_EQ(outputs[0], outputs[1]);
}

TEST_F(TimedBackend, AGraphTakesOneLaunchHoweverOftenItIsReplayed) {
  TestBackend backend(timed());
  tn_stream* stream = backend.stream("compute");
  tn_stream* side = backend.stream("prefetch");
  tn_event* fork = backend.event();
  tn_event* join = backend.event();
  const tn_linear_args args = linear(backend);
  OK(t.graph_capture_begin(stream, &e));
  OK(t.event_record(fork, stream, &e));
  OK(t.event_wait(side, fork, &e));
  OK(t.prefetch(side, &args.weight, 0, args.weight.storage_bytes, &e));
  OK(t.event_record(join, side, &e));
  OK(t.event_wait(stream, join, &e));
  OK(t.op_enqueue(stream, TN_OP_linear, &args, nullptr, nullptr, &e));
  tn_graph* graph = nullptr;
  OK(t.graph_capture_end(stream, &graph, &e));
  backend.keep(graph);

  tn_event* begin = backend.event();
  tn_event* end = backend.event();
  std::vector<std::int64_t> times;
  for (int replay = 0; replay < 3; ++replay) {
    OK(t.event_record(begin, stream, &e));
    OK(t.graph_launch(graph, stream, &e));
    OK(t.event_record(end, stream, &e));
    backend.synchronize(stream);
    times.push_back(elapsed(begin, end));
  }
  EXPECT_GT(times[0], 700'000);
  EXPECT_LT(times[0], 700'000 + 30'000);
  EXPECT_LT(times[1], times[0]);  // the weight is in L2 by now
  EXPECT_EQ(times[2], times[1]);
}

TEST_F(TimedBackend, APrefetchShowsAsHitsOfItsConsumer) {
  TestBackend backend(timed());
  tn_stream* stream = backend.stream("compute");
  tn_stream* side = backend.stream("prefetch");
  tn_event* done = backend.event();
  const tn_linear_args args = linear(backend);
  OK(t.profiling_start(backend.device(), &e));
  OK(t.prefetch(side, &args.weight, 0, args.weight.storage_bytes, &e));
  OK(t.event_record(done, side, &e));
  OK(t.event_wait(stream, done, &e));
  OK(t.op_enqueue(stream, TN_OP_linear, &args, nullptr, nullptr, &e));
  backend.synchronize(stream);
  const std::vector<Record> records = stop_profiling(backend.device());
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].engine_text, "cmo");
  EXPECT_EQ(records[0].bytes_read, args.weight.storage_bytes);
  EXPECT_EQ(records[1].op, static_cast<std::uint32_t>(TN_OP_linear));
  EXPECT_EQ(records[1].cache_hit_bytes, args.weight.storage_bytes);
  EXPECT_GE(records[1].begin_ns, records[0].end_ns);
}

// A buffer that takes the place of a destroyed one has nothing in L2.
TEST_F(TimedBackend, ANewBufferIsCold) {
  TestBackend backend(timed());
  tn_stream* stream = backend.stream("compute");
  for (int round = 0; round < 3; ++round) {
    const tn_linear_args args = linear(backend);
    OK(t.profiling_start(backend.device(), &e));
    OK(t.op_enqueue(stream, TN_OP_linear, &args, nullptr, nullptr, &e));
    backend.synchronize(stream);
    EXPECT_EQ(stop_profiling(backend.device()).at(0).cache_hit_bytes, 0U);
    for (const tn_tensor* tensor : {&args.input, &args.weight, &args.output})
      backend.destroy(tensor->buffer);
  }
}

class TimedReplay : public TimedBackend, public ::testing::WithParamInterface<bool> {};

INSTANTIATE_TEST_SUITE_P(Numerics, TimedReplay, ::testing::Bool());

TEST_P(TimedReplay, AnUpdatedGraphTakesItsNewLengths) {
  TestBackend backend(timed({flag("numerics", GetParam())}));
  tn_stream* stream = backend.stream("compute");
  constexpr std::int64_t blocks = 64;
  std::vector<std::int32_t> table_row(blocks);
  for (std::int32_t i = 0; i < blocks; ++i)
    table_row[static_cast<std::size_t>(i)] = i;
  const std::vector<std::int32_t> starts{0, 1};
  std::vector<std::int32_t> lengths{16};
  tn_buffer* device_lengths = backend.filled(lengths);
  tn_paged_attention_args args{};
  args.struct_size = sizeof args;
  args.query = tensor(backend.filled(std::vector<float>(4 * 64, 1.0F)), {1, 4, 64});
  args.key_cache =
      tensor(backend.filled(std::vector<float>(blocks * 128 * 64, 1.0F)), {blocks, 128, 1, 64});
  args.value_cache = args.key_cache;
  args.block_table = tensor(backend.filled(table_row), {1, blocks}, TN_DTYPE_I32);
  args.query_start_loc = tensor(backend.filled(starts), {2}, TN_DTYPE_I32);
  args.seq_lens = tensor(device_lengths, {1}, TN_DTYPE_I32);
  args.output = tensor(backend.buffer(4 * 64 * 4), {1, 4, 64});
  args.host_query_start_loc = starts.data();
  args.host_query_start_loc_count = 2;
  args.host_seq_lens = lengths.data();
  args.host_seq_lens_count = 1;
  args.max_query_len = 1;
  args.max_seq_len = blocks * 128;
  args.value_dim = 64;
  args.causal = 1;
  args.scale = 0.125F;
  OK(t.graph_capture_begin(stream, &e));
  tn_node node = TN_NO_NODE;
  OK(t.op_enqueue(stream, TN_OP_paged_attention, &args, nullptr, &node, &e));
  tn_graph* graph = nullptr;
  OK(t.graph_capture_end(stream, &graph, &e));
  backend.keep(graph);

  tn_event* begin = backend.event();
  tn_event* end = backend.event();
  std::vector<std::int64_t> times;
  for (const std::int32_t length : {16, 8192}) {
    lengths[0] = length;
    OK(t.copy_h2d(stream, lengths.data(), device_lengths, 0, sizeof length, &e));
    OK(t.graph_update(graph, node, TN_OP_paged_attention, &args, &e));
    OK(t.event_record(begin, stream, &e));
    OK(t.graph_launch(graph, stream, &e));
    OK(t.event_record(end, stream, &e));
    backend.synchronize(stream);
    times.push_back(elapsed(begin, end));
  }
  EXPECT_GT(times[1], times[0]);
}

// Two tensors of 4 GiB, none of which may become resident.
TEST_F(TimedBackend, WithoutNumbersNoMemoryIsTouched) {
  TestBackend backend(without_numbers());
  tn_stream* stream = backend.stream("compute");
  constexpr std::int64_t rows = 32768;
  constexpr std::uint64_t bytes = std::uint64_t{rows} * rows * 4;
  tn_buffer* big[] = {backend.buffer(bytes), backend.buffer(bytes)};
  const tn_linear_args args =
      linear_args(tensor(backend.buffer(16 * rows * 4), {16, rows}), tensor(big[0], {rows, rows}),
                  tensor(backend.buffer(16 * rows * 4), {16, rows}));
  tn_event* begin = backend.event();
  tn_event* end = backend.event();
  OK(t.event_record(begin, stream, &e));
  OK(t.op_enqueue(stream, TN_OP_linear, &args, nullptr, nullptr, &e));
  OK(t.event_record(end, stream, &e));
  OK(t.copy_d2d(stream, big[0], 0, big[1], 0, bytes, &e));
  std::vector<float> out(16, 1.0F);
  OK(t.copy_d2h(stream, args.output.buffer, 0, out.data(), out.size() * sizeof(float), &e));
  backend.synchronize(stream);
  EXPECT_EQ(out, std::vector<float>(16, 0.0F));
  EXPECT_EQ(elapsed(begin, end), 48'000 + device_ns(TN_OP_linear, &args));
}

TEST_F(TimedBackend, WithoutNumbersWhatIsUnsupportedIsRefused) {
  TestBackend backend(without_numbers());
  tn_linear_args args = linear(backend);
  args.weight.dtype = TN_DTYPE_I64;
  REFUSED(TN_UNSUPPORTED, "",
          t.op_enqueue(backend.stream("compute"), TN_OP_linear, &args, nullptr, nullptr, &e));
}

class TimedOptions : public RuntimeTest {
 protected:
  void expect_refusal(std::vector<tn_option> options, tn_status status, const char* text) {
    tn_backend* backend = nullptr;
    REFUSED(status, text,
            t.backend_create(&test_host(), options.data(),
                             static_cast<std::uint32_t>(options.size()), &backend, &e));
    EXPECT_EQ(backend, nullptr);
  }
};

TEST_F(TimedOptions, TimeOfSeveralCardsIsWithoutNumbers) {
  expect_refusal(timed({option("cards", 2)}), TN_UNSUPPORTED, "cards = 2");
}

TEST_F(TimedOptions, WithoutNumbersThereIsTime) {
  expect_refusal({flag("numerics", false)}, TN_INVALID_ARGUMENT, "expected timing = true");
}

TEST_F(TimedOptions, AnUnknownChipIsRefused) {
  expect_refusal({flag("timing", true), option("soc", "910x")}, TN_INVALID_ARGUMENT,
                 "\"910x\" is no profile");
  expect_refusal({flag("timing", true), option("soc", "/nowhere/910x.toml")}, TN_INVALID_ARGUMENT,
                 "/nowhere/910x.toml");
}

}  // namespace
}  // namespace ascend_test::timed_backend_test
