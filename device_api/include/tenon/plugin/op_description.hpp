// What ops.def says about each op, as data: for backends that handle all ops alike (task queues,
// graphs, traces) instead of one by one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <tenon/ops.h>

namespace tenon::plugin {

enum class Access { READ, READ_OPTIONAL, WRITE, UPDATE, UPDATE_OPTIONAL };

// A tn_tensor member of an argument struct.
struct OperandField {
  std::uint32_t op;
  const char* name;
  std::size_t offset;  // of the tn_tensor, in the struct
  Access access;

  bool optional() const {
    return access == Access::READ_OPTIONAL || access == Access::UPDATE_OPTIONAL;
  }
  bool written() const { return access != Access::READ && access != Access::READ_OPTIONAL; }
};

// A const int32_t* member and the uint32_t that counts it.
struct HostArrayField {
  std::uint32_t op;
  const char* name;
  std::size_t offset;
  std::size_t count_offset;
};

// A member that graph_update may change.
struct UpdatableField {
  std::uint32_t op;
  const char* name;
  std::size_t offset;
  std::size_t size;
};

struct OpDescription {
  std::uint32_t op;
  const char* name;
  tn_op_class op_class;
  std::size_t args_size;
  std::span<const OperandField> operands;  // in the order of tn_layout_use.operand
  std::span<const HostArrayField> host_arrays;
  std::span<const UpdatableField> updatable;
};

namespace detail {

inline constexpr OperandField operand_fields[] = {
#define TN_OPERAND(op, field, access) \
  {TN_OP_##op, #field, offsetof(tn_##op##_args, field), Access::access},
#include <tenon/ops.def>
};

inline constexpr HostArrayField host_array_fields[] = {
#define TN_HOST_ARRAY(op, field, count_field) \
  {TN_OP_##op, #field, offsetof(tn_##op##_args, field), offsetof(tn_##op##_args, count_field)},
#include <tenon/ops.def>
};

inline constexpr UpdatableField updatable_fields[] = {
#define TN_UPDATABLE(op, field)                         \
  {TN_OP_##op, #field, offsetof(tn_##op##_args, field), \
   sizeof(static_cast<tn_##op##_args*>(nullptr)->field)},
#include <tenon/ops.def>
};

// ops.def keeps the lines of one op together, so that each op's fields are one run.
template <class Field, std::size_t Count>
constexpr std::span<const Field> fields_of(const Field (&fields)[Count], std::uint32_t op) {
  std::size_t begin = 0;
  while (begin < Count && fields[begin].op != op)
    ++begin;
  std::size_t end = begin;
  while (end < Count && fields[end].op == op)
    ++end;
  return std::span<const Field>(fields).subspan(begin, end - begin);
}

inline constexpr OpDescription op_descriptions[] = {
#define TN_OP(id, name, op_class, since_major, since_minor) \
  {id,                                                      \
   #name,                                                   \
   TN_CLASS_##op_class,                                     \
   sizeof(tn_##name##_args),                                \
   fields_of(operand_fields, id),                           \
   fields_of(host_array_fields, id),                        \
   fields_of(updatable_fields, id)},
#include <tenon/ops.def>
};

}  // namespace detail

inline std::span<const OpDescription> all_ops() {
  return detail::op_descriptions;
}

// NULL for an id or name that this header does not know.
inline const OpDescription* find_op(std::uint32_t op) {
  if (op >= 1 && op <= std::size(detail::op_descriptions) &&
      detail::op_descriptions[op - 1].op == op) {
    return &detail::op_descriptions[op - 1];
  }
  for (const OpDescription& description : detail::op_descriptions) {
    if (description.op == op) return &description;
  }
  return nullptr;
}
inline const OpDescription* find_op(std::string_view name) {
  for (const OpDescription& description : detail::op_descriptions) {
    if (description.name == name) return &description;
  }
  return nullptr;
}

inline std::string op_name(std::uint32_t op) {
  const OpDescription* description = find_op(op);
  return description != nullptr ? description->name : "op " + std::to_string(op);
}

inline const tn_tensor& operand_of(const void* args, const OperandField& field) {
  return *reinterpret_cast<const tn_tensor*>(static_cast<const std::byte*>(args) + field.offset);
}

}  // namespace tenon::plugin
