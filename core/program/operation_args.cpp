#include "program/operation_args.hpp"

#include <cstring>

namespace tenon {

Operation make_operation(uint32_t op, std::string name, const void* args, size_t size,
                         std::vector<Operand> operands) {
  Operation operation;
  operation.op = op;
  operation.name = std::move(name);
  operation.args.resize(size);
  std::memcpy(operation.args.data(), args, size);
  std::erase_if(operands, [](const Operand& operand) { return operand.value == 0; });
  operation.operands = std::move(operands);
  return operation;
}

}  // namespace tenon
