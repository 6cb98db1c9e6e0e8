// What ops.def says, at run time: for layers, plans and tests that handle every op alike.
#pragma once

#include <tenon/ops.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tenon {

enum class Access { read, read_optional, write, update, update_optional };

constexpr bool is_optional(Access access) {
  return access == Access::read_optional || access == Access::update_optional;
}
constexpr bool is_written(Access access) {
  return access == Access::write || access == Access::update || access == Access::update_optional;
}

// A tn_tensor member of an argument struct.
struct OpOperand {
  std::string_view name;
  size_t offset;  // bytes from the start of the struct
  Access access;
};

// The output may be exactly the input; both are indices into operands.
struct OpAlias {
  size_t output;
  size_t input;
};

// An int32 array in host memory that the struct points to.
struct OpHostArray {
  std::string_view name;
  size_t offset;        // of the `const int32_t*` member
  size_t count_offset;  // of the uint32_t member that holds its length
};

// A field that graph_update may change.
struct OpField {
  std::string_view name;
  size_t offset;
  size_t size;
};

struct OpInfo {
  uint32_t id;
  std::string_view name;
  tn_op_class op_class;
  uint32_t since;                       // TN_VERSION
  size_t args_size;                     // sizeof the argument struct of this version
  size_t communicator_offset;           // of the tn_communicator* member of a collective; 0: none
  size_t padding_offset;                // of the uint32_t reserved0, which must be 0; 0: none
  std::span<const OpOperand> operands;  // in the order of ops.def: the index of tn_layout_use
  std::span<const OpAlias> aliases;
  std::span<const OpHostArray> host_arrays;
  std::span<const OpField> updatable;
};

// All ops, by ascending id. Static memory.
std::span<const OpInfo> all_ops();

// NULL when there is no such op.
const OpInfo* find_op(uint32_t id);
const OpInfo* find_op(std::string_view name);

// "cube", "vector", ...
std::string_view op_class_name(tn_op_class op_class);

// The op that an argument struct belongs to: op_of<tn_linear_args> == TN_OP_linear.
template <class Args>
inline constexpr uint32_t op_of = TN_OP_none;
#define TN_OP(id, name, op_class, since_major, since_minor) \
  template <>                                               \
  inline constexpr uint32_t op_of<tn_##name##_args> = id;
#include <tenon/ops.def>

// The tensor of `operand` inside the argument struct at `args`.
inline tn_tensor& operand_tensor(void* args, const OpOperand& operand) {
  return *reinterpret_cast<tn_tensor*>(static_cast<char*>(args) + operand.offset);
}
inline const tn_tensor& operand_tensor(const void* args, const OpOperand& operand) {
  return *reinterpret_cast<const tn_tensor*>(static_cast<const char*>(args) + operand.offset);
}

}  // namespace tenon
