// What a profiling record says beside its beginning and its end.
#include <gtest/gtest.h>

#include "op_samples.hpp"
#include "timed_calls.hpp"

namespace ascend_test::timed_records_test {
namespace {

class TimedRecords : public RuntimeTest {
 protected:
  static void expect_in_order(const Record& record) {
    EXPECT_LE(record.host_begin_ns, record.host_end_ns);
    EXPECT_LE(record.host_end_ns, record.begin_ns);
    EXPECT_LE(record.begin_ns, record.end_ns);
    EXPECT_LE(record.compute_ns, record.end_ns - record.begin_ns);
    EXPECT_LE(record.cache_hit_bytes, record.bytes_read);
    EXPECT_LE(record.late_bytes, record.bytes_read);
  }
};

TEST_F(TimedRecords, NameTheCallThatEnqueuedTheWork) {
  TestBackend backend(without_numbers());
  const auto args = OpSamples(backend).sample<tn_linear_args>();
  tn_stream* stream = backend.stream("compute");
  OK(t.profiling_start(backend.device(), &e));
  for (int i = 0; i < 3; ++i)
    OK(t.op_enqueue(stream, TN_OP_linear, &args, nullptr, nullptr, &e));
  const std::vector<Record> records = stop_profiling(backend.device());
  ASSERT_EQ(records.size(), 3U);
  for (const Record& record : records) {
    expect_in_order(record);
    EXPECT_GT(record.host_end_ns, record.host_begin_ns);
    EXPECT_GT(record.compute_ns, 0U);
  }
  EXPECT_EQ(records[1].host_begin_ns, records[0].host_end_ns);
}

TEST_F(TimedRecords, NameTheLaunchOfAGraph) {
  TestBackend backend(without_numbers());
  const auto args = OpSamples(backend).sample<tn_linear_args>();
  tn_stream* stream = backend.stream("compute");
  OK(t.graph_capture_begin(stream, &e));
  for (int i = 0; i < 2; ++i)
    OK(t.op_enqueue(stream, TN_OP_linear, &args, nullptr, nullptr, &e));
  tn_graph* graph = nullptr;
  OK(t.graph_capture_end(stream, &graph, &e));
  backend.keep(graph);
  OK(t.profiling_start(backend.device(), &e));
  OK(t.graph_launch(graph, stream, &e));
  OK(t.graph_launch(graph, stream, &e));
  const std::vector<Record> records = stop_profiling(backend.device());
  ASSERT_EQ(records.size(), 4U);
  for (const Record& record : records) {
    expect_in_order(record);
    EXPECT_GT(record.host_end_ns, record.host_begin_ns);
  }
  EXPECT_EQ(records[0].host_begin_ns, records[1].host_begin_ns);
  EXPECT_EQ(records[0].host_end_ns, records[1].host_end_ns);
  EXPECT_EQ(records[2].host_begin_ns, records[0].host_end_ns);
}

class LateBytes : public TimedRecords {
 protected:
  // A prefetch of all of a weight, then its consumer after `between`.
  template <class Between>
  std::uint64_t of_a_prefetch(TestBackend& backend, Between between) {
    const auto args = OpSamples(backend).sample<tn_linear_args>();
    tn_stream* stream = backend.stream("compute");
    tn_stream* side = backend.stream("prefetch");
    EXPECT_EQ(t.profiling_start(backend.device(), &e), TN_OK) << e.message;
    EXPECT_EQ(t.prefetch(side, &args.weight, 0, args.weight.storage_bytes, &e), TN_OK) << e.message;
    between(stream, side);
    EXPECT_EQ(t.op_enqueue(stream, TN_OP_linear, &args, nullptr, nullptr, &e), TN_OK) << e.message;
    const std::vector<Record> records = stop_profiling(backend.device());
    for (const Record& record : records) {
      expect_in_order(record);
      EXPECT_TRUE(record.what_text == "prefetch" || record.late_bytes == 0) << record.what_text;
    }
    EXPECT_EQ(records.at(0).what_text, "prefetch");
    return records.at(0).late_bytes;
  }
};

TEST_F(LateBytes, AreWhatTheConsumerDidNotFind) {
  TestBackend backend(without_numbers());
  const std::uint64_t late = of_a_prefetch(backend, [](tn_stream*, tn_stream*) {});
  EXPECT_GT(late, 0U);
  EXPECT_LE(late, 6144U * 4096 * 2);
}

// The host has waited for the prefetch before it calls the op.
TEST_F(LateBytes, AreNoneOfAPrefetchThatIsOver) {
  TestBackend backend(without_numbers());
  EXPECT_EQ(of_a_prefetch(backend, [&](tn_stream*, tn_stream* side) { backend.synchronize(side); }),
            0U);
}

// The consumer of a prefetch that is long over is found all the same: what was there has gone.
TEST_F(LateBytes, CountWhatWasDrivenOutBeforeTheConsumerBegan) {
  TestBackend backend(without_numbers());
  OpSamples samples(backend);
  auto big = samples.sample<tn_linear_args>();
  big.weight = samples.make({60000, 4096});
  big.output = samples.make({72, 60000});
  const std::uint64_t late = of_a_prefetch(backend, [&](tn_stream* stream, tn_stream* side) {
    backend.synchronize(side);
    OK(t.op_enqueue(stream, TN_OP_linear, &big, nullptr, nullptr, &e));
    backend.synchronize(stream);
  });
  EXPECT_EQ(late, 6144U * 4096 * 2);
}

}  // namespace
}  // namespace ascend_test::timed_records_test
