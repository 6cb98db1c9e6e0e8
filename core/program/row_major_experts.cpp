#include "program/row_major_experts.hpp"

namespace tenon {

void keep_experts_row_major(Program& program) {
  for (const Operation& operation : program.operations) {
    if (operation.op != TN_OP_grouped_matmul) continue;
    const ValueId weight = operation.operand(offsetof(tn_grouped_matmul_args, weight));
    program.weights[program.values[weight].index].row_major = true;
  }
}

}  // namespace tenon
