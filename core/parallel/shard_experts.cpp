// Experts that no rank has alone (each holds a part of all of them) or that all ranks share out:
// then rows travel to the experts and back.
#include <fmt/format.h>

#include "parallel/sharder.hpp"
#include "parallel/weight_cut.hpp"
#include "program/operation_args.hpp"

namespace tenon {
namespace {

constexpr size_t grouped_input_offset = offsetof(tn_grouped_matmul_args, input);
constexpr size_t grouped_weight_offset = offsetof(tn_grouped_matmul_args, weight);
constexpr size_t list_offset = offsetof(tn_grouped_matmul_args, group_list);
constexpr size_t row_scale_offset = offsetof(tn_grouped_matmul_args, row_scale);
constexpr size_t grouped_output_offset = offsetof(tn_grouped_matmul_args, output);
constexpr std::initializer_list<size_t> vector_offsets = {
    offsetof(tn_grouped_matmul_args, weight_scale), offsetof(tn_grouped_matmul_args, quant_bias),
    offsetof(tn_grouped_matmul_args, bias)};

std::string scope_of(const std::string& name) {
  return name.substr(0, name.rfind('.'));
}

}  // namespace

// --- tokens shared out -------------------------------------------------------------------------

// The rows of this rank's share of a value that every rank of the replica has.
void Sharder::keep_share(Value& value) const {
  value.leading_divisor = layout_.tensor;
  value.leading_share = position_;
}

ValueId Sharder::share_of_rows(ValueId value) {
  if (layout_.tensor == 1 || value == 0) return value;
  const ValueId view = add_view(value);
  keep_share(out_.values[view]);
  return view;
}

void Sharder::moe_gate(Operation operation) {
  if (layout_.expert == 1) return pass_on(std::move(operation));
  const auto share = [&](size_t offset) {
    require_whole(operation, offset);
    set_operand(operation, offset, share_of_rows(operation.operand(offset)));
  };
  share(offsetof(tn_moe_gate_args, logits));
  share(offsetof(tn_moe_gate_args, token_ids));
  for (const size_t offset :
       {offsetof(tn_moe_gate_args, expert_ids), offsetof(tn_moe_gate_args, expert_weights)}) {
    const ValueId output = operation.operand(offset);
    keep_share(out_.values[output]);
    set_form(output, RankForm::share);
  }
  append(std::move(operation));
}

void Sharder::moe_permute(Operation operation) {
  if (layout_.expert == 1) return pass_on(std::move(operation));
  make_route(operation);
  const size_t input = offsetof(tn_moe_permute_args, input);
  require_whole(operation, input);
  set_operand(operation, input, share_of_rows(operation.operand(input)));
  for (const size_t offset :
       {offsetof(tn_moe_permute_args, output), offsetof(tn_moe_permute_args, row_map)}) {
    const ValueId output = operation.operand(offset);
    keep_share(out_.values[output]);
    set_form(output, RankForm::share);
  }
  append(std::move(operation));
}

// --- a part of every expert on each rank -------------------------------------------------------

void Sharder::grouped_matmul(Operation operation) {
  if (layout_.expert > 1) return routed_grouped_matmul(std::move(operation));
  if (layout_.tensor > 1) return split_grouped_matmul(std::move(operation));
  append(std::move(operation));
}

// The first matmul of an expert is divided by rows, the second, which reads what the first left
// divided, by columns; the ranks' summands meet after the rows went back to their tokens.
void Sharder::split_grouped_matmul(Operation operation) {
  const ValueId weight = operation.operand(grouped_weight_offset);
  const ValueId output = operation.operand(grouped_output_offset);
  const RankForm input = form(operation.operand(grouped_input_offset));
  if (input == RankForm::split) {
    cut_columns(out_, weight, columns_of_input(operation, grouped_input_offset));
    set_form(output, RankForm::partial);
    if (position_ != 0) {
      set_operand(operation, offsetof(tn_grouped_matmul_args, bias), 0);
      set_operand(operation, offsetof(tn_grouped_matmul_args, quant_bias), 0);
    }
  } else {
    require_whole(operation, grouped_input_offset);
    const ColumnSplit split = cut_rows_of(operation, weight, output);
    cut_with_rows(operation, weight, vector_offsets);
    set_split(output, split);
  }
  append(std::move(operation));
}

// --- rows that travel --------------------------------------------------------------------------

Sharder::Route& Sharder::make_route(const Operation& permute) {
  const ValueId all_sizes = permute.operand(offsetof(tn_moe_permute_args, group_sizes));
  const ValueId rows = permute.operand(offsetof(tn_moe_permute_args, output));
  const int64_t experts = whole_.values[all_sizes].dims[0];
  const int64_t ranks = layout_.ranks();
  Route& route = routes_[all_sizes];
  route.scope = scope_of(permute.name);
  if (experts % ranks != 0) {
    throw LayoutError(
        {"parallel.expert",
         fmt::format("the {} experts of '{}' do not divide over the cards", experts, route.scope),
         fmt::format("a divisor of {}", experts), std::to_string(ranks)});
  }
  route.choices = whole_.values[rows].leading_times;
  route_of_map_[permute.operand(offsetof(tn_moe_permute_args, row_map))] = all_sizes;
  const auto numbers = [&](const char* name, int64_t count) {
    Value value;
    value.name = fmt::format("{}.{}", route.scope, name);
    value.dtype = TN_DTYPE_I32;
    value.dims = {count};
    value.comes_with_rows = true;
    return add_value(std::move(value));
  };
  route.sizes = numbers("arrived_group_sizes", experts / ranks);
  route.sent = numbers("sent_rows", ranks);
  route.received = numbers("received_rows", ranks);
  return route;
}

// A value with a row for each one that arrives: of an even routing the ranks' shares of all rows,
// which is what one replica's share of its own would be; of any routing at most all of them.
ValueId Sharder::arriving(Route& route, ValueId sent, const std::string& name) {
  Value value = out_.values[sent];
  value.name = name;
  value.leading_divisor = 1;
  value.leading_share = 0;
  value.leading_times = settings_.any_routing ? route.choices * layout_.data : route.choices;
  value.leading_spread = settings_.any_routing ? 1 : layout_.tensor;
  const ValueId id = add_value(std::move(value));
  set_form(id, RankForm::arrived);
  route.arrivals[sent] = id;
  return id;
}

void Sharder::exchange(const Route& route, const char* name, ValueId from, ValueId to, bool back) {
  tn_all_to_all_v_args args{};
  args.world_size = static_cast<uint32_t>(layout_.ranks());
  Operation operation = make_operation(
      fmt::format("{}.{}", route.scope, name), args,
      {TENON_OPERAND(all_to_all_v, input, from),
       TENON_OPERAND(all_to_all_v, send_counts, back ? route.received : route.sent),
       TENON_OPERAND(all_to_all_v, receive_counts, back ? route.sent : route.received),
       TENON_OPERAND(all_to_all_v, output, to)});
  operation.group = RankGroup::all;
  append(std::move(operation));
}

// Ranks take part in a collective with the same shapes, and the last shares are smaller: a share
// becomes the first rows of a value as large as the first rank's.
ValueId Sharder::padded_share(ValueId share) {
  if (position_ == 0) return share;
  Value value = out_.values[share];
  value.name += ".padded";
  value.leading_share = 0;
  const ValueId padded = add_value(std::move(value));
  set_form(padded, form(share));
  out_.values[share].base = padded;
  for (const ValueId view : share < views_.size() ? views_[share] : std::vector<ValueId>())
    out_.values[view].base = padded;
  return padded;
}

ValueId Sharder::dispatch(Route& route, ValueId rows) {
  if (const auto known = route.arrivals.find(rows); known != route.arrivals.end())
    return known->second;
  const ValueId arrived = arriving(route, rows, route.scope + ".arrived_rows");
  exchange(route, "dispatch", padded_share(rows), arrived, false);
  return arrived;
}

void Sharder::routed_grouped_matmul(Operation operation) {
  const ValueId all_sizes = operation.operand(list_offset);
  if (!routes_.contains(all_sizes)) {
    throw LayoutError(
        {"parallel.expert",
         fmt::format("the rows of '{}' do not come from a permutation", operation.name), "1",
         std::to_string(layout_.expert)});
  }
  Route& route = routes_.at(all_sizes);
  const ValueId input = operation.operand(grouped_input_offset);
  if (form(input) == RankForm::share) {
    set_operand(operation, grouped_input_offset, dispatch(route, input));
    const ValueId scale = operation.operand(row_scale_offset);
    if (scale != 0) {
      const auto known = route.arrivals.find(scale);
      const ValueId arrived = known != route.arrivals.end()
                                  ? known->second
                                  : arriving(route, scale, route.scope + ".arrived_row_scale");
      out_.values[arrived].comes_with_rows = true;
      set_operand(operation, row_scale_offset, arrived);
    }
  }
  set_operand(operation, list_offset, route.sizes);

  const int64_t experts = whole_.values[all_sizes].dims[0] / layout_.ranks();
  const WeightShare::Range own = {settings_.rank * experts, experts};
  cut_stack(out_, operation.operand(grouped_weight_offset), own);
  for (const size_t offset : vector_offsets) {
    const ValueId vector = operation.operand(offset);
    if (vector != 0) cut_stack(out_, vector, own);
  }
  const ValueId output = operation.operand(grouped_output_offset);
  out_.values[output].set_rows_of(out_.values[operation.operand(grouped_input_offset)]);
  set_form(output, RankForm::arrived);
  append(std::move(operation));
}

void Sharder::moe_unpermute(Operation operation) {
  const ValueId input = operation.operand(offsetof(tn_moe_unpermute_args, input));
  if (form(input) == RankForm::arrived) return combine(std::move(operation));
  if (form(input) != RankForm::partial) return pass_on(std::move(operation));
  if (operation.operand(offsetof(tn_moe_unpermute_args, residual)) != 0) {
    refuse_tensor(fmt::format("'{}' would add its residual on every card", operation.name), "1");
  }
  const ValueId output = operation.operand(offsetof(tn_moe_unpermute_args, output));
  const std::string name = operation.name;
  append(std::move(operation));
  all_reduce(name, output);
}

// The results go back to the ranks that sent the rows, each of which sums those of its share of the
// tokens; the ranks of a replica then bring their shares together.
void Sharder::combine(Operation operation) {
  const size_t input_at = offsetof(tn_moe_unpermute_args, input);
  const size_t output_at = offsetof(tn_moe_unpermute_args, output);
  const size_t residual_at = offsetof(tn_moe_unpermute_args, residual);
  const ValueId map = operation.operand(offsetof(tn_moe_unpermute_args, row_map));
  Route& route = routes_.at(route_of_map_.at(map));
  const ValueId results = operation.operand(input_at);

  Value value = out_.values[results];
  value.name = route.scope + ".returned_rows";
  value.set_rows_of(out_.values[map]);
  value.leading_share = 0;
  value.leading_times = route.choices;
  const ValueId returned = add_value(std::move(value));
  exchange(route, "combine", results, returned, true);
  set_operand(operation, input_at, returned);
  set_operand(operation, residual_at, share_of_rows(operation.operand(residual_at)));
  if (layout_.tensor == 1) return append(std::move(operation));

  const ValueId output = operation.operand(output_at);
  Value value_of_share = out_.values[output];
  value_of_share.name += ".share";
  keep_share(value_of_share);
  const ValueId share = add_value(std::move(value_of_share));
  set_operand(operation, output_at, share);
  append(std::move(operation));
  gather_shares(route, padded_share(share), output);
}

// Shares are padded to the same size, so what comes together may have a few rows more than there
// are tokens: who reads it takes the first ones.
void Sharder::gather_shares(const Route& route, ValueId padded, ValueId output) {
  Value all = out_.values[padded];
  all.name = out_.values[output].name + ".gathered";
  all.leading_times *= layout_.tensor;
  const ValueId gathered = add_value(std::move(all));
  tn_all_gather_args args{};
  args.world_size = static_cast<uint32_t>(layout_.tensor);
  Operation gather = make_operation(
      route.scope + ".all_gather", args,
      {TENON_OPERAND(all_gather, input, padded), TENON_OPERAND(all_gather, output, gathered)});
  gather.group = RankGroup::tensor;
  append(std::move(gather));
  out_.values[output].base = gathered;
  for (const ValueId view : views_[output])
    out_.values[view].base = gathered;
}

}  // namespace tenon
