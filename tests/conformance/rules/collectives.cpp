// Communicators and the streams of collectives (TN-COMM).
#include "framework/context.hpp"
#include "rules/equal.hpp"
#include "rules/gate.hpp"
#include "rules/graph_capture.hpp"
#include "rules/op_call.hpp"
#include "rules/stream_work.hpp"

namespace tenon::conformance::collectives_test {
namespace {

constexpr uint64_t needs = TN_CAN_COMMUNICATE;

// One stream and one communicator for each device.
struct World {
  explicit World(Subject& of) : subject(of), size(of.device_count()) {
    ranks = of.communicators(size);
    for (uint32_t rank = 0; rank < size; ++rank)
      streams.push_back(of.stream("rank", rank));
  }

  template <class T>
  std::vector<tn_buffer*> filled(const std::vector<std::vector<T>>& values) {
    std::vector<tn_buffer*> buffers;
    for (uint32_t rank = 0; rank < size; ++rank)
      buffers.push_back(subject.filled(values[rank], rank));
    return buffers;
  }

  // In place on `data` of each rank.
  std::vector<Op<tn_all_reduce_args>> all_reduces(const std::vector<tn_buffer*>& data,
                                                  int64_t count, tn_dtype dtype,
                                                  tn_reduction reduction = TN_REDUCE_SUM) {
    std::vector<Op<tn_all_reduce_args>> ops;
    for (uint32_t rank = 0; rank < size; ++rank) {
      tn_all_reduce_args args{};
      args.communicator = ranks[rank];
      args.input = tensor(data[rank], {count}, dtype);
      args.output = args.input;
      args.world_size = size;
      args.reduction = static_cast<uint32_t>(reduction);
      ops.emplace_back(subject, TN_OP_all_reduce, args, rank);
    }
    return ops;
  }
  void synchronize() {
    for (tn_stream* stream : streams)
      subject.synchronize(stream);
  }

