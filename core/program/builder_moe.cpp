// Layers of experts: one call of a definition becomes the ops that route, compute and sum.
#include <fmt/format.h>

#include "base/error.hpp"
#include "program/builder.hpp"
#include "program/operation_args.hpp"

namespace tenon {
namespace {

tn_moe_gate_args gate_attributes(const tn_moe_desc& desc) {
  tn_moe_gate_args args{};
  args.top_k = static_cast<int32_t>(desc.top_k);
  args.score = desc.score;
  args.group_count = static_cast<int32_t>(desc.group_count);
  args.group_top_k = static_cast<int32_t>(desc.group_top_k);
  args.group_score_top = static_cast<int32_t>(desc.group_score_top);
  args.renormalise = desc.renormalise != 0 ? 1 : 0;
  args.renormalise_epsilon = desc.renormalise_epsilon;
  args.scale = desc.scale;
  return args;
}

void check_choice(const tn_moe_desc& desc, int64_t experts, std::string_view where) {
  const bool grouped = desc.group_count > 1;
  const auto refuse = [&](std::string_view what, const std::string& expected, int64_t found) {
    fail_input(where, what, expected, std::to_string(found));
  };
  if (desc.score > TN_MOE_SQRT_SOFTPLUS) refuse("no such score", "0 to 2", desc.score);
  if (grouped && (desc.group_count > experts || experts % desc.group_count != 0)) {
    refuse("the groups do not divide the experts", fmt::format("a divisor of {}", experts),
           desc.group_count);
  }
  if (grouped && (desc.group_top_k < 1 || desc.group_top_k > desc.group_count)) {
    refuse("no such number of groups to keep", fmt::format("1 to {}", desc.group_count),
           desc.group_top_k);
  }
  if (grouped && desc.group_score_top != 1 && desc.group_score_top != 2) {
    refuse("a group's score is the sum of its best", "1 or 2", desc.group_score_top);
  }
  const int64_t remain = grouped ? experts / desc.group_count * desc.group_top_k : experts;
  if (desc.top_k < 1 || desc.top_k > remain) {
    refuse("no such number of experts for a token", fmt::format("1 to {}", remain), desc.top_k);
  }
}

}  // namespace

const Value& ProgramBuilder::stacked_weight(ValueId id, std::vector<int64_t> dims,
                                            std::string_view where) const {
  const Value& v = value(id, where);
  if (v.value_class != ValueClass::weight || v.dims != dims) {
    Value wanted;
    wanted.dims = std::move(dims);
    fail_input(where, fmt::format("'{}' does not fit", v.name), "a weight " + wanted.dims_text(),
               fmt::format("{} {}", value_class_name(v.value_class), v.dims_text()));
  }
  return v;
}

ValueId ProgramBuilder::moe(const tn_moe_desc& desc) {
  const std::string where = full_name(desc.name);
  const Value input = activation(desc.input, 2, where);
  const Value logits = activation(desc.logits, 2, where);
  const int64_t width = input.dims[0];
  const int64_t experts = logits.dims[0];
  const int64_t k = desc.top_k;
  if (!logits.has_rows_of(input) || input.leading_times != 1) {
    fail_input(where, "input and logits do not have the same rows");
  }
  check_choice(desc, experts, where);
  const Value& down = value(desc.down, where);
  const int64_t intermediate = down.dims.size() == 3 ? down.dims[2] : 0;
  stacked_weight(desc.down, {experts, width, intermediate}, where);
  stacked_weight(desc.gate_up, {experts, 2 * intermediate, width}, where);
  expect_vector(desc.selection_bias, experts, where);

  const auto of_token = [&](const char* name, tn_dtype dtype) {
    const ValueId id = like(fmt::format("{}.{}", where, name), input, {k});
    program_.values[id].dtype = dtype;
    return id;
  };
  const auto of_choice = [&](const char* name, int64_t columns) {
    const ValueId id = like(fmt::format("{}.{}", where, name), input, {columns});
    program_.values[id].leading_times = k;
    return id;
  };
  const auto append = [&](const char* name, auto args, std::vector<Operand> operands) {
    program_.operations.push_back(
        make_operation(fmt::format("{}.{}", where, name), args, std::move(operands)));
  };

  const ValueId expert_ids = of_token("expert_ids", TN_DTYPE_I32);
  const ValueId expert_weights = of_token("expert_weights", TN_DTYPE_F32);
  append("gate", gate_attributes(desc),
         {TENON_OPERAND(moe_gate, logits, desc.logits),
          TENON_OPERAND(moe_gate, selection_bias, desc.selection_bias),
          TENON_OPERAND(moe_gate, expert_ids, expert_ids),
          TENON_OPERAND(moe_gate, expert_weights, expert_weights)});

  const ValueId row_map = of_token("row_map", TN_DTYPE_I32);
  const ValueId rows = of_choice("rows", width);
  Value sizes;
  sizes.name = where + ".group_sizes";
  sizes.dtype = TN_DTYPE_I32;
  sizes.dims = {experts};
  const ValueId group_sizes = add_value(std::move(sizes));
  append("permute", tn_moe_permute_args{},
         {TENON_OPERAND(moe_permute, input, desc.input),
          TENON_OPERAND(moe_permute, expert_ids, expert_ids),
          TENON_OPERAND(moe_permute, output, rows), TENON_OPERAND(moe_permute, row_map, row_map),
          TENON_OPERAND(moe_permute, group_sizes, group_sizes)});

  const auto experts_matmul = [&](const char* name, ValueId from, ValueId weight, ValueId to) {
    tn_grouped_matmul_args args{};
    args.group_list_kind = TN_GROUP_SIZES;
    append(
        name, args,
        {TENON_OPERAND(grouped_matmul, input, from), TENON_OPERAND(grouped_matmul, weight, weight),
         TENON_OPERAND(grouped_matmul, group_list, group_sizes),
         TENON_OPERAND(grouped_matmul, output, to)});
  };
  const ValueId packed = of_choice("gate_up", 2 * intermediate);
  experts_matmul("gate_up_proj", rows, desc.gate_up, packed);
  std::vector<ValueId> halves(2);
  const std::vector<int64_t> both = {intermediate, intermediate};
  split(packed, both, halves);

  tn_swiglu_args swiglu{};
  swiglu.gate_limit = desc.gate_limit;
  swiglu.up_limit = desc.up_limit;
  const ValueId gated = of_choice("gated", intermediate);
  append("act_fn", swiglu,
         {TENON_OPERAND(swiglu, gate, halves[0]), TENON_OPERAND(swiglu, up, halves[1]),
          TENON_OPERAND(swiglu, output, gated)});
  const ValueId results = of_choice("results", width);
  experts_matmul("down_proj", gated, desc.down, results);

  const ValueId out = like(where, input, {width});
  append(
      "unpermute", tn_moe_unpermute_args{},
      {TENON_OPERAND(moe_unpermute, input, results), TENON_OPERAND(moe_unpermute, row_map, row_map),
       TENON_OPERAND(moe_unpermute, expert_weights, expert_weights),
       TENON_OPERAND(moe_unpermute, output, out)});
  return out;
}

}  // namespace tenon
