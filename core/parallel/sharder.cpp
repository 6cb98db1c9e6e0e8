#include "parallel/sharder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "device/op_table.hpp"
#include "program/operation_args.hpp"

namespace tenon {
namespace {

bool lives_within_a_step(const Value& value) {
  return value.value_class == ValueClass::activation || value.value_class == ValueClass::output;
}

// Ops whose output's columns are those of their inputs.
bool keeps_columns(uint32_t op) {
  switch (op) {
    case TN_OP_swiglu:
    case TN_OP_add:
    case TN_OP_mul:
    case TN_OP_scale:
    case TN_OP_static_quant:
    case TN_OP_dynamic_quant:
    case TN_OP_rope:
    case TN_OP_rms_norm:
    case TN_OP_gather_rows:
      return true;
    default:
      return false;
  }
}

}  // namespace

void set_operand(Operation& operation, size_t offset, ValueId value) {
  std::erase_if(operation.operands,
                [&](const Operand& operand) { return operand.offset == offset && value == 0; });
  for (Operand& operand : operation.operands) {
    if (operand.offset == offset) operand.value = value;
  }
}

Sharder::Sharder(const Program& program, const ParallelLayout& layout, const RankSettings& settings)
    : whole_(program),
      layout_(layout),
      settings_(settings),
      position_(settings.rank % layout.tensor),
      out_(program),
      forms_(program.values.size(), RankForm::whole),
      views_(program.values.size()) {
  for (ValueId id = 1; id < program.values.size(); ++id) {
    if (program.values[id].base != 0) views_[program.values[id].base].push_back(id);
  }
  for (const Operation& operation : program.operations) {
    if (operation.op == TN_OP_embedding)
      embedded_.insert(operation.operand(offsetof(tn_embedding_args, table)));
  }
}

Program Sharder::run() {
  std::vector<size_t> new_index;
  for (const Operation& operation : whole_.operations) {
    visit(operation);
    const auto named =
        std::ranges::find_if(operations_.rbegin(), operations_.rend(), [&](const Operation& made) {
          return made.op == operation.op && made.name == operation.name;
        });
    new_index.push_back(static_cast<size_t>(operations_.rend() - named) - 1);
  }
  out_.operations = std::move(operations_);
  out_.expert_ranks = layout_.expert;
  reindex_prefetch_names(new_index);
  return std::move(out_);
}

void Sharder::reindex_prefetch_names(const std::vector<size_t>& new_index) {
  for (PrefetchName& name : out_.prefetch_names) {
    for (size_t& linear : name.linears)
      linear = new_index[linear];
  }
}

void Sharder::visit(Operation operation) {
  switch (operation.op) {
    case TN_OP_linear:
      return linear(std::move(operation));
    case TN_OP_kv_write:
      return kv_write(std::move(operation));
    case TN_OP_paged_attention:
      return paged_attention(std::move(operation));
    case TN_OP_moe_gate:
      return moe_gate(std::move(operation));
    case TN_OP_moe_permute:
      return moe_permute(std::move(operation));
    case TN_OP_grouped_matmul:
      return grouped_matmul(std::move(operation));
    case TN_OP_moe_unpermute:
      return moe_unpermute(std::move(operation));
    default:
      return pass_on(std::move(operation));
  }
}

void Sharder::refuse_tensor(std::string what, std::string expected) const {
  throw LayoutError(
      {"parallel.tensor", std::move(what), std::move(expected), std::to_string(layout_.tensor)});
}

void Sharder::require_whole(const Operation& operation, size_t input) const {
  const ValueId id = operation.operand(input);
  if (id == 0 || form(id) == RankForm::whole) return;
  refuse_tensor(fmt::format("{} of '{}' needs all of '{}', which the cards share",
                            find_op(operation.op)->name, operation.name, out_.values[id].name),
                "1, or another model definition");
}

// Norms need all of what they normalise, and one scale for each column has no place in a part.
void Sharder::require_whole_rows(const Operation& operation) const {
  const OpInfo& info = *find_op(operation.op);
  for (const Operand& operand : operation.operands) {
    const Value& value = whole_.values[operand.value];
    const bool parameter =
        value.value_class == ValueClass::weight || value.value_class == ValueClass::constant;
    const bool norm = operation.op == TN_OP_rms_norm && value.dims.size() < 2 && !parameter;
    const bool scales = operation.op != TN_OP_rms_norm && operation.op != TN_OP_rope && parameter &&
                        value.columns() != 1;
    if (!norm && !scales) continue;
    refuse_tensor(fmt::format("{} of '{}' needs whole rows, and the cards share their columns",
                              info.name, operation.name),
                  "1");
  }
}

void Sharder::pass_on(Operation operation) {
  const OpInfo& info = *find_op(operation.op);
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  for (const OpOperand& operand : info.operands) {
    const ValueId id = operation.operand(operand.offset);
    if (id == 0 || !lives_within_a_step(out_.values[out_.root(id)])) continue;
    (is_written(operand.access) ? outputs : inputs).push_back(id);
  }
  const RankForm common = inputs.empty() ? RankForm::whole : form(inputs[0]);
  const bool alike =
      std::ranges::all_of(inputs, [&](ValueId id) { return form(id) == common; }) &&
      (common == RankForm::whole || (common != RankForm::partial && keeps_columns(operation.op)));
  const bool same_columns =
      common != RankForm::split ||
      std::ranges::all_of(inputs, [&](ValueId id) { return split_of(id) == split_of(inputs[0]); });
  if (!alike || !same_columns) {
    refuse_tensor(fmt::format("{} of '{}' cannot run on what the cards have of '{}'", info.name,
                              operation.name, whole_.values[inputs[0]].name),
                  "1, or another model definition");
  }
  if (common == RankForm::split) require_whole_rows(operation);
  for (const ValueId id : outputs) {
    if (common == RankForm::split && !whole_.values[id].dims.empty())
      set_split(id, split_of(inputs[0]));
    if (common == RankForm::share || common == RankForm::arrived) {
      out_.values[id].set_rows_of(out_.values[inputs[0]]);
      set_form(id, common);
    }
  }
  append(std::move(operation));
}

RankForm Sharder::form(ValueId id) const {
  const ValueId root = out_.root(id);
  return root < forms_.size() ? forms_[root] : RankForm::whole;
}

void Sharder::set_form(ValueId id, RankForm form) {
  const ValueId root = out_.root(id);
  if (root >= forms_.size()) forms_.resize(root + 1, RankForm::whole);
  forms_[root] = form;
  for (const ValueId view : root < views_.size() ? views_[root] : std::vector<ValueId>())
    out_.values[view].set_rows_of(out_.values[root]);
}

ValueId Sharder::add_value(Value value) {
  out_.values.push_back(std::move(value));
  return static_cast<ValueId>(out_.values.size() - 1);
}

ValueId Sharder::add_view(ValueId of) {
  Value view = out_.values[of];
  view.base = out_.root(of);
  return add_value(std::move(view));
}

ColumnSplit Sharder::split_of(ValueId id) const {
  const Value& view = whole_.values[id];
  const auto part = splits_.at(whole_.root(id)).part(view.column, view.columns());
  if (part) return part->split;
  refuse_tensor(fmt::format("'{}' begins or ends within columns that the cards share", view.name),
                "1");
}

void Sharder::set_dims(ValueId id, int64_t kept) {
  Value& value = out_.values[id];
  const int64_t of_each = value.dims.empty() ? 1 : value.columns() / value.dims[0];
  if (value.dims.empty() || kept % of_each != 0) {
    refuse_tensor(
        fmt::format("'{}' {} does not divide over the cards", value.name, value.dims_text()), "1");
  }
  value.dims[0] = kept / of_each;
}

void Sharder::set_split(ValueId root, const ColumnSplit& split) {
  forms_[root] = RankForm::split;
  splits_[root] = split;
  set_dims(root, split.kept());
  for (const ValueId view : views_[root]) {
    const ColumnSplit seen = split_of(view);
    out_.values[view].column =
        split.part(whole_.values[view].column, whole_.values[view].columns())->column;
    set_dims(view, seen.kept());
  }
}

int64_t Sharder::heads_in(ValueId root, int64_t column, int64_t columns) const {
  for (const ValueId view : views_[root]) {
    const Value& value = whole_.values[view];
    if (value.column == column && value.columns() == columns && value.dims.size() > 1)
      return value.dims[0];
  }
  return 0;
}

void Sharder::all_reduce(const std::string& name, ValueId value) {
  tn_all_reduce_args args{};
  args.world_size = static_cast<uint32_t>(layout_.tensor);
  args.reduction = TN_REDUCE_SUM;
  Operation operation = make_operation(
      name + ".all_reduce", args,
      {TENON_OPERAND(all_reduce, input, value), TENON_OPERAND(all_reduce, output, value)});
  operation.group = RankGroup::tensor;
  append(std::move(operation));
}

namespace {

void check_layout(const Program& program, const ParallelLayout& layout,
                  const RankSettings& settings) {
  if (const auto mistake = find_mistake(layout)) throw LayoutError(*mistake);
  if (settings.rank < 0 || settings.rank >= layout.ranks()) {
    fail_run("parallel", "no such rank", fmt::format("0 to {}", layout.ranks() - 1),
             std::to_string(settings.rank));
  }
  const bool routed = std::ranges::any_of(program.operations, [](const Operation& operation) {
    return operation.op == TN_OP_moe_permute;
  });
  if (layout.expert > 1 && !routed) {
    throw LayoutError({"parallel.expert", "the model has no experts to share out", "1",
                       std::to_string(layout.expert)});
  }
}

}  // namespace

Program shard_program(const Program& program, const ParallelLayout& layout,
                      const RankSettings& settings) {
  check_layout(program, layout, settings);
  if (layout.tensor == 1 && layout.expert == 1) return program;
  return Sharder(program, layout, settings).run();
}

}  // namespace tenon