  Subject& subject;
  uint32_t size;
  std::vector<tn_communicator*> ranks;
  std::vector<tn_stream*> streams;
};

}  // namespace

CONFORMANCE_TEST(collectives, communicators_are_one_for_each_rank,
                 {.rules = {"TN-COMM-1", "TN-ERR-4"},
                  .profile = TN_PROFILE_COLLECTIVES,
                  .needs = needs,
                  .without_contents = true}) {
  Subject& subject = context.subject();
  const auto ranks = subject.communicators(subject.device_count());
  for (size_t i = 0; i < ranks.size(); ++i) {
    check(ranks[i] != nullptr, "TN-COMM-1", fmt::format("the communicator of rank {}", i),
          "a handle", "NULL");
    for (size_t other = 0; other < i; ++other) {
      check(ranks[i] != ranks[other], "TN-COMM-1", "the communicators of two ranks", "two handles",
            "one");
    }
  }
}

// What each rank sends comes out at its place: ranks follow the order of `devices`, not of numbers.
CONFORMANCE_TEST(
    collectives, ranks_follow_the_order_of_devices,
    {.rules = {"TN-COMM-1"}, .profile = TN_PROFILE_COLLECTIVES, .needs = needs, .devices = 2}) {
  Subject& subject = context.subject();
  const tn_device_table& table = subject.table();
  const uint32_t size = subject.device_count();
  std::vector<tn_device*> backwards;
  for (uint32_t rank = 0; rank < size; ++rank)
    backwards.push_back(subject.device(size - 1 - rank));
  std::vector<tn_communicator*> made(size);
  tn_error error{};
  check_ok("TN-COMM-1", "communicator_create",
           table.communicator_create(backwards.data(), size, made.data(), &error), error);
  std::vector<tn_stream*> streams;
  std::vector<tn_buffer*> outputs;
  std::vector<int32_t> expected;
  for (uint32_t rank = 0; rank < size; ++rank) {
    const uint32_t device = size - 1 - rank;
    expected.push_back(static_cast<int32_t>(100 + rank));
    streams.push_back(subject.stream("rank", device));
    outputs.push_back(subject.buffer(size * 4, TN_MEMORY_DEVICE, device));
    tn_all_gather_args args{};
    args.communicator = made[rank];
    args.input = tensor(subject.filled<int32_t>({expected[rank]}, device), {1}, TN_DTYPE_I32);
    args.output = tensor(outputs[rank], {static_cast<int64_t>(size)}, TN_DTYPE_I32);
    args.world_size = size;
    Op<tn_all_gather_args>(subject, TN_OP_all_gather, args, device).enqueue(streams[rank]);
  }
  for (tn_stream* stream : streams)
    subject.synchronize(stream);
  for (uint32_t rank = 0; rank < size; ++rank) {
    check_equal("TN-COMM-1", fmt::format("what rank {} gathered", rank), expected,
                subject.values<int32_t>(outputs[rank], size, size - 1 - rank));
  }
  for (tn_communicator* communicator : made)
    check_ok("TN-COMM-1", "communicator_destroy", table.communicator_destroy(communicator, &error),
             error);
}

CONFORMANCE_TEST(collectives, wait_for_the_slowest_rank,
                 {.rules = {"TN-COMM-2", "TN-COMM-3"},
                  .profile = TN_PROFILE_COLLECTIVES,
                  .needs = needs | TN_CAN_CALL_HOST,
                  .devices = 2}) {
  Subject& subject = context.subject();
  World world(subject);
  const auto data = world.filled<int32_t>(std::vector<std::vector<int32_t>>(world.size, {1, 2}));
  auto ops = world.all_reduces(data, 2, TN_DTYPE_I32);
  tn_stream* late = world.streams.back();
  Gate gate(subject);
  gate.enter(late);
  fill(subject, late, data.back(), 0, 10);  // what the last rank has before the collective
  for (uint32_t rank = 0; rank < world.size; ++rank)
    ops[rank].enqueue(world.streams[rank]);  // returns, whatever the others have done
  gate.linger();
  for (uint32_t rank = 0; rank < world.size; ++rank) {
    check(!subject.done(world.streams[rank]), "TN-COMM-3",
          fmt::format("the stream of rank {} while the last rank is held", rank), "not done",
          "done");
  }
  gate.open();
  world.synchronize();
  const auto others = static_cast<int32_t>(world.size - 1);
  for (uint32_t rank = 0; rank < world.size; ++rank) {
    check_equal("TN-COMM-3", fmt::format("the sum on rank {}", rank),
                std::vector<int32_t>({10 + others, 2 * (others + 1)}),
                subject.values<int32_t>(data[rank], 2, rank));
  }
}

CONFORMANCE_TEST(
    collectives, enqueueing_one_rank_does_not_block,
    {.rules = {"TN-COMM-2"}, .profile = TN_PROFILE_COLLECTIVES, .needs = needs, .devices = 2}) {
  Subject& subject = context.subject();
  World world(subject);
  constexpr int rounds = 20;
  const auto data = world.filled<int32_t>(std::vector<std::vector<int32_t>>(world.size, {1}));
  auto ops = world.all_reduces(data, 1, TN_DTYPE_I32, TN_REDUCE_MAX);
  // Rank by rank, many collectives ahead of the others.
  for (uint32_t rank = 0; rank < world.size; ++rank) {
    for (int round = 0; round < rounds; ++round)
      ops[rank].enqueue(world.streams[rank]);
  }
  world.synchronize();
  check_equal("TN-COMM-2", "a maximum of ones", 1, subject.values<int32_t>(data[0], 1)[0]);
}

// In f32 these sums depend on their order: from rank 0 on. A wider sum, rounded once, has no order.
CONFORMANCE_TEST(
    collectives, reduce_in_rank_order,
    {.rules = {"TN-COMM-4"}, .profile = TN_PROFILE_COLLECTIVES, .needs = needs, .devices = 2}) {
  Subject& subject = context.subject();
  World world(subject);
  constexpr size_t count = 257;
  std::vector<std::vector<float>> values(world.size);
  std::vector<float> in_order(count, 0.0F);
  std::vector<double> exact(count, 0.0);
  for (uint32_t rank = 0; rank < world.size; ++rank) {
    for (size_t i = 0; i < count; ++i) {
      const float magnitude = rank % 2 == 0 ? 1e8F : 1.0F;
      const auto draw = static_cast<float>(context.random()() % 1000) / 997.0F - 0.5F;
      values[rank].push_back(magnitude * draw);
      in_order[i] = rank == 0 ? values[rank][i] : in_order[i] + values[rank][i];
      exact[i] += static_cast<double>(values[rank][i]);
    }
  }
  std::vector<float> first;
  for (int round = 0; round < 10; ++round) {
    const auto data = world.filled(values);
    auto ops = world.all_reduces(data, count, TN_DTYPE_F32);
    for (uint32_t i = 0; i < world.size; ++i) {  // another rank is the last each time
      const uint32_t rank = (i + static_cast<uint32_t>(round)) % world.size;
      ops[rank].enqueue(world.streams[rank]);
    }
    world.synchronize();
    for (uint32_t rank = 0; rank < world.size; ++rank) {
      const auto found = subject.values<float>(data[rank], count, rank);
      if (first.empty()) first = found;
      check_equal("TN-COMM-4", fmt::format("the sum on rank {} in round {}", rank, round), first,
                  found);
    }
    for (tn_buffer* buffer : data)
      subject.destroy(buffer);
  }
  for (size_t i = 0; i < count; ++i) {
    check(first[i] == in_order[i] || first[i] == static_cast<float>(exact[i]), "TN-COMM-4",
          fmt::format("element {} of the sum", i), fmt::format("{}, from rank 0 on", in_order[i]),
          fmt::format("{}", first[i]));
  }
}

CONFORMANCE_TEST(collectives, exchange_by_counts_on_the_device,
                 {.rules = {"TN-COMM-5", "TN-OP-8"},
                  .profile = TN_PROFILE_COLLECTIVES,
                  .needs = needs,
                  .devices = 2}) {
  Subject& subject = context.subject();
  World world(subject);
  const auto size = static_cast<int64_t>(world.size);
  // Rank r sends (r + p) % 3 rows to rank p; row i of r holds 100 r + i in both columns.
  const auto sent = [](int64_t from, int64_t to) { return static_cast<int32_t>((from + to) % 3); };
  const int64_t rows = 2 * size + 1;
  std::vector<tn_buffer*> outputs;
  std::vector<std::vector<int32_t>> expected(world.size);
  std::vector<Op<tn_all_to_all_v_args>> ops;
  std::vector<std::vector<int32_t>> next(world.size);
  for (int64_t rank = 0; rank < size; ++rank) {
    const auto device = static_cast<uint32_t>(rank);
    std::vector<int32_t> input;
    for (int64_t row = 0; row < rows; ++row)
      input.insert(input.end(), 2, static_cast<int32_t>(100 * rank + row));
    std::vector<int32_t> sends;
    std::vector<int32_t> receives;
    int32_t row = 0;
    for (int64_t peer = 0; peer < size; ++peer) {
      sends.push_back(sent(rank, peer));
      receives.push_back(sent(peer, rank));
      next[device].push_back(row);  // the first row that goes to `peer`
      row += sent(rank, peer);
    }
    outputs.push_back(subject.filled(std::vector<int32_t>(2 * rows, -1), device));
    tn_all_to_all_v_args args{};
    args.communicator = world.ranks[device];
    args.input = tensor(subject.filled(input, device), {rows, 2}, TN_DTYPE_I32);
    args.send_counts = tensor(subject.filled(sends, device), {size}, TN_DTYPE_I32);
    args.receive_counts = tensor(subject.filled(receives, device), {size}, TN_DTYPE_I32);
    args.output = tensor(outputs.back(), {rows, 2}, TN_DTYPE_I32);
    args.world_size = world.size;
    ops.emplace_back(subject, TN_OP_all_to_all_v, args, device);
  }
  for (uint32_t rank = 0; rank < world.size; ++rank)
    ops[rank].enqueue(world.streams[rank]);
  world.synchronize();
  for (uint32_t rank = 0; rank < world.size; ++rank) {
    for (uint32_t peer = 0; peer < world.size; ++peer) {
      for (int32_t row = 0; row < sent(peer, rank); ++row) {
        expected[rank].insert(expected[rank].end(), 2,
                              static_cast<int32_t>(100 * peer) + next[peer][rank] + row);
      }
    }
    expected[rank].resize(static_cast<size_t>(2 * rows), -1);
    check_equal("TN-COMM-5", fmt::format("the output of rank {}", rank), expected[rank],
                subject.values<int32_t>(outputs[rank], expected[rank].size(), rank));
  }
}

CONFORMANCE_TEST(collectives, meet_in_graphs,
                 {.rules = {"TN-COMM-3", "TN-GRAPH-6"},
                  .profile = TN_PROFILE_COLLECTIVES,
                  .needs = needs | TN_CAN_CAPTURE_GRAPHS,
                  .devices = 2}) {
  Subject& subject = context.subject();
  World world(subject);
  const auto data = world.filled<int32_t>(std::vector<std::vector<int32_t>>(world.size, {1}));
  auto ops = world.all_reduces(data, 1, TN_DTYPE_I32);
  for (uint32_t rank = 0; rank < world.size; ++rank) {
    if (op_support(subject, TN_OP_all_reduce, &ops[rank].args, rank).capturable == 0) {
      throw TestSkipped("all_reduce is not capturable");
    }
  }
  std::vector<tn_graph*> graphs;
  for (uint32_t rank = 0; rank < world.size; ++rank) {
    begin_capture(subject, world.streams[rank]);
    ops[rank].enqueue(world.streams[rank]);
    ops[rank].enqueue(world.streams[rank]);
    graphs.push_back(end_capture(subject, world.streams[rank]));
  }
  for (int round = 0; round < 2; ++round) {
    for (uint32_t rank = 0; rank < world.size; ++rank)
      launch(subject, graphs[rank], world.streams[rank]);
  }
  world.synchronize();
  const auto n = static_cast<int32_t>(world.size);
  for (uint32_t rank = 0; rank < world.size; ++rank) {
    check_equal("TN-COMM-3", fmt::format("four sums over {} ranks", n), n * n * n * n,
                subject.values<int32_t>(data[rank], 1, rank)[0]);
  }
}

}  // namespace tenon::conformance::collectives_test
