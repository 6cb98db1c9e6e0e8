// Rows of experts on a card without contents: drawn, read back, and what a grouped matmul reads.
#include <gtest/gtest.h>

#include <numeric>

#include "op_samples.hpp"
#include "timed_calls.hpp"

#include "ascend_emu/timed/expert_routing.hpp"

namespace ascend_test::expert_routing_test {
namespace {

constexpr std::int64_t tokens = 4;
constexpr std::int64_t choices = 8;
constexpr std::int64_t experts = 64;
constexpr std::int64_t width = 256;
constexpr std::uint64_t expert_bytes = width * width * 2;

struct Block {
  tn_moe_permute_args permute;
  tn_grouped_matmul_args matmul;
};

std::int64_t sum(const std::vector<std::int32_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

std::uint64_t used(const std::vector<std::int32_t>& counts) {
  return static_cast<std::uint64_t>(
      std::count_if(counts.begin(), counts.end(), [](std::int32_t count) { return count > 0; }));
}

class Routing : public RuntimeTest {
 protected:
  static std::vector<tn_option> routed(const char* routing, std::int64_t seed = 0) {
    return without_numbers({option("routing", routing), option("routing_seed", seed)});
  }

  static Block block(TestBackend& backend) {
    OpSamples samples(backend);
    Block made{};
    made.permute.struct_size = sizeof made.permute;
    made.permute.input = samples.make({tokens, width});
    made.permute.expert_ids = samples.numbers({tokens, choices});
    made.permute.output = samples.make({tokens * choices, width});
    made.permute.row_map = samples.numbers({tokens, choices});
    made.permute.group_sizes = samples.numbers({experts});
    made.matmul.struct_size = sizeof made.matmul;
    made.matmul.input = made.permute.output;
    made.matmul.weight = samples.make({experts, width, width});
    made.matmul.group_list = made.permute.group_sizes;
    made.matmul.output = samples.make({tokens * choices, width});
    return made;
  }

  void enqueue(tn_stream* stream, std::uint32_t op, const void* args) {
    EXPECT_EQ(t.op_enqueue(stream, op, args, nullptr, nullptr, &e), TN_OK) << e.message;
  }

  std::vector<std::int32_t> counts(tn_stream* stream, const tn_tensor& group_sizes) {
    std::vector<std::int32_t> read(experts, -1);
    EXPECT_EQ(t.copy_d2h(stream, group_sizes.buffer, group_sizes.byte_offset, read.data(),
                         experts * sizeof(std::int32_t), &e),
              TN_OK)
        << e.message;
    return read;
  }

  // Bytes that the only grouped matmul of a recording read.
  std::uint64_t read_bytes(TestBackend& backend) {
    for (const Record& record : stop_profiling(backend.device()))
      if (record.op == TN_OP_grouped_matmul) return record.bytes_read;
    ADD_FAILURE() << "no grouped matmul";
    return 0;
  }
};

TEST_F(Routing, AGroupedMatmulReadsTheExpertsThatTheHostReadsBack) {
  for (const char* routing : {"even", "zipf"}) {
    TestBackend backend(routed(routing));
    const Block made = block(backend);
    tn_stream* stream = backend.stream("compute");
    OK(t.profiling_start(backend.device(), &e));
    enqueue(stream, TN_OP_moe_permute, &made.permute);
    const std::vector<std::int32_t> rows = counts(stream, made.permute.group_sizes);
    enqueue(stream, TN_OP_grouped_matmul, &made.matmul);
    EXPECT_EQ(sum(rows), tokens * choices);
    EXPECT_EQ(read_bytes(backend), used(rows) * expert_bytes + made.matmul.input.storage_bytes +
                                       made.matmul.group_list.storage_bytes);
  }
}

TEST_F(Routing, SomeExpertsHaveNoRowsWhereSomeArePopular) {
  TestBackend backend(routed("zipf"));
  const Block made = block(backend);
  tn_stream* stream = backend.stream("compute");
  enqueue(stream, TN_OP_moe_permute, &made.permute);
  const std::vector<std::int32_t> rows = counts(stream, made.permute.group_sizes);
  EXPECT_LT(used(rows), static_cast<std::uint64_t>(tokens * choices));
  EXPECT_GT(*std::max_element(rows.begin(), rows.end()), 1);
}

TEST_F(Routing, LayersDifferAndRecordingsDoNot) {
  TestBackend backend(routed("zipf"));
  const Block made = block(backend);
  tn_stream* stream = backend.stream("compute");
  std::vector<std::vector<std::int32_t>> layers[2];
  for (auto& recording : layers) {
    OK(t.profiling_start(backend.device(), &e));
    for (int layer = 0; layer < 3; ++layer) {
      enqueue(stream, TN_OP_moe_permute, &made.permute);
      recording.push_back(counts(stream, made.permute.group_sizes));
    }
    stop_profiling(backend.device());
  }
  EXPECT_NE(layers[0][0], layers[0][1]);
  EXPECT_NE(layers[0][1], layers[0][2]);
  EXPECT_EQ(layers[0], layers[1]);
}

TEST_F(Routing, TheSeedDecides) {
  std::vector<std::vector<std::int32_t>> rows;
  for (const std::int64_t seed : {3, 3, 4}) {
    TestBackend backend(routed("zipf", seed));
    const Block made = block(backend);
    tn_stream* stream = backend.stream("compute");
    enqueue(stream, TN_OP_moe_permute, &made.permute);
    rows.push_back(counts(stream, made.permute.group_sizes));
  }
  EXPECT_EQ(rows[0], rows[1]);
  EXPECT_NE(rows[0], rows[2]);
}

TEST_F(Routing, AReplayDrawsAsTheCallsItStandsForWould) {
  std::vector<std::uint64_t> bytes[2];
  for (const bool captured : {false, true}) {
    TestBackend backend(routed("zipf"));
    const Block made = block(backend);
    tn_stream* stream = backend.stream("compute");
    tn_graph* graph = nullptr;
    if (captured) {
      OK(t.graph_capture_begin(stream, &e));
      enqueue(stream, TN_OP_moe_permute, &made.permute);
      enqueue(stream, TN_OP_grouped_matmul, &made.matmul);
      OK(t.graph_capture_end(stream, &graph, &e));
      backend.keep(graph);
    }
    OK(t.profiling_start(backend.device(), &e));
    for (int step = 0; step < 6; ++step) {
      if (captured) {
        OK(t.graph_launch(graph, stream, &e));
      } else {
        enqueue(stream, TN_OP_moe_permute, &made.permute);
        enqueue(stream, TN_OP_grouped_matmul, &made.matmul);
      }
    }
    for (const Record& record : stop_profiling(backend.device()))
      if (record.op == TN_OP_grouped_matmul) bytes[captured ? 1 : 0].push_back(record.bytes_read);
  }
  ASSERT_EQ(bytes[0].size(), 6U);
  EXPECT_EQ(bytes[0], bytes[1]);
  EXPECT_NE(std::count(bytes[0].begin(), bytes[0].end(), bytes[0][0]), 6);
}

// The rows that other ranks sent to this one's experts: their numbers come with the rows.
TEST_F(Routing, ReceivedRowsDivideOverTheRanksOwnExperts) {
  TestBackend backend(routed("zipf"));
  Block made = block(backend);
  OpSamples samples(backend);
  constexpr std::int64_t own = 16;
  tn_grouped_matmul_args received = made.matmul;
  received.weight = samples.make({own, width, width});
  received.group_list = samples.numbers({own});
  received.input = samples.make({8, width});
  received.output = samples.make({8, width});
  tn_stream* stream = backend.stream("compute");
  std::vector<std::uint64_t> bytes;
  OK(t.profiling_start(backend.device(), &e));
  for (int layer = 0; layer < 4; ++layer) {
    enqueue(stream, TN_OP_moe_permute, &made.permute);
    enqueue(stream, TN_OP_grouped_matmul, &received);
    enqueue(stream, TN_OP_grouped_matmul, &received);
  }
  for (const Record& record : stop_profiling(backend.device()))
    if (record.op == TN_OP_grouped_matmul) bytes.push_back(record.bytes_read);
  ASSERT_EQ(bytes.size(), 8U);
  for (std::size_t layer = 0; layer < 4; ++layer) {
    EXPECT_EQ(bytes[2 * layer], bytes[2 * layer + 1]) << "the same rows for gate, up and down";
    EXPECT_LE(bytes[2 * layer],
              8 * expert_bytes + received.input.storage_bytes + received.group_list.storage_bytes);
  }
  EXPECT_FALSE(std::equal(bytes.begin() + 2, bytes.end(), bytes.begin()));
}

// Where no permutation says that a step is over.
TEST_F(Routing, TheOldestNumbersAreForgotten) {
  tenon::ascend_emu::ExpertRouting routing({});
  const auto received = [](std::uintptr_t memory) {
    tn_tensor group_list = shaped({experts}, TN_DTYPE_I32);
    group_list.buffer = reinterpret_cast<tn_buffer*>(memory);
    return grouped_args(shaped({2 * experts, width}, TN_DTYPE_BF16),
                        shaped({experts, width, width}, TN_DTYPE_BF16), group_list,
                        shaped({2 * experts, width}, TN_DTYPE_BF16));
  };
  const auto remembered = [&](std::uintptr_t memory) {
    std::vector<std::int32_t> rows(experts, -1);
    routing.read({memory, 0, experts * sizeof(std::int32_t)},
                 reinterpret_cast<std::byte*>(rows.data()));
    return rows == std::vector<std::int32_t>(experts, 2);
  };
  for (std::uintptr_t memory = 1; memory <= 100; ++memory)
    routing.group_rows(received(memory));
  EXPECT_FALSE(remembered(1));
  EXPECT_FALSE(remembered(36));
  EXPECT_TRUE(remembered(37));
  EXPECT_TRUE(remembered(100));
}

TEST_F(Routing, WhatIsWrittenOverTheNumbersTakesTheirPlace) {
  TestBackend backend(routed("even"));
  const Block made = block(backend);
  tn_stream* stream = backend.stream("compute");
  enqueue(stream, TN_OP_moe_permute, &made.permute);
  const std::vector<std::int32_t> zeros(experts, 0);
  OK(t.copy_h2d(stream, zeros.data(), made.permute.group_sizes.buffer, 0,
                zeros.size() * sizeof(std::int32_t), &e));
  EXPECT_EQ(counts(stream, made.permute.group_sizes), zeros);
}

TEST_F(Routing, APartIsReadFromItsPlace) {
  TestBackend backend(routed("zipf"));
  const Block made = block(backend);
  tn_stream* stream = backend.stream("compute");
  enqueue(stream, TN_OP_moe_permute, &made.permute);
  const std::vector<std::int32_t> all = counts(stream, made.permute.group_sizes);
  std::vector<std::int32_t> part(5, -1);
  OK(t.copy_d2h(stream, made.permute.group_sizes.buffer, 7 * sizeof(std::int32_t), part.data(),
                part.size() * sizeof(std::int32_t), &e));
  EXPECT_EQ(part, std::vector<std::int32_t>(all.begin() + 7, all.begin() + 12));
}

TEST_F(Routing, IsForCardsWithoutNumbers) {
  tn_backend* backend = nullptr;
  const std::vector<tn_option> options = timed({option("routing", "zipf")});
  REFUSED(TN_INVALID_ARGUMENT, "numerics = false",
          t.backend_create(&test_host(), options.data(), static_cast<std::uint32_t>(options.size()),
                           &backend, &e));
}

}  // namespace
}  // namespace ascend_test::expert_routing_test
