#include "ascend_emu/timing/op_demand.hpp"

#include <algorithm>
#include <string>

#include <tenon/plugin/failure.hpp>
#include <tenon/plugin/op_description.hpp>

#include "ascend_emu/timing/demands.hpp"

namespace tenon::ascend_emu::timing {
namespace {

static_assert(std::size(plugin::detail::op_descriptions) < op_table_size,
              "a new op needs its constant in SocProfile and in configs/soc");

// A row stays on one core: reductions, gathers of rows.
Demand by_rows(std::int64_t rows, std::int64_t row_elements) {
  Demand demand;
  demand.vector_rows = static_cast<double>(rows);
  demand.vector_row_elements = static_cast<double>(row_elements);
  return demand;
}

Demand elementwise(std::int64_t elements) {
  Demand demand = by_rows(1, elements);
  demand.one_row_on_many_cores = true;
  return demand;
}

void scattered_rows(Demand& demand, std::int64_t rows, const tn_tensor& table) {
  demand.scattered_read_bytes +=
      static_cast<std::uint64_t>(rows * last_dimension(table)) * item_bytes(table.dtype);
}

// Operands read and written as a whole, by ops.def.
void whole_operands(Demand& demand, std::uint32_t op, const void* args) {
  for (const plugin::OperandField& field : plugin::find_op(op)->operands) {
    const tn_tensor& tensor = plugin::operand_of(args, field);
    if (tensor.dtype == TN_DTYPE_NONE) continue;
    (field.written() ? demand.writes : demand.reads).push_back(extent_of(tensor));
  }
}

template <class Args>
Demand with_operands(Demand demand, std::uint32_t op, const Args& args) {
  whole_operands(demand, op, &args);
  return demand;
}

Demand demand_of(const tn_copy_cast_args& args, const RuntimeValues&) {
  return with_operands(elementwise(elements_of(args.output)), TN_OP_copy_cast, args);
}

Demand demand_of(const tn_embedding_args& args, const RuntimeValues&) {
  Demand demand = by_rows(rows_of(args.output), last_dimension(args.output));
  scattered_rows(demand, args.token_ids.shape[0], args.table);
  demand.reads = {extent_of(args.token_ids)};
  demand.writes = {extent_of(args.output)};
  return demand;
}

Demand demand_of(const tn_rms_norm_args& args, const RuntimeValues&) {
  return with_operands(by_rows(rows_of(args.input), last_dimension(args.input)), TN_OP_rms_norm,
                       args);
}

Demand demand_of(const tn_add_rms_norm_args& args, const RuntimeValues&) {
  return with_operands(by_rows(rows_of(args.input), last_dimension(args.input)), TN_OP_add_rms_norm,
                       args);
}

Demand demand_of(const tn_rope_args& args, const RuntimeValues&) {
  Demand demand = by_rows(rows_of(args.input), last_dimension(args.input));
  scattered_rows(demand, 2 * args.positions.shape[0], args.cosine);
  demand.reads = {extent_of(args.input), extent_of(args.positions)};
  demand.writes = {extent_of(args.output)};
  return demand;
}

Demand demand_of(const tn_swiglu_args& args, const RuntimeValues&) {
  return with_operands(elementwise(2 * elements_of(args.output)), TN_OP_swiglu, args);
}

Demand demand_of(const tn_add_args& args, const RuntimeValues&) {
  return with_operands(elementwise(elements_of(args.output)), TN_OP_add, args);
}

Demand demand_of(const tn_mul_args& args, const RuntimeValues&) {
  return with_operands(elementwise(elements_of(args.output)), TN_OP_mul, args);
}

Demand demand_of(const tn_scale_args& args, const RuntimeValues&) {
  return with_operands(elementwise(elements_of(args.output)), TN_OP_scale, args);
}

Demand demand_of(const tn_kv_write_args& args, const RuntimeValues&) {
  const std::int64_t tokens = args.slot_mapping.shape[0];
  const bool with_value = args.value.dtype != TN_DTYPE_NONE;
  const std::int64_t key_elements = elements_of(args.key);
  const std::int64_t value_elements = with_value ? elements_of(args.value) : 0;
  Demand demand =
      by_rows(tokens, (key_elements + value_elements) / std::max<std::int64_t>(1, tokens));
  demand.reads = {extent_of(args.key), extent_of(args.slot_mapping)};
  if (with_value) demand.reads.push_back(extent_of(args.value));
  demand.scattered_write_bytes =
      static_cast<std::uint64_t>(key_elements + value_elements) * item_bytes(args.key_cache.dtype);
  return demand;
}

Demand demand_of(const tn_moe_gate_args& args, const RuntimeValues&) {
  Demand demand = by_rows(rows_of(args.logits), last_dimension(args.logits));
  demand.reads = {extent_of(args.logits)};
  if (args.selection_bias.dtype != TN_DTYPE_NONE) {
    demand.reads.push_back(extent_of(args.selection_bias));
  }
  if (args.hash_table.dtype != TN_DTYPE_NONE) {
    scattered_rows(demand, args.token_ids.shape[0], args.hash_table);
    demand.reads.push_back(extent_of(args.token_ids));
  }
  demand.writes = {extent_of(args.expert_ids), extent_of(args.expert_weights)};
  return demand;
}

Demand demand_of(const tn_moe_permute_args& args, const RuntimeValues&) {
  return with_operands(by_rows(rows_of(args.output), last_dimension(args.output)),
                       TN_OP_moe_permute, args);
}

Demand demand_of(const tn_moe_unpermute_args& args, const RuntimeValues&) {
  const std::int64_t choices = last_dimension(args.row_map);
  return with_operands(by_rows(rows_of(args.output), choices * last_dimension(args.output)),
                       TN_OP_moe_unpermute, args);
}

Demand demand_of(const tn_static_quant_args& args, const RuntimeValues&) {
  return with_operands(elementwise(elements_of(args.input)), TN_OP_static_quant, args);
}

Demand demand_of(const tn_dynamic_quant_args& args, const RuntimeValues&) {
  return with_operands(by_rows(rows_of(args.input), last_dimension(args.input)),
                       TN_OP_dynamic_quant, args);
}

Demand demand_of(const tn_gather_rows_args& args, const RuntimeValues&) {
  Demand demand = by_rows(rows_of(args.output), last_dimension(args.output));
  scattered_rows(demand, args.index.shape[0], args.input);
  demand.reads = {extent_of(args.index)};
  demand.writes = {extent_of(args.output)};
  return demand;
}

Demand demand_of(const tn_argmax_args& args, const RuntimeValues&) {
  return with_operands(by_rows(rows_of(args.input), last_dimension(args.input)), TN_OP_argmax,
                       args);
}

template <class Args>
Demand collective(const Args& args, const tn_tensor& own) {
  Demand demand;
  demand.collective = {args.world_size, extent_of(own).bytes};
  demand.reads = {extent_of(args.input)};
  demand.writes = {extent_of(args.output)};
  return demand;
}

Demand demand_of(const tn_all_reduce_args& args, const RuntimeValues&) {
  return collective(args, args.input);
}

Demand demand_of(const tn_all_gather_args& args, const RuntimeValues&) {
  return collective(args, args.input);
}

Demand demand_of(const tn_reduce_scatter_args& args, const RuntimeValues&) {
  return collective(args, args.output);
}

Demand demand_of(const tn_all_to_all_v_args& args, const RuntimeValues&) {
  return collective(args, args.input);
}

}  // namespace

std::uint64_t item_bytes(std::uint32_t dtype) {
  switch (dtype) {
    case TN_DTYPE_F32:
    case TN_DTYPE_I32:
      return 4;
    case TN_DTYPE_F16:
    case TN_DTYPE_BF16:
      return 2;
    case TN_DTYPE_I64:
      return 8;
    case TN_DTYPE_I8:
    case TN_DTYPE_U8:
      return 1;
    default:
      return 0;
  }
}

Extent extent_of(const tn_tensor& tensor) {
  std::uint64_t bytes = static_cast<std::uint64_t>(elements_of(tensor)) * item_bytes(tensor.dtype);
  if (tensor.layout != TN_LAYOUT_ROW_MAJOR) bytes = tensor.storage_bytes;
  return {reinterpret_cast<BufferId>(tensor.buffer), tensor.byte_offset, bytes};
}

Demand op_demand(std::uint32_t op, const void* args, const RuntimeValues& values) {
  Demand demand;
  switch (op) {
#define TN_OP(id, name, op_class, since_major, since_minor)                  \
  case id:                                                                   \
    demand = demand_of(*static_cast<const tn_##name##_args*>(args), values); \
    break;
#include <tenon/ops.def>
    default:
      throw plugin::Failure(TN_UNSUPPORTED, "[timing] op " + std::to_string(op) +
                                                " is unknown; expected an id of ops.def");
  }
  demand.op = op;
  demand.op_class = plugin::find_op(op)->op_class;
  return demand;
}

}  // namespace tenon::ascend_emu::timing
