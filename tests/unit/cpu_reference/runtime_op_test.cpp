// op_query and op_enqueue: arguments of other versions, operands out of place, layouts, records.
#include "runtime_fixture.hpp"

#include <cstring>

namespace runtime_test {
namespace {

class Ops : public RuntimeTest {
 protected:
  TestBackend backend;
  tn_stream* stream = backend.stream();
  tn_buffer* data = backend.filled<float>({1, 2, 0, 0});

  tn_add_args add() {
    return add_args(tensor(data, {1}), tensor(data, {1}, TN_DTYPE_F32, 4),
                    tensor(data, {1}, TN_DTYPE_F32, 8));
  }
  tn_op_support query(const void* args, std::uint32_t op = TN_OP_add) {
    tn_op_support support{};
    support.struct_size = sizeof support;
    EXPECT_EQ(t.op_query(backend.device(), op, args, &support, &e), TN_OK) << e.message;
    return support;
  }
  tn_status enqueue(const void* args, std::uint32_t op = TN_OP_add) {
    return t.op_enqueue(stream, op, args, nullptr, nullptr, &e);
  }
};

TEST_F(Ops, ThatAreTurnedOffAreUnsupported) {
  TestBackend without({option("unsupported_ops", " rope , add")});
  tn_op_support support{};
  support.struct_size = sizeof support;
  const tn_add_args args = add();
  OK(t.op_query(without.device(), TN_OP_add, &args, &support, &e));
  EXPECT_EQ(support.supported, 0u);
  EXPECT_NE(std::string(support.reason).find("unsupported_ops"), std::string::npos);
  REFUSED(TN_UNSUPPORTED, "unsupported_ops",
          t.op_enqueue(without.stream(), TN_OP_add, &args, nullptr, nullptr, &e));
  tn_device_info info{};
  info.struct_size = sizeof info;
  OK(t.device_info(without.handle(), 0, &info, &e));
  EXPECT_FALSE(info.capabilities & TN_CAN_RUN_EVERY_OP);
}

TEST_F(Ops, StayInsideTheirTensors) {
  tn_add_args args = add();
  args.output.byte_offset = 16;
  REFUSED(TN_INVALID_ARGUMENT, "output ends past its buffer", enqueue(&args));
  args = add();
  args.output.byte_offset = ~std::uint64_t{3};
  REFUSED(TN_INVALID_ARGUMENT, "output ends past its buffer", enqueue(&args));
  args = add();
  args.b.storage_bytes = 3;
  REFUSED(TN_INVALID_ARGUMENT, "b elements lie outside the tensor's storage", enqueue(&args));
  args = add();
  args.a.byte_offset = 2;
  REFUSED(TN_INVALID_ARGUMENT, "multiple of the item size 4", enqueue(&args));
  args = add();
  args.a.buffer = backend.buffer(16, TN_MEMORY_PINNED);
  REFUSED(TN_INVALID_ARGUMENT, "found PINNED", enqueue(&args));
}

TEST_F(Ops, StayOnTheirDevice) {
  TestBackend two({option("devices", std::int64_t{2})});
  const tn_tensor there = tensor(two.buffer(16, TN_MEMORY_DEVICE, 1), {4});
  const tn_add_args args = add_args(there, there, there);
  REFUSED(TN_INVALID_ARGUMENT, "expected device 0; found device 1",
          t.op_enqueue(two.stream(), TN_OP_add, &args, nullptr, nullptr, &e));
}

TEST_F(Ops, OfAnEmptyShapeDoNothing) {
  tn_add_args args = add();
  for (tn_tensor* operand : {&args.a, &args.b, &args.output}) {
    operand->shape[0] = 0;
    operand->buffer = nullptr;
    operand->storage_bytes = 0;
    operand->byte_offset = 0;
  }
  OK(enqueue(&args));
  backend.synchronize(stream);
}

TEST_F(Ops, HoldAWorkspaceToItsSize) {
  TestBackend two;
  tn_buffer* space = two.buffer(64);
  const tn_add_args args = add();
  const tn_buffer_range past{space, 32, 33};
  REFUSED(TN_INVALID_ARGUMENT, "workspace",
          t.op_enqueue(stream, TN_OP_add, &args, &past, nullptr, &e));
}

class Layouts : public RuntimeTest {
 protected:
  tn_layout_answer ask(TestBackend& backend, const std::vector<tn_layout_use>& uses,
                       std::uint32_t role = TN_ROLE_WEIGHT) {
    const tn_tensor weight = tensor(nullptr, {10, 12}, TN_DTYPE_BF16);
    tn_layout_request request{};
    request.struct_size = sizeof request;
    request.role = role;
    request.tensor = &weight;
    request.uses = uses.data();
    request.use_count = static_cast<std::uint32_t>(uses.size());
    tn_layout_answer answer{};
    answer.struct_size = sizeof answer;
    EXPECT_EQ(t.layout_for(backend.device(), &request, &answer, &e), TN_OK) << e.message;
    return answer;
  }
  const tn_layout_use linear{TN_OP_linear, 1, 0, 0};
  const tn_layout_use embedding{TN_OP_embedding, 0, 0, 0};
};

TEST_F(Layouts, AreRowMajorUnlessAskedFor) {
  TestBackend backend;
  const tn_layout_answer answer = ask(backend, {linear});
  EXPECT_EQ(answer.layout, static_cast<tn_layout>(TN_LAYOUT_ROW_MAJOR));
  EXPECT_EQ(answer.storage_bytes, 240u);
  EXPECT_EQ(answer.row_major_uses, 0u);
}

TEST_F(Layouts, ArePrivateForLinearWithCopiesForOthers) {
  TestBackend backend({flag("private_layout", true)});
  EXPECT_GE(ask(backend, {linear}).layout, TN_LAYOUT_PRIVATE);
  const tn_layout_answer tied = ask(backend, {embedding, linear});
  EXPECT_GE(tied.layout, TN_LAYOUT_PRIVATE);
  EXPECT_GE(tied.storage_bytes, 240u);
  EXPECT_EQ(tied.row_major_uses, 1u);
  EXPECT_EQ(ask(backend, {embedding}).layout, static_cast<tn_layout>(TN_LAYOUT_ROW_MAJOR));
  EXPECT_EQ(ask(backend, {linear}, TN_ROLE_KV_CACHE).layout,
            static_cast<tn_layout>(TN_LAYOUT_ROW_MAJOR));
}

TEST_F(Layouts, CarryAWeightThroughLinear) {
  TestBackend backend({flag("private_layout", true)});
  tn_stream* stream = backend.stream();
  std::vector<float> weight(10 * 12);
  for (std::size_t i = 0; i < weight.size(); ++i)
    weight[i] = static_cast<float>(i % 7) - 3;
  tn_tensor plain = tensor(backend.filled(weight), {10, 12});
  tn_layout_request request{};
  request.struct_size = sizeof request;
  request.role = TN_ROLE_WEIGHT;
  tn_tensor described = plain;
  described.buffer = nullptr;
  request.tensor = &described;
  request.uses = &linear;
  request.use_count = 1;
  tn_layout_answer answer{};
  answer.struct_size = sizeof answer;
  OK(t.layout_for(backend.device(), &request, &answer, &e));
  tn_copy_cast_args cast{};
  cast.struct_size = sizeof cast;
  cast.input = plain;
  cast.output = plain;
  cast.output.buffer = backend.buffer(answer.storage_bytes);
  cast.output.layout = answer.layout;
  cast.output.storage_bytes = answer.storage_bytes;
  OK(t.op_enqueue(stream, TN_OP_copy_cast, &cast, nullptr, nullptr, &e));
  std::vector<float> results[2];
  for (int blocked = 0; blocked < 2; ++blocked) {
    tn_buffer* output = backend.buffer(40);
    tn_linear_args args{};
    args.struct_size = sizeof args;
    args.input = tensor(backend.filled(std::vector<float>(12, 0.5F)), {1, 12});
    args.weight = blocked == 1 ? cast.output : plain;
    args.output = tensor(output, {1, 10});
    tn_op_support support{};
    support.struct_size = sizeof support;
    OK(t.op_query(backend.device(), TN_OP_linear, &args, &support, &e));
    ASSERT_EQ(support.supported, 1u) << support.reason;
    const tn_buffer_range space{backend.buffer(support.workspace_bytes), 0,
                                support.workspace_bytes};
    OK(t.op_enqueue(stream, TN_OP_linear, &args, &space, nullptr, &e));
    backend.synchronize(stream);
    results[blocked] = backend.values<float>(output, 10);
  }
  EXPECT_EQ(results[0], results[1]);
  cast.output.storage_bytes -= 8;
  REFUSED(TN_INVALID_ARGUMENT, "outside the tensor's storage",
          t.op_enqueue(stream, TN_OP_copy_cast, &cast, nullptr, nullptr, &e));
}

class Profiling : public Ops {};

TEST_F(Profiling, RecordsAllWorkBetweenStartAndStop) {
  struct Seen {
    std::uint32_t op;
    std::string what, stream, engine;
    std::uint64_t number, begin, end;
  };
  std::vector<Seen> seen;
  const tn_profile_sink sink = [](void* context, const tn_profile_record* record) {
    ASSERT_GE(record->struct_size, sizeof(tn_profile_record));
    static_cast<std::vector<Seen>*>(context)->push_back(
        {record->op, record->what, record->stream_name, record->engine, record->sequence_number,
         record->begin_ns, record->end_ns});
  };
  const tn_add_args args = add();
  REFUSED(TN_INVALID_STATE, "not started", t.profiling_stop(backend.device(), sink, &seen, &e));
  OK(enqueue(&args));
  OK(t.profiling_start(backend.device(), &e));
  REFUSED(TN_INVALID_STATE, "already", t.profiling_start(backend.device(), &e));
  OK(enqueue(&args));
  OK(t.fill(stream, data, 0, 4, 0, 4, &e));
  OK(t.prefetch(stream, &args.a, 0, 4, &e));
  OK(t.profiling_stop(backend.device(), sink, &seen, &e));
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].what, "add");
  EXPECT_EQ(seen[0].op, static_cast<std::uint32_t>(TN_OP_add));
  EXPECT_EQ(seen[0].engine, "vector");
  EXPECT_EQ(seen[0].stream, "main");
  EXPECT_EQ(seen[1].what, "fill");
  EXPECT_EQ(seen[1].op, static_cast<std::uint32_t>(TN_OP_none));
  EXPECT_EQ(seen[2].what, "prefetch");
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].number, i);
    EXPECT_LE(seen[i].begin, seen[i].end);
    if (i > 0) {
      EXPECT_LE(seen[i - 1].end, seen[i].begin);
    }
  }
}

}  // namespace
}  // namespace runtime_test
