// The same calls give the same records, whatever else this machine does.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <tuple>

#include "op_samples.hpp"
#include "timed_calls.hpp"

namespace ascend_test::determinism_test {
namespace {

auto facts(const Record& record) {
  return std::make_tuple(record.op, record.what_text, record.engine_text, record.sequence_number,
                         record.begin_ns, record.end_ns, record.host_begin_ns, record.host_end_ns,
                         record.compute_ns, record.bytes_read, record.bytes_written,
                         record.cache_hit_bytes, record.late_bytes);
}

using Facts = decltype(facts(std::declval<Record>()));

class Determinism : public RuntimeTest, public ::testing::WithParamInterface<bool> {
 protected:
  // Steps with copies, prefetches beside their consumers, a graph and a read-back.
  std::vector<Facts> records(std::int64_t threads) {
    TestBackend backend(timed({flag("numerics", GetParam()), option("threads", threads)}));
    OpSamples samples(backend);
    auto linear = samples.sample<tn_linear_args>();
    linear.input = samples.make({16, 512});
    linear.weight = samples.make({512, 512});
    linear.output = samples.make({16, 512});
    auto norm = samples.sample<tn_rms_norm_args>();
    norm.input = linear.output;
    norm.weight = samples.make({512});
    norm.output = linear.input;
    tn_stream* stream = backend.stream("compute");
    tn_stream* side = backend.stream("prefetch");
    tn_event* fork = backend.event();
    tn_event* join = backend.event();
    const auto layer = [&] {
      OK(t.event_record(fork, stream, &e));
      OK(t.event_wait(side, fork, &e));
      OK(t.prefetch(side, &linear.weight, 0, linear.weight.storage_bytes, &e));
      OK(t.op_enqueue(stream, TN_OP_rms_norm, &norm, nullptr, nullptr, &e));
      OK(t.op_enqueue(stream, TN_OP_linear, &linear, nullptr, nullptr, &e));
      OK(t.event_record(join, side, &e));
      OK(t.event_wait(stream, join, &e));
    };
    tn_graph* graph = nullptr;
    const auto capture = [&] {
      OK(t.graph_capture_begin(stream, &e));
      layer();
      OK(t.graph_capture_end(stream, &graph, &e));
      backend.keep(graph);
    };
    capture();
    const std::vector<std::uint16_t> input(std::size_t{16} * 512, 0x3f80);
    const auto step = [&] {
      OK(t.copy_h2d(stream, input.data(), linear.input.buffer, 0, input.size() * 2, &e));
      layer();
      OK(t.graph_launch(graph, stream, &e));
      std::uint32_t word = 0;
      OK(t.copy_d2h(stream, norm.output.buffer, 0, &word, sizeof word, &e));
      backend.synchronize(stream);
    };
    EXPECT_EQ(t.profiling_start(backend.device(), &e), TN_OK) << e.message;
    for (int i = 0; i < 20; ++i)
      step();
    std::vector<Facts> result;
    for (const Record& record : stop_profiling(backend.device()))
      result.push_back(facts(record));
    return result;
  }
};

INSTANTIATE_TEST_SUITE_P(Numerics, Determinism, ::testing::Bool());

TEST_P(Determinism, ThreadsAndLoadChangeNoRecord) {
  const std::vector<Facts> alone = records(1);
  EXPECT_EQ(alone.size(), 20U * 8);
  EXPECT_EQ(records(4), alone);
  std::atomic<bool> busy{true};
  std::vector<std::thread> burners;
  burners.reserve(4);
  for (int i = 0; i < 4; ++i) {
    burners.emplace_back([&busy] {
      while (busy.load(std::memory_order_relaxed)) {
      }
    });
  }
  const std::vector<Facts> loaded = records(4);
  busy = false;
  for (std::thread& burner : burners)
    burner.join();
  EXPECT_EQ(loaded, alone);
}

}  // namespace
}  // namespace ascend_test::determinism_test
