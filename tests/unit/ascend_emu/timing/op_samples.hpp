// Arguments of every op, in bf16 where the op has a choice, with buffers of their own.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "ascend_calls.hpp"

namespace ascend_test {

class OpSamples {
 public:
  explicit OpSamples(TestBackend& backend) : backend_(backend) {}

  tn_tensor make(std::initializer_list<std::int64_t> shape, tn_dtype dtype = TN_DTYPE_BF16) {
    tn_tensor made = tensor(nullptr, shape, dtype);
    made.buffer = backend_.buffer(made.storage_bytes);
    return made;
  }
  // Ids, sizes and the like.
  tn_tensor numbers(std::initializer_list<std::int64_t> shape) { return make(shape, TN_DTYPE_I32); }
  tn_tensor floats(std::initializer_list<std::int64_t> shape) { return make(shape, TN_DTYPE_F32); }

  // One function for each line TN_OP of ops.def: an op without one does not compile.
#define TN_OP(id, name, op_class, since_major, since_minor) void fill(tn_##name##_args& args);
#include <tenon/ops.def>

  template <class Args>
  Args sample() {
    Args args{};
    args.struct_size = sizeof args;
    fill(args);
    return args;
  }

 private:
  tn_communicator* communicator();  // of two cards

  TestBackend& backend_;
  tn_communicator* communicator_ = nullptr;
};

}  // namespace ascend_test
