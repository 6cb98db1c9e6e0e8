// Argument structs, tensors, host arrays, workspaces.
#include <limits>

#include "validation_fixture.hpp"

namespace tenon {
namespace {

class ValidationOps : public ValidationTest {
 protected:
  tn_buffer* buffer = make_buffer();

  void refuse_add(const tn_add_args& args, const std::string& rule, const std::string& part) {
    refused(enqueue(TN_OP_add, args), rule, part);
    EXPECT_EQ(fake().count("op_enqueue"), 0);
  }
};

TEST_F(ValidationOps, HandlesAreThoseOfTheLayerBelow) {
  taken(enqueue(TN_OP_add, add_args(buffer)));
  ASSERT_EQ(fake().enqueued.size(), 1u);
  tn_add_args below{};
  ASSERT_EQ(fake().enqueued[0].size(), sizeof below);
  std::memcpy(&below, fake().enqueued[0].data(), sizeof below);
  EXPECT_NE(below.a.buffer, buffer);
  EXPECT_EQ(below.a.buffer, below.output.buffer);
  EXPECT_EQ(below.b.byte_offset, 64u);
}

TEST_F(ValidationOps, TheHeaderOfTheArguments) {
  tn_add_args args = add_args(buffer);
  args.struct_size = 8;
  refuse_add(args, "TN-HOST-18", "struct_size");
  args = add_args(buffer);
  args.flags = 1;
  refuse_add(args, "TN-HOST-18", "flags");
  refused(api().op_enqueue(stream, TN_OP_add, nullptr, nullptr, nullptr, &error), "TN-HOST-18");
  refused(enqueue(4711, args), "TN-HOST-20", "4711");
  tn_scale_args scale{};
  scale.struct_size = sizeof scale;
  scale.input = tensor(buffer, {4});
  scale.output = tensor(buffer, {4}, 64);
  taken(enqueue(TN_OP_scale, scale));
  scale.reserved0 = 1;
  refused(enqueue(TN_OP_scale, scale), "TN-HOST-18", "reserved0");
}

TEST_F(ValidationOps, AbsentOperands) {
  tn_add_args args = add_args(buffer);
  args.b = {};
  refuse_add(args, "TN-HOST-9", "required operand 'b'");
  tn_rms_norm_args norm{};
  norm.struct_size = sizeof norm;
  norm.input = tensor(buffer, {2, 8});
  norm.output = tensor(buffer, {2, 8}, 64);
  taken(enqueue(TN_OP_rms_norm, norm));
  norm.bias.byte_offset = 4;
  refused(enqueue(TN_OP_rms_norm, norm), "TN-HOST-9", "not all zero");
}

TEST_F(ValidationOps, TheFormOfATensor) {
  const auto with = [&](auto change) {
    tn_add_args args = add_args(buffer);
    change(args.b);
    return args;
  };
  refuse_add(with([](tn_tensor& t) { t.dtype = 77; }), "TN-HOST-8", "unknown dtype");
  refuse_add(with([](tn_tensor& t) { t.rank = 7; }), "TN-HOST-8", "found 7");
  refuse_add(with([](tn_tensor& t) { t.shape[1] = -1; }), "TN-HOST-8", "axis 1");
  refuse_add(with([](tn_tensor& t) { t.strides[0] = -4; }), "TN-HOST-8", "stride -4");
  refuse_add(with([](tn_tensor& t) { t.shape[4] = 1; }), "TN-HOST-8", "past its rank");
  refuse_add(with([](tn_tensor& t) { t.reserved1[1] = 1; }), "TN-HOST-8", "reserved");
  refuse_add(with([](tn_tensor& t) { t.byte_offset += 2; }), "TN-HOST-8", "multiple of 4");
}

TEST_F(ValidationOps, ThePlaceOfATensor) {
  tn_add_args args = add_args(buffer);
  args.output.byte_offset = 4096 - 60;
  refuse_add(args, "TN-HOST-7", "operand 'output' ends past its buffer");
  args = add_args(buffer);
  args.a.storage_bytes = 60;
  refuse_add(args, "TN-HOST-7", "past its storage_bytes");
  args = add_args(buffer);
  args.a.strides[0] = std::numeric_limits<int64_t>::max() / 2;
  refuse_add(args, "TN-HOST-7", "a size that fits");
  args = add_args(buffer);
  args.a.storage_bytes = UINT64_MAX - 8;
  refuse_add(args, "TN-HOST-7", "ends past its buffer");
}

TEST_F(ValidationOps, TensorsLieInDeviceOrSharedMemory) {
  tn_add_args args = add_args(buffer);
  args.b.buffer = make_buffer(4096, TN_MEMORY_PINNED);
  refuse_add(args, "TN-HOST-10", "PINNED");
  args.b.buffer = make_buffer(4096, TN_MEMORY_SHARED);
  taken(enqueue(TN_OP_add, args));
}

TEST_F(ValidationOps, Contiguity) {
  tn_add_args args = add_args(buffer);
  args.a.strides[0] = 1;
  args.a.strides[1] = 4;
  refuse_add(args, "TN-HOST-19", "operand 'a'");
  args = add_args(buffer);
  args.output.strides[0] = 0;
  refuse_add(args, "TN-HOST-19", "repeats its elements");
  tn_copy_cast_args cast{};  // any strides
  cast.struct_size = sizeof cast;
  cast.input = tensor(buffer, {4, 4});
  std::swap(cast.input.strides[0], cast.input.strides[1]);
  cast.output = tensor(buffer, {4, 4}, 64);
  taken(enqueue(TN_OP_copy_cast, cast));
}

TEST_F(ValidationOps, IndexTensorsAreDenseInt32) {
  tn_gather_rows_args args{};
  args.struct_size = sizeof args;
  args.input = tensor(buffer, {8, 4});
  args.index = tensor(buffer, {2}, 256, TN_DTYPE_I32);
  args.output = tensor(buffer, {2, 4}, 512);
  taken(enqueue(TN_OP_gather_rows, args));
  args.index = tensor(buffer, {2}, 256, TN_DTYPE_I64);
  refused(enqueue(TN_OP_gather_rows, args), "TN-HOST-20", "i32");
  args.index = tensor(buffer, {2}, 256, TN_DTYPE_I32);
  args.index.strides[0] = 2;
  args.index.storage_bytes = 16;
  refused(enqueue(TN_OP_gather_rows, args), "TN-HOST-19", "operand 'index'");
}

TEST_F(ValidationOps, WhatIsNotSupportedIsNotEnqueued) {
  fake().supported = false;
  refuse_add(add_args(buffer), "TN-OP-4", "told to refuse");
}

TEST_F(ValidationOps, TheWorkspaceIsWhatWasAskedFor) {
  fake().workspace_bytes = 512;
  const tn_add_args args = add_args(buffer);
  refused(enqueue(TN_OP_add, args), "TN-HOST-16", "512 bytes");
  tn_buffer* scratch = make_buffer(1024);
  const auto with = [&](uint64_t offset, uint64_t size) {
    const tn_buffer_range range{scratch, offset, size};
    return enqueue(TN_OP_add, args, &range);
  };
  taken(with(256, 512));
  refused(with(0, 511), "TN-HOST-16", "too small");
  refused(with(128, 512), "TN-HOST-16", "not aligned");
  refused(with(768, 512), "TN-HOST-16", "ends past");
  const tn_buffer_range over_operands{buffer, 0, 512};
  refused(enqueue(TN_OP_add, args, &over_operands), "TN-HOST-16", "overlaps operand 'a'");
  const tn_buffer_range shared{make_buffer(1024, TN_MEMORY_SHARED), 0, 512};
  refused(enqueue(TN_OP_add, args, &shared), "TN-HOST-16", "DEVICE");
}

TEST_F(ValidationOps, QueryNeedsNoBuffers) {
  tn_add_args args = add_args(nullptr);
  args.a.storage_bytes = 0;
  tn_op_support support{};
  support.struct_size = sizeof support;
  taken(api().op_query(device, TN_OP_add, &args, &support, &error));
  EXPECT_EQ(support.supported, 1u);
  support.struct_size = 0;
  refused(api().op_query(device, TN_OP_add, &args, &support, &error), "TN-HOST-40");
  support.struct_size = sizeof support;
  args.a.rank = 9;
  refused(api().op_query(device, TN_OP_add, &args, &support, &error), "TN-HOST-8");
}

// One decode row of each of two sequences.
class ValidationAttention : public ValidationOps {
 protected:
  ValidationAttention() {
    args.struct_size = sizeof args;
    args.query = tensor(buffer, {2, 2, 4});
    args.key_cache = tensor(buffer, {2, 4, 1, 4}, 256);
    args.value_cache = tensor(buffer, {2, 4, 1, 4}, 512);
    args.block_table = tensor(buffer, {2, 1}, 768, TN_DTYPE_I32);
    args.query_start_loc = tensor(buffer, {3}, 832, TN_DTYPE_I32);
    args.seq_lens = tensor(buffer, {2}, 896, TN_DTYPE_I32);
    args.output = tensor(buffer, {2, 2, 4}, 1024);
    args.host_query_start_loc = starts;
    args.host_seq_lens = lengths;
    args.host_query_start_loc_count = 3;
    args.host_seq_lens_count = 2;
    args.max_query_len = 1;
    args.max_seq_len = 4;
    args.value_dim = 4;
  }

