// Tensors and ops as the tests of the rules use them.
#pragma once

#include <initializer_list>

#include "subject/subject.hpp"

namespace tenon::conformance {

// A contiguous row-major tensor.
tn_tensor tensor(tn_buffer* buffer, std::initializer_list<int64_t> shape,
                 tn_dtype dtype = TN_DTYPE_F32, uint64_t byte_offset = 0);

// copy_cast between equal dtypes, the one op that every device has.
tn_copy_cast_args copy_cast_args(const tn_tensor& input, const tn_tensor& output);

tn_op_support op_support(Subject& subject, uint32_t op, const void* args, uint32_t device = 0);

namespace detail {
// Throws TestUnsupported with the plugin's reason; fills `workspace` where the op needs one.
void prepare_op(Subject& subject, uint32_t op, const void* args, uint32_t device,
                tn_buffer_range& workspace);
void enqueue_op(Subject& subject, tn_stream* stream, uint32_t op, const void* args,
                const tn_buffer_range& workspace, tn_node* node);
}  // namespace detail

// An op that op_query has agreed to, with its workspace. Throws TestUnsupported when the device
// does not do it. Allocates: make it before a stream is held back.
template <class Args>
class Op {
 public:
  Op(Subject& subject, uint32_t op, const Args& given, uint32_t device = 0)
      : args(given), subject_(subject), op_(op) {
    args.struct_size = sizeof args;
    detail::prepare_op(subject, op, &args, device, workspace_);
  }

  void enqueue(tn_stream* stream, tn_node* node = nullptr) {
    detail::enqueue_op(subject_, stream, op_, &args, workspace_, node);
  }
  tn_status try_enqueue(tn_stream* stream, tn_error* error, tn_node* node = nullptr) {
    return subject_.table().op_enqueue(stream, op_, &args, workspace(), node, error);
  }
  const tn_buffer_range* workspace() const {
    return workspace_.buffer == nullptr ? nullptr : &workspace_;
  }

  Args args;  // may be changed where op_query's answer stays the same

 private:
  Subject& subject_;
  uint32_t op_;
  tn_buffer_range workspace_{};
};

// copy_cast of one i32 from element `from` to element `to` of a buffer.
inline Op<tn_copy_cast_args> move_one(Subject& subject, tn_buffer* buffer, uint64_t from,
                                      uint64_t to, uint32_t device = 0) {
  return {subject, TN_OP_copy_cast,
          copy_cast_args(tensor(buffer, {1}, TN_DTYPE_I32, from * 4),
                         tensor(buffer, {1}, TN_DTYPE_I32, to * 4)),
          device};
}

}  // namespace tenon::conformance
