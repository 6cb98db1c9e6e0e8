#include "rules/op_call.hpp"

#include <fmt/format.h>

#include <cstring>
#include <string>

#include "device/tensor.hpp"
#include "framework/outcome.hpp"

namespace tenon::conformance {

tn_tensor tensor(tn_buffer* buffer, std::initializer_list<int64_t> shape, tn_dtype dtype,
                 uint64_t byte_offset) {
  return row_major_tensor(dtype, {shape.begin(), shape.size()}, buffer, byte_offset);
}

tn_copy_cast_args copy_cast_args(const tn_tensor& input, const tn_tensor& output) {
  tn_copy_cast_args args{};
  args.struct_size = sizeof args;
  args.input = input;
  args.output = output;
  return args;
}

tn_op_support op_support(Subject& subject, uint32_t op, const void* args, uint32_t device) {
  tn_op_support support{};
  support.struct_size = sizeof support;
  tn_error error{};
  check_ok("TN-OP-2", "op_query",
           subject.table().op_query(subject.device(device), op, args, &support, &error), error);
  return support;
}

namespace detail {

void prepare_op(Subject& subject, uint32_t op, const void* args, uint32_t device,
                tn_buffer_range& workspace) {
  const tn_op_support support = op_support(subject, op, args, device);
  if (support.supported == 0) {
    throw TestUnsupported(std::string(support.reason, strnlen(support.reason, 256)));
  }
  if (support.workspace_bytes == 0) return;
  workspace = {subject.buffer(support.workspace_bytes, TN_MEMORY_DEVICE, device), 0,
               support.workspace_bytes};
}

void enqueue_op(Subject& subject, tn_stream* stream, uint32_t op, const void* args,
                const tn_buffer_range& workspace, tn_node* node) {
  tn_error error{};
  const tn_buffer_range* range = workspace.buffer == nullptr ? nullptr : &workspace;
  check_ok("TN-OP-3", fmt::format("op_enqueue of op {}, which op_query supports", op),
           subject.table().op_enqueue(stream, op, args, range, node, &error), error);
}

}  // namespace detail
}  // namespace tenon::conformance