  int32_t starts[3] = {0, 1, 2};
  int32_t lengths[2] = {3, 4};
  tn_paged_attention_args args{};
};

TEST_F(ValidationAttention, HostArraysThatFit) {
  taken(enqueue(TN_OP_paged_attention, args));
}

TEST_F(ValidationAttention, HostArraysAreThereAndHaveTheirLength) {
  args.host_seq_lens = nullptr;
  refused(enqueue(TN_OP_paged_attention, args), "TN-HOST-22", "'host_seq_lens' is NULL");
  args.host_seq_lens = lengths;
  args.host_seq_lens_count = 1;
  refused(enqueue(TN_OP_paged_attention, args), "TN-HOST-22", "host_seq_lens_count");
  args.host_seq_lens_count = 2;
  args.host_query_start_loc_count = 2;
  refused(enqueue(TN_OP_paged_attention, args), "TN-HOST-22", "expected 3; found 2");
}

TEST_F(ValidationAttention, HostArraysStayWithinTheirBounds) {
  lengths[1] = 5;
  refused(enqueue(TN_OP_paged_attention, args), "TN-HOST-22", "host_seq_lens[1]");
  lengths[1] = 4;
  starts[0] = 1;
  refused(enqueue(TN_OP_paged_attention, args), "TN-HOST-22", "host_query_start_loc[0]");
  starts[0] = 0;
  starts[1] = 2;
  refused(enqueue(TN_OP_paged_attention, args), "TN-HOST-22", "host_query_start_loc[1]");
  starts[1] = 1;
  starts[2] = 0;
  refused(enqueue(TN_OP_paged_attention, args), "TN-HOST-22", "host_query_start_loc[2]");
  starts[2] = 2;
  lengths[0] = 0;
  refused(enqueue(TN_OP_paged_attention, args), "TN-HOST-22", "host_seq_lens[0]");
}

TEST_F(ValidationAttention, TheBlockSizeSuitsTheDevice) {
  fake().kv_block_multiple = 16;
  tn_device* picky = open(0);
  stream = make_stream("picky", picky);
  refused(enqueue(TN_OP_paged_attention, args), "TN-HOST-42", "a multiple of 16");
  fake().kv_block_multiple = 1;
  fake().kv_block_maximum = 2;
  stream = make_stream("small", open(0));
  refused(enqueue(TN_OP_paged_attention, args), "TN-HOST-42", "at most 2");
}

}  // namespace
}  // namespace tenon
