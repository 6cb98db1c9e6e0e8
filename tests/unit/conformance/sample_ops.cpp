// Runs ops that the plugin faulty_ops does not survive.
#include <vector>

#include "framework/context.hpp"

namespace tenon::conformance {
namespace {

constexpr int64_t count = 4;

tn_tensor row(tn_buffer* buffer) {
  tn_tensor tensor{};
  tensor.buffer = buffer;
  tensor.storage_bytes = count * sizeof(float);
  tensor.dtype = TN_DTYPE_F32;
  tensor.rank = 1;
  tensor.shape[0] = count;
  tensor.strides[0] = 1;
  return tensor;
}

void enqueue(Subject& subject, uint32_t op, const void* args) {
  tn_stream* stream = subject.stream();
  tn_error error{};
  check_ok("TN-OP-3", "op_enqueue",
           subject.table().op_enqueue(stream, op, args, nullptr, nullptr, &error), error);
  subject.synchronize(stream);
}

template <class Args>
void run_binary(Subject& subject, uint32_t op) {
  const std::vector<float> values(count, 2.0F);
  Args args{};
  args.struct_size = sizeof args;
  args.a = row(subject.filled(values));
  args.b = row(subject.filled(values));
  args.output = row(subject.filled(values));
  enqueue(subject, op, &args);
}

}  // namespace

CONFORMANCE_TEST(ops, add, {.rules = {"TN-OP-10"}}) {
  run_binary<tn_add_args>(context.subject(), TN_OP_add);
}

CONFORMANCE_TEST(ops, mul, {.rules = {"TN-OP-10"}}) {
  run_binary<tn_mul_args>(context.subject(), TN_OP_mul);
}

CONFORMANCE_TEST(ops, scale, {.rules = {"TN-OP-10"}}) {
  Subject& subject = context.subject();
  const std::vector<float> values(count, 2.0F);
  tn_scale_args args{};
  args.struct_size = sizeof args;
  args.input = row(subject.filled(values));
  args.output = row(subject.filled(values));
  args.factor = 3;
  enqueue(subject, TN_OP_scale, &args);
}

}  // namespace tenon::conformance
