// What op_query and device_info say of time is what the simulation gives.
#include <gtest/gtest.h>

#include <tenon/plugin/op_description.hpp>

#include "op_samples.hpp"
#include "own_profile.hpp"

namespace ascend_test::op_estimate_test {
namespace {

class Estimate : public RuntimeTest {
 protected:
  // Alone on a card whose L2 holds nothing of it.
  Record run(TestBackend& backend, std::uint32_t op, const void* args,
             std::uint64_t workspace = 0) {
    const tn_buffer_range range{workspace == 0 ? nullptr : backend.buffer(workspace), 0, workspace};
    tn_stream* stream = backend.stream("compute");
    EXPECT_EQ(t.profiling_start(backend.device(), &e), TN_OK) << e.message;
    EXPECT_EQ(t.op_enqueue(stream, op, args, workspace == 0 ? nullptr : &range, nullptr, &e), TN_OK)
        << e.message;
    return stop_profiling(backend.device()).at(0);
  }

  template <class Args>
  void expect_time_of_a_run(std::uint32_t op) {
    TestBackend backend(without_numbers({option("cards", 2)}));
    const Args args = OpSamples(backend).sample<Args>();
    const tn_op_support support = ask(backend, op, args);
    ASSERT_EQ(support.supported, 1U) << support.reason;
    EXPECT_GT(support.estimated_ns, 0U);
    const Record record = run(backend, op, &args);
    EXPECT_NEAR(static_cast<double>(support.estimated_ns),
                static_cast<double>(record.end_ns - record.begin_ns), 1.0);
  }
};

TEST_F(Estimate, OfEveryOpIsTheTimeOfItsRun){
#define TN_OP(id, name, op_class, since_major, since_minor) \
  {                                                         \
    SCOPED_TRACE(#name);                                    \
    expect_time_of_a_run<tn_##name##_args>(id);             \
  }
#include <tenon/ops.def>
}

TEST_F(Estimate, HoldsTheCopyOfATransposedWeight) {
  std::uint64_t times[2] = {};
  for (const bool copies : {false, true}) {
    TestBackend backend(without_numbers({option("transposed_weights", copies ? "copy" : "view")}));
    auto args = OpSamples(backend).sample<tn_grouped_matmul_args>();
    args.weight.shape[1] = 768;
    args.weight.shape[2] = 1024;
    args.weight.strides[1] = 1024;
    args.weight = swapped(args.weight);
    const tn_op_support support = ask(backend, TN_OP_grouped_matmul, args);
    const Record record = run(backend, TN_OP_grouped_matmul, &args, support.workspace_bytes);
    const std::uint64_t lasted = record.end_ns - record.begin_ns;
    times[copies ? 1 : 0] = lasted;
    EXPECT_NEAR(static_cast<double>(support.estimated_ns), static_cast<double>(lasted), 1.0);
    EXPECT_EQ(record.copy_ns > 0, copies);
    EXPECT_LE(record.copy_ns + record.compute_ns, lasted + (copies ? record.compute_ns : 0));
    // The copy reads all of the weight once, and the op reads it again.
    EXPECT_EQ(record.bytes_read >= 2 * args.weight.storage_bytes, copies);
  }
  EXPECT_GT(times[1], times[0]);
}

TEST_F(Estimate, LooksAtNoMemory) {
  TestBackend backend(without_numbers());
  auto args = OpSamples(backend).sample<tn_linear_args>();
  args.weight = as_nz(args.weight);
  const std::uint64_t with = ask(backend, TN_OP_linear, args).estimated_ns;
  for (tn_tensor* tensor : {&args.input, &args.weight, &args.output}) {
    tensor->buffer = nullptr;
    tensor->storage_bytes = 0;
    tensor->byte_offset = 0;
  }
  EXPECT_EQ(ask(backend, TN_OP_linear, args).estimated_ns, with);
  EXPECT_GT(with, 0U);
}

TEST_F(Estimate, OfAttentionGoesByItsAttributes) {
  TestBackend backend(without_numbers());
  auto args = OpSamples(backend).sample<tn_paged_attention_args>();
  const std::uint64_t without = ask(backend, TN_OP_paged_attention, args).estimated_ns;
  const std::vector<std::int32_t> short_ones(16, 1);
  args.host_seq_lens = short_ones.data();
  args.host_seq_lens_count = 16;
  EXPECT_EQ(ask(backend, TN_OP_paged_attention, args).estimated_ns, without);
  args.max_seq_len = 100;
  EXPECT_LT(ask(backend, TN_OP_paged_attention, args).estimated_ns, without);
}

TEST_F(Estimate, NeedsNoVirtualTime) {
  TestBackend timed_one(timed());
  TestBackend plain({option("soc", profile_file.c_str())});
  OpSamples samples(plain);
  const auto args = samples.sample<tn_linear_args>();
  EXPECT_EQ(ask(plain, TN_OP_linear, args).estimated_ns,
            ask(timed_one, TN_OP_linear, args).estimated_ns);
  EXPECT_GT(ask(plain, TN_OP_linear, args).estimated_ns, 0U);
}

TEST_F(Estimate, IsNotKnownOfAnUnknownChip) {
  TestBackend backend({option("soc", "910x")});
  OpSamples samples(backend);
  const tn_op_support support = ask(backend, TN_OP_linear, samples.sample<tn_linear_args>());
  EXPECT_EQ(support.supported, 1U);
  EXPECT_EQ(support.estimated_ns, 0U);
  tn_device_info info{};
  info.struct_size = sizeof info;
  OK(t.device_info(backend.handle(), 0, &info, &e));
  EXPECT_EQ(info.enqueue_ns, 0U);
  EXPECT_EQ(info.read_back_ns, 0U);
}

// 1.6e13 operations at 1e6 a second: more than the 106 days that virtual time counts.
TEST_F(Estimate, OfWhatNeverEndsIsTheLongestTime) {
  const OwnProfile slow("[cube]\nbf16_tflops = 1e-3\nefficiency = 1e-3\n");
  TestBackend backend({option("soc", slow.file().c_str())});
  const tn_tensor square = shaped({20'000, 20'000}, TN_DTYPE_BF16);
  const tn_linear_args args = linear_args(square, square, square);
  EXPECT_GT(ask(backend, TN_OP_linear, args).estimated_ns, 9'000'000'000'000'000U);
}

TEST_F(Estimate, OfTheHostsCallsIsTheirTime) {
  TestBackend backend(without_numbers());
  tn_device_info info{};
  info.struct_size = sizeof info;
  OK(t.device_info(backend.handle(), 0, &info, &e));
  const auto args = OpSamples(backend).sample<tn_scale_args>();
  tn_stream* stream = backend.stream("compute");
  OK(t.profiling_start(backend.device(), &e));
  std::uint32_t word = 0;
  for (int i = 0; i < 2; ++i) {
    OK(t.op_enqueue(stream, TN_OP_scale, &args, nullptr, nullptr, &e));
    backend.synchronize(stream);
    OK(t.copy_d2h(stream, args.output.buffer, 0, &word, sizeof word, &e));
    backend.synchronize(stream);
  }
  const std::vector<Record> records = stop_profiling(backend.device());
  ASSERT_EQ(records.size(), 4U);
  EXPECT_EQ(info.enqueue_ns, records[0].host_end_ns - records[0].host_begin_ns);
  // From the call of the copy, when the op was over, to the next call.
  EXPECT_NEAR(static_cast<double>(info.read_back_ns),
              static_cast<double>(records[2].host_begin_ns - records[1].host_begin_ns), 2.0);
}

}  // namespace
}  // namespace ascend_test::op_estimate_test
