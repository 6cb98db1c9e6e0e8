// Collectives over three devices.
#include "runtime_fixture.hpp"

namespace runtime_test {
namespace {

constexpr std::uint32_t world = 3;

class Collectives : public RuntimeTest {
 protected:
  TestBackend backend{{option("devices", std::int64_t{world})}};
  std::vector<tn_communicator*> ranks = backend.communicators(world);
  std::vector<tn_stream*> streams{backend.stream("rank0", 0), backend.stream("rank1", 1),
                                  backend.stream("rank2", 2)};

  tn_all_reduce_args all_reduce(std::uint32_t rank, const tn_tensor& input,
                                const tn_tensor& output) {
    tn_all_reduce_args args{};
    args.struct_size = sizeof args;
    args.communicator = ranks[rank];
    args.input = input;
    args.output = output;
    args.world_size = world;
    return args;
  }
  void enqueue_all_reduce(std::uint32_t rank, tn_buffer* data, std::int64_t count,
                          tn_dtype dtype = TN_DTYPE_F32, tn_reduction reduction = TN_REDUCE_SUM) {
    tn_all_reduce_args args =
        all_reduce(rank, tensor(data, {count}, dtype), tensor(data, {count}, dtype));
    args.reduction = static_cast<std::uint32_t>(reduction);
    OK(t.op_enqueue(streams[rank], TN_OP_all_reduce, &args, nullptr, nullptr, &e));
  }
  void synchronize_all() {
    for (tn_stream* stream : streams)
      backend.synchronize(stream);
  }
};

class Exchange : public Collectives {
 protected:
  // sends[r][p] rows of one int each go from r to p; row i of rank r holds 100 r + i.
  std::vector<tn_buffer*> exchange(const std::vector<std::vector<std::int32_t>>& sends,
                                   const std::vector<std::vector<std::int32_t>>& receives) {
    std::vector<tn_buffer*> outputs;
    for (std::uint32_t rank = 0; rank < world; ++rank) {
      std::vector<std::int32_t> rows;
      for (int i = 0; i < 4; ++i)
        rows.push_back(100 * int(rank) + i);
      outputs.push_back(backend.filled(std::vector<std::int32_t>(5, -1), rank));
      tn_all_to_all_v_args args{};
      args.struct_size = sizeof args;
      args.communicator = ranks[rank];
      args.input = tensor(backend.filled(rows, rank), {4, 1}, TN_DTYPE_I32);
      args.send_counts = tensor(backend.filled(sends[rank], rank), {world}, TN_DTYPE_I32);
      args.receive_counts = tensor(backend.filled(receives[rank], rank), {world}, TN_DTYPE_I32);
      args.output = tensor(outputs[rank], {5, 1}, TN_DTYPE_I32);
      args.world_size = world;
      EXPECT_EQ(t.op_enqueue(streams[rank], TN_OP_all_to_all_v, &args, nullptr, nullptr, &e), TN_OK)
          << e.message;
    }
    return outputs;
  }
};

TEST_F(Exchange, FailsOnBadCounts) {
  exchange({{1, 2, 2}, {0, 0, 3}, {2, 0, 0}}, {{1, 0, 2}, {2, 0, 0}, {2, 3, 0}});
  for (tn_stream* stream : streams) {
    REFUSED(TN_STREAM_FAILED, "send_counts[2] of rank 0 is out of range; expected 0..1; found 2",
            t.stream_synchronize(stream, &e));
  }
}

TEST_F(Exchange, FailsOnCountsThatDisagree) {
  exchange({{1, 2, 1}, {0, 0, 3}, {2, 0, 0}}, {{1, 0, 2}, {2, 0, 0}, {1, 2, 0}});
  REFUSED(TN_STREAM_FAILED, "rank 1 sends rank 2 another number of rows",
          t.stream_synchronize(streams[0], &e));
}

TEST_F(Collectives, FailTogether) {
  tn_buffer* data[world];
  for (std::uint32_t rank = 0; rank < world; ++rank)
    data[rank] = backend.filled<float>({1}, rank);
  enqueue_failing_op(backend, streams[0]);
  ASSERT_EQ(t.stream_synchronize(streams[0], &e), TN_STREAM_FAILED);
  tn_all_reduce_args args = all_reduce(0, tensor(data[0], {1}), tensor(data[0], {1}));
  EXPECT_EQ(t.op_enqueue(streams[0], TN_OP_all_reduce, &args, nullptr, nullptr, &e),
            TN_STREAM_FAILED);
  enqueue_all_reduce(1, data[1], 1);
  enqueue_all_reduce(2, data[2], 1);
  for (const std::uint32_t rank : {1U, 2U}) {
    REFUSED(TN_STREAM_FAILED, "another rank failed", t.stream_synchronize(streams[rank], &e));
  }
}

TEST_F(Collectives, FailWhenRanksDisagree) {
  tn_buffer* data[world];
  for (std::uint32_t rank = 0; rank < world; ++rank) {
    data[rank] = backend.filled<float>({1, 2}, rank);
    enqueue_all_reduce(rank, data[rank], rank == 2 ? 1 : 2);
  }
  REFUSED(TN_STREAM_FAILED, "input has another shape", t.stream_synchronize(streams[1], &e));
}

TEST_F(Collectives, EndWithTheirCommunicator) {
  enqueue_all_reduce(0, backend.filled<float>({1}, 0), 1);
  // Rank 0 may or may not have arrived; then it is given up or finds the communicator closed.
  backend.synchronize(backend.stream());
  backend.destroy(ranks[1]);
  REFUSED(TN_STREAM_FAILED, "destroyed before all ranks", t.stream_synchronize(streams[0], &e));
}

TEST_F(Collectives, AreCheckedBeforeTheyAreEnqueued) {
  tn_buffer* data = backend.filled<float>({1}, 0);
  tn_all_reduce_args args = all_reduce(1, tensor(data, {1}), tensor(data, {1}));
  REFUSED(TN_INVALID_ARGUMENT, "expected device 0; found device 1",
          t.op_enqueue(streams[0], TN_OP_all_reduce, &args, nullptr, nullptr, &e));
  args = all_reduce(0, tensor(data, {1}), tensor(data, {1}));
  args.world_size = 2;
  REFUSED(TN_INVALID_ARGUMENT, "expected 3; found 2",
          t.op_enqueue(streams[0], TN_OP_all_reduce, &args, nullptr, nullptr, &e));
  args.world_size = world;
  args.communicator = nullptr;
  tn_op_support support{};
  support.struct_size = sizeof support;
  OK(t.op_query(backend.device(), TN_OP_all_reduce, &args, &support, &e));
  EXPECT_EQ(support.supported, 1u);
  REFUSED(TN_INVALID_ARGUMENT, "communicator",
          t.op_enqueue(streams[0], TN_OP_all_reduce, &args, nullptr, nullptr, &e));
  args.reduction = 9;
  OK(t.op_query(backend.device(), TN_OP_all_reduce, &args, &support, &e));
  EXPECT_EQ(support.supported, 0u);
}

TEST_F(Collectives, NeedDifferentDevices) {
  tn_device* const twice[] = {backend.device(1), backend.device(1)};
  tn_communicator* made[2] = {ranks[0], ranks[0]};
  REFUSED(TN_INVALID_ARGUMENT, "found device 1 again", t.communicator_create(twice, 2, made, &e));
  EXPECT_EQ(made[0], nullptr);
  EXPECT_EQ(made[1], nullptr);
  TestBackend stranger;
  tn_device* const mixed[] = {backend.device(0), stranger.device(0)};
  REFUSED(TN_INVALID_ARGUMENT, "another backend", t.communicator_create(mixed, 2, made, &e));
  TestBackend without({option("unsupported_ops", "all_gather")});
  tn_device* const one[] = {without.device(0)};
  REFUSED(TN_UNSUPPORTED, "turned off", t.communicator_create(one, 1, made, &e));
  tn_device_info info{};
  info.struct_size = sizeof info;
  OK(t.device_info(without.handle(), 0, &info, &e));
  EXPECT_FALSE(info.capabilities & TN_CAN_COMMUNICATE);
  EXPECT_TRUE(info.capabilities & TN_CAN_RUN_EVERY_OP);  // collectives apart
}

TEST_F(Collectives, MeetInOneGraphOfAllRanks) {
  tn_buffer* data[world];
  tn_event* fork = backend.event();
  for (std::uint32_t rank = 0; rank < world; ++rank)
    data[rank] = backend.filled<float>({1}, rank);
  OK(t.graph_capture_begin(streams[0], &e));
  OK(t.event_record(fork, streams[0], &e));
  for (std::uint32_t rank = 0; rank < world; ++rank) {
    if (rank != 0) {
      OK(t.event_wait(streams[rank], fork, &e));
    }
    enqueue_all_reduce(rank, data[rank], 1);
    const tn_tensor one = tensor(data[rank], {1});
    const tn_add_args twice = add_args(one, one, one);  // must come after all ranks have met
    OK(t.op_enqueue(streams[rank], TN_OP_add, &twice, nullptr, nullptr, &e));
    if (rank == 0) continue;
    tn_event* join = backend.event();
    OK(t.event_record(join, streams[rank], &e));
    OK(t.event_wait(streams[0], join, &e));
  }
  tn_graph* graph = nullptr;
  OK(t.graph_capture_end(streams[0], &graph, &e));
  backend.keep(graph);
  OK(t.graph_launch(graph, streams[0], &e));
  OK(t.graph_launch(graph, streams[0], &e));
  backend.synchronize(streams[0]);
  for (std::uint32_t rank = 0; rank < world; ++rank) {
    EXPECT_EQ(backend.values<float>(data[rank], 1, rank)[0], 36.0F);
  }
}

}  // namespace
}  // namespace runtime_test
