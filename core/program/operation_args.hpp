// Makes an Operation with an argument struct of the right type.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "device/op_table.hpp"
#include "program/program.hpp"

namespace tenon {

Operation make_operation(uint32_t op, std::string name, const void* args, size_t size,
                         std::vector<Operand> operands);

// Operands whose value is 0 are left out. `attributes` needs only its own fields set.
template <typename Args>
Operation make_operation(std::string name, Args attributes, std::vector<Operand> operands) {
  static_assert(std::is_trivially_copyable_v<Args>);
  attributes.struct_size = sizeof(Args);
  return make_operation(op_of<Args>, std::move(name), &attributes, sizeof(Args),
                        std::move(operands));
}

}  // namespace tenon

// Operand of an argument struct: TENON_OPERAND(linear, input, value).
#define TENON_OPERAND(op, field, id) (::tenon::Operand{offsetof(tn_##op##_args, field), (id)})
