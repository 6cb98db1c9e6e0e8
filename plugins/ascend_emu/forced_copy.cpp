#include "ascend_emu/forced_copy.hpp"

#include <memory>

#include "ascend_emu/weight_forms.hpp"

namespace tenon::ascend_emu {

std::uint64_t copied_bytes(std::uint32_t op, const void* args, const AscendSettings& settings) {
  if (op != TN_OP_grouped_matmul || settings.transposed_weights == TransposedWeights::view) {
    return 0;
  }
  const tn_tensor& weight = static_cast<const tn_grouped_matmul_args*>(args)->weight;
  return is_transposed_view(weight) ? element_bytes(weight) : 0;
}

void demand_op(timing::WorkItem& work, std::uint32_t op, const void* args,
               const AscendSettings& settings, const timing::Extent& workspace,
               const timing::RuntimeValues& values) {
  if (copied_bytes(op, args, settings) == 0) {
    work.demand = timing::op_demand(op, args, values);
    return;
  }
  tn_grouped_matmul_args plain = *static_cast<const tn_grouped_matmul_args*>(args);
  tn_copy_cast_args copy{};
  copy.struct_size = sizeof copy;
  copy.input = plain.weight;
  plain.weight = row_major_form(plain.weight);
  plain.weight.buffer = reinterpret_cast<tn_buffer*>(workspace.buffer);
  plain.weight.byte_offset = workspace.offset;
  copy.output = plain.weight;
  work.demand = timing::op_demand(op, &plain, values);
  auto first = std::make_shared<timing::WorkItem>();
  first->stream = work.stream;
  first->demand = timing::op_demand(TN_OP_copy_cast, &copy);
  work.copy = std::move(first);
}

}  // namespace tenon::ascend_emu
