// Linears: by rows of the weight, without a collective, or by its columns, with the sum over the
// ranks after it; and the head, whose rows are the vocabulary.
#include <fmt/format.h>

#include "base/error.hpp"
#include "parallel/sharder.hpp"
#include "parallel/weight_cut.hpp"
#include "program/operation_args.hpp"

namespace tenon {
namespace {

constexpr size_t input_offset = offsetof(tn_linear_args, input);
constexpr size_t weight_offset = offsetof(tn_linear_args, weight);
constexpr size_t bias_offset = offsetof(tn_linear_args, bias);
constexpr size_t scale_offset = offsetof(tn_linear_args, weight_scale);
constexpr size_t quant_bias_offset = offsetof(tn_linear_args, quant_bias);
constexpr size_t output_offset = offsetof(tn_linear_args, output);

}  // namespace

void Sharder::linear(Operation operation) {
  if (layout_.tensor > 1) {
    untie_head(operation);
    const ValueId weight = operation.operand(weight_offset);
    switch (out_.weights[out_.values[weight].index].shard) {
      case TN_SHARD_ROWS:
        return rows_linear(std::move(operation));
      case TN_SHARD_COLUMNS:
        return columns_linear(std::move(operation));
      default:
        break;
    }
  }
  pass_on(std::move(operation));
}

// A head that shares its matrix with the embedding, which every rank needs all of: the head gets
// one of its own, so that it reads no more than its share of the vocabulary.
void Sharder::untie_head(Operation& operation) {
  const ValueId weight = operation.operand(weight_offset);
  if (operation.operand(output_offset) != whole_.logits || !embedded_.contains(weight)) return;
  const ValueId own = copy_weight(out_, weight, operation.name + ".weight");
  out_.weights[out_.values[own].index].shard = TN_SHARD_ROWS;
  set_operand(operation, weight_offset, own);
}

// Of `rows` rows that are `heads` heads (0: none). Heads of keys and values that are fewer than the
// ranks are replicated: consecutive ranks have the same one.
WeightShare::Range Sharder::part_range(const std::string& part, int64_t rows, int64_t heads) const {
  const int64_t ranks = layout_.tensor;
  const int64_t units = heads > 0 ? heads : rows;
  if (units % ranks == 0) return {position_ * (rows / ranks), rows / ranks};
  if (heads > 0 && ranks % heads == 0) {
    const int64_t head = position_ / (ranks / heads);
    return {head * (rows / heads), rows / heads};
  }
  refuse_tensor(fmt::format("the {} {} of '{}' do not divide over the cards", units,
                            heads > 0 ? "heads" : "rows", part),
                fmt::format("a divisor of {}{}", units,
                            are_shared_keys(heads) ? ", or a multiple of it" : ""));
}

ColumnSplit Sharder::cut_rows_of(const Operation& operation, ValueId weight, ValueId output) {
  std::vector<WeightShare::Range> ranges;
  std::vector<ColumnSegment> segments;
  int64_t column = 0;
  for (const WeightPart& part : out_.weights[out_.values[weight].index].parts) {
    const int64_t heads = heads_in(output, column, part.rows);
    const WeightShare::Range range = part_range(part.name, part.rows, heads);
    ranges.push_back(range);
    segments.push_back(
        {part.rows, range.first, range.count, range.count * layout_.tensor != part.rows});
    column += part.rows;
  }
  if (column != whole_.values[output].columns()) {
    fail_input(
        "parallel",
        fmt::format("the parts of the weight of '{}' do not make up its rows", operation.name),
        std::to_string(whole_.values[output].columns()), std::to_string(column));
  }
  cut_rows(out_, weight, ranges);
  return ColumnSplit(std::move(segments));
}

// Scales and biases of rows go where the rows go.
void Sharder::cut_with_rows(const Operation& operation, ValueId weight,
                            std::initializer_list<size_t> vectors) {
  for (const size_t offset : vectors) {
    const ValueId vector = operation.operand(offset);
    if (vector == 0) continue;
    cut_rows(out_, vector, out_.weights[out_.values[weight].index].share.part_rows);
  }
}

void Sharder::rows_linear(Operation operation) {
  const ValueId weight = operation.operand(weight_offset);
  const ValueId output = operation.operand(output_offset);
  require_whole(operation, input_offset);
  const ColumnSplit split = cut_rows_of(operation, weight, output);
  cut_with_rows(operation, weight, {bias_offset, scale_offset, quant_bias_offset});
  if (output != whole_.logits) {
    set_split(output, split);
    return append(std::move(operation));
  }
  Value local = out_.values[output];
  local.name += ".part";
  local.value_class = ValueClass::activation;
  local.dims = {split.kept()};
  const ValueId part = add_value(std::move(local));
  const std::string name = operation.name;
  set_operand(operation, output_offset, part);
  append(std::move(operation));
  gather_head(name, part, split);
}

// all_gather lays the ranks' parts of the vocabulary down one after the other, each with all rows;
// the logits have one row after the other.
void Sharder::gather_head(const std::string& name, ValueId part, const ColumnSplit& split) {
  const int64_t ranks = layout_.tensor;
  Value all = out_.values[part];
  all.name = out_.values[whole_.logits].name + ".gathered";
  all.leading_times *= ranks;
  const ValueId gathered = add_value(std::move(all));
  tn_all_gather_args args{};
  args.world_size = static_cast<uint32_t>(ranks);
  Operation gather = make_operation(
      name + ".all_gather", args,
      {TENON_OPERAND(all_gather, input, part), TENON_OPERAND(all_gather, output, gathered)});
  gather.group = RankGroup::tensor;
  append(std::move(gather));

  const ValueId from = add_view(gathered);
  Value& rows = out_.values[from];
  rows.set_rows_of(out_.values[part]);
  rows.dims = {ranks, split.kept()};
  rows.gathers_rows = true;
  const ValueId to = add_view(whole_.logits);
  out_.values[to].dims = {ranks, split.kept()};
  append(make_operation(
      name + ".interleave", tn_copy_cast_args{},
      {TENON_OPERAND(copy_cast, input, from), TENON_OPERAND(copy_cast, output, to)}));
}

// The columns of the weight that belong to the rank's columns of the input.
WeightShare::Range Sharder::columns_of_input(const Operation& operation, size_t input) const {
  const ColumnSplit split = split_of(operation.operand(input));
  if (split.segments().size() != 1 || split.replicated()) {
    refuse_tensor(
        fmt::format("'{}' reads columns that are not one part of each card", operation.name), "1");
  }
  const ColumnSegment& segment = split.segments()[0];
  return {segment.first, segment.kept};
}

void Sharder::columns_linear(Operation operation) {
  const ValueId weight = operation.operand(weight_offset);
  const ValueId input = operation.operand(input_offset);
  if (form(input) == RankForm::whole) {
    const int64_t columns = out_.values[input].columns();
    const WeightShare::Range range = part_range(out_.values[weight].name, columns, 0);
    const ValueId part = add_view(input);
    out_.values[part].column += range.first;
    out_.values[part].dims = {range.count};
    set_operand(operation, input_offset, part);
    cut_columns(out_, weight, range);
  } else {
    cut_columns(out_, weight, columns_of_input(operation, input_offset));
  }
  // The sum over the ranks has them once.
  if (position_ != 0) {
    set_operand(operation, bias_offset, 0);
    set_operand(operation, quant_bias_offset, 0);
  }
  const ValueId output = operation.operand(output_offset);
  const std::string name = operation.name;
  append(std::move(operation));
  all_reduce(name, output);
}

}  // namespace tenon
