// Many small ops at once: four threads, a stream each, with and without graphs and events.
#include "runtime_fixture.hpp"

#include <thread>

namespace runtime_test {
namespace {

class Stress : public RuntimeTest {};

constexpr int threads = 4;

// data[0] += data[1], `steps` times, each enqueued by itself.
void count_up(TestBackend& backend, tn_stream* stream, tn_buffer* data, int steps) {
  const tn_device_table& t = table();
  static_cast<void>(backend);
  const tn_add_args args =
      add_args(tensor(data, {1}), tensor(data, {1}, TN_DTYPE_F32, 4), tensor(data, {1}));
  for (int i = 0; i < steps; ++i) {
    ASSERT_EQ(t.op_enqueue(stream, TN_OP_add, &args, nullptr, nullptr, nullptr), TN_OK);
    if (i % 97 == 0) {
      ASSERT_EQ(t.stream_synchronize(stream, nullptr), TN_OK);
    }
  }
  ASSERT_EQ(t.stream_synchronize(stream, nullptr), TN_OK);
}

TEST_F(Stress, CountsUpOnFourStreamsFromFourThreads) {
  TestBackend backend;
  constexpr int steps = 3000;
  std::vector<tn_buffer*> data;
  std::vector<tn_stream*> streams;
  for (int i = 0; i < threads; ++i) {
    data.push_back(backend.filled<float>({0, 1}));
    streams.push_back(backend.stream());
  }
  std::vector<std::thread> hosts;
  for (int i = 0; i < threads; ++i) {
    hosts.emplace_back([&, i] { count_up(backend, streams[i], data[i], steps); });
  }
  for (std::thread& host : hosts)
    host.join();
  for (tn_buffer* buffer : data)
    EXPECT_EQ(backend.values<float>(buffer, 1)[0], float{steps});
}

TEST_F(Stress, PassesATokenAroundStreams) {
  TestBackend backend;
  constexpr int rounds = 400;
  tn_buffer* data = backend.filled<float>({0, 1});
  const tn_add_args args =
      add_args(tensor(data, {1}), tensor(data, {1}, TN_DTYPE_F32, 4), tensor(data, {1}));
  std::vector<tn_stream*> streams;
  std::vector<tn_event*> events;
  for (int i = 0; i < threads; ++i) {
    streams.push_back(backend.stream());
    events.push_back(backend.event());
  }
  for (int i = 0; i < rounds * threads; ++i) {
    const int here = i % threads;
    OK(t.op_enqueue(streams[here], TN_OP_add, &args, nullptr, nullptr, &e));
    OK(t.event_record(events[here], streams[here], &e));
    OK(t.event_wait(streams[(here + 1) % threads], events[here], &e));
  }
  backend.synchronize(streams[0]);
  EXPECT_EQ(backend.values<float>(data, 1)[0], float{rounds * threads});
}

TEST_F(Stress, LaunchesGraphsFromFourThreads) {
  TestBackend backend;
  constexpr int launches = 200;
  constexpr int nodes = 20;
  std::vector<tn_buffer*> data;
  std::vector<tn_stream*> streams;
  std::vector<tn_graph*> graphs;
  for (int i = 0; i < threads; ++i) {
    data.push_back(backend.filled<float>({0, 1}));
    streams.push_back(backend.stream());
    const tn_add_args args =
        add_args(tensor(data[i], {1}), tensor(data[i], {1}, TN_DTYPE_F32, 4), tensor(data[i], {1}));
    OK(t.graph_capture_begin(streams[i], &e));
    for (int n = 0; n < nodes; ++n) {
      OK(t.op_enqueue(streams[i], TN_OP_add, &args, nullptr, nullptr, &e));
    }
    tn_graph* graph = nullptr;
    OK(t.graph_capture_end(streams[i], &graph, &e));
    backend.keep(graph);
    graphs.push_back(graph);
  }
  std::vector<std::thread> hosts;
  for (int i = 0; i < threads; ++i) {
    hosts.emplace_back([&, i] {
      for (int n = 0; n < launches; ++n) {
        EXPECT_EQ(t.graph_launch(graphs[i], streams[i], nullptr), TN_OK);
      }
      EXPECT_EQ(t.stream_synchronize(streams[i], nullptr), TN_OK);
    });
  }
  for (std::thread& host : hosts)
    host.join();
  for (tn_buffer* buffer : data) {
    EXPECT_EQ(backend.values<float>(buffer, 1)[0], float{launches * nodes});
  }
}

TEST_F(Stress, ReducesOverAndOver) {
  constexpr std::uint32_t world = 4;
  TestBackend backend({option("devices", std::int64_t{world})});
  const auto ranks = backend.communicators(world);
  std::vector<tn_stream*> streams;
  std::vector<tn_buffer*> data;
  for (std::uint32_t rank = 0; rank < world; ++rank) {
    streams.push_back(backend.stream("rank", rank));
    data.push_back(backend.filled<std::int32_t>({1}, rank));
  }
  for (int i = 0; i < 300; ++i) {
    for (std::uint32_t rank = 0; rank < world; ++rank) {
      tn_all_reduce_args args{};
      args.struct_size = sizeof args;
      args.communicator = ranks[rank];
      args.input = tensor(data[rank], {1}, TN_DTYPE_I32);
      args.output = args.input;
      args.world_size = world;
      args.reduction = i % 15 < 14 ? TN_REDUCE_MAX : TN_REDUCE_SUM;
      OK(t.op_enqueue(streams[rank], TN_OP_all_reduce, &args, nullptr, nullptr, &e));
    }
  }
  for (tn_stream* stream : streams)
    backend.synchronize(stream);
  // Twenty sums of four equal values: 4^20 = 2^40, which is 0 in 32 bits.
  EXPECT_EQ(backend.values<std::int32_t>(data[3], 1, 3)[0], 0);
}

}  // namespace
}  // namespace runtime_test
