#include "program/fuse_add_rms_norm.hpp"

#include "program/operation_args.hpp"

namespace tenon {
namespace {

// The norm reads exactly what the add wrote, and add_rms_norm takes two-dimensional operands.
bool can_fuse(const Program& program, const Operation& add, const Operation& norm) {
  if (add.op != TN_OP_add || norm.op != TN_OP_rms_norm) return false;
  const ValueId sum = add.operand(offsetof(tn_add_args, output));
  return norm.operand(offsetof(tn_rms_norm_args, input)) == sum &&
         program.values[sum].dims.size() == 1;
}

Operation fused(const Operation& add, Operation& norm) {
  tn_add_rms_norm_args args{};
  args.epsilon = norm.attributes<tn_rms_norm_args>().epsilon;
  const auto of_add = [&](size_t offset) { return add.operand(offset); };
  const auto of_norm = [&](size_t offset) { return norm.operand(offset); };
  return make_operation(
      norm.name, args,
      {TENON_OPERAND(add_rms_norm, input, of_add(offsetof(tn_add_args, b))),
       TENON_OPERAND(add_rms_norm, residual, of_add(offsetof(tn_add_args, a))),
       TENON_OPERAND(add_rms_norm, weight, of_norm(offsetof(tn_rms_norm_args, weight))),
       TENON_OPERAND(add_rms_norm, bias, of_norm(offsetof(tn_rms_norm_args, bias))),
       TENON_OPERAND(add_rms_norm, sum, of_add(offsetof(tn_add_args, output))),
       TENON_OPERAND(add_rms_norm, output, of_norm(offsetof(tn_rms_norm_args, output)))});
}

}  // namespace

void fuse_add_rms_norm(Program& program) {
  std::vector<Operation> result;
  std::vector<size_t> new_index(program.operations.size());
  for (size_t i = 0; i < program.operations.size(); ++i) {
    Operation& operation = program.operations[i];
    if (!result.empty() && can_fuse(program, result.back(), operation)) {
      result.back() = fused(result.back(), operation);
    } else {
      result.push_back(std::move(operation));
    }
    new_index[i] = result.size() - 1;
  }
  program.operations = std::move(result);
  for (PrefetchName& name : program.prefetch_names) {
    for (size_t& linear : name.linears)
      linear = new_index[linear];
  }
}

std::vector<Operation> split_add_rms_norm(const Operation& fused) {
  const auto of = [&](size_t offset) { return fused.operand(offset); };
  const ValueId sum = of(offsetof(tn_add_rms_norm_args, sum));
  tn_rms_norm_args norm{};
  norm.epsilon = reinterpret_cast<const tn_add_rms_norm_args*>(fused.args.data())->epsilon;
  std::vector<Operation> parts;
  parts.push_back(
      make_operation(fused.name + ".add", tn_add_args{},
                     {TENON_OPERAND(add, a, of(offsetof(tn_add_rms_norm_args, residual))),
                      TENON_OPERAND(add, b, of(offsetof(tn_add_rms_norm_args, input))),
                      TENON_OPERAND(add, output, sum)}));
  parts.push_back(make_operation(
      fused.name, norm,
      {TENON_OPERAND(rms_norm, input, sum),
       TENON_OPERAND(rms_norm, weight, of(offsetof(tn_add_rms_norm_args, weight))),
       TENON_OPERAND(rms_norm, bias, of(offsetof(tn_add_rms_norm_args, bias))),
       TENON_OPERAND(rms_norm, output, of(offsetof(tn_add_rms_norm_args, output)))}));
  return parts;
}

}  // namespace tenon
