// Argument structs of ops as the host passes them, made into the structs of this header.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include <tenon/ops.h>
#include <tenon/plugin/failure.hpp>
#include <tenon/plugin/guard.hpp>
#include <tenon/plugin/op_description.hpp>

namespace tenon::plugin {

// Longer structs than this are not looked through for newer fields but refused.
inline constexpr std::uint32_t max_args_size = 64 * 1024;

namespace detail {

[[noreturn]] inline void newer_field(const char* op, const std::string& field) {
  throw Failure(TN_UNSUPPORTED, std::string("[") + op + "] " + field +
                                    " is set, which this plugin does not know; expected 0");
}

inline void check_tail(const char* op, const std::byte* args, std::size_t known,
                       std::size_t given) {
  if (given > max_args_size) newer_field(op, "struct_size " + std::to_string(given));
  if (std::any_of(args + known, args + given, [](std::byte b) { return b != std::byte{0}; })) {
    newer_field(op, "a newer field, past byte " + std::to_string(known) + " of the arguments,");
  }
}

template <class Args>
void check_reserved(const OpDescription& description, const Args& args) {
  if (args.flags != 0) newer_field(description.name, "flags " + std::to_string(args.flags));
  if constexpr (requires { args.reserved0; }) {
    if (args.reserved0 != 0) newer_field(description.name, "reserved0");
  }
  for (const OperandField& field : description.operands) {
    const tn_tensor& tensor = operand_of(&args, field);
    if (tensor.reserved0 != 0 || tensor.reserved1[0] != 0 || tensor.reserved1[1] != 0) {
      newer_field(description.name, std::string(field.name) + ".reserved");
    }
  }
}

template <class Args>
Args normalised(const void* given) {
  Args args{};
  std::uint32_t size = 0;
  std::memcpy(&size, given, sizeof size);
  std::memcpy(&args, given, std::min<std::size_t>(size, sizeof args));
  return args;
}

}  // namespace detail

// Calls visitor(const tn_<op>_args&) with a full-size copy of `given`:
//   struct_size below the first version's           Failure TN_INVALID_ARGUMENT
//   smaller than this header's (an older host)      missing fields are zero
//   larger (a newer host)                           Failure TN_UNSUPPORTED unless the rest is zero
//   unknown op id, flags or reserved fields set     Failure TN_UNSUPPORTED
// Host arrays still belong to the caller.
template <class Visitor>
void visit_arguments(std::uint32_t op, const void* given, Visitor&& visitor) {
  const OpDescription* description = find_op(op);
  if (description == nullptr) {
    throw Failure(TN_UNSUPPORTED, "[op] this plugin knows no op " + std::to_string(op));
  }
  required_pointer(static_cast<const std::byte*>(given), description->name);
  std::uint32_t size = 0;
  std::memcpy(&size, given, sizeof size);
  const auto visit = [&]<class Args>(Args args) {
    if (size < first_size<Args>) check_struct_size(args, description->name);
    if (size > sizeof(Args)) {
      detail::check_tail(description->name, static_cast<const std::byte*>(given), sizeof(Args),
                         size);
    }
    args.struct_size = sizeof(Args);
    detail::check_reserved(*description, args);
    visitor(static_cast<const Args&>(args));
  };
  switch (op) {
#define TN_OP(id, name, op_class, since_major, since_minor) \
  case id:                                                  \
    visit(detail::normalised<tn_##name##_args>(given));     \
    break;
#include <tenon/ops.def>
    default:
      break;
  }
}

}  // namespace tenon::plugin
