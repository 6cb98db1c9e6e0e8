#include "program/builder.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.hpp"
#include "checkpoint/rope_tables.hpp"
#include "program/match_pattern.hpp"
#include "program/operation_args.hpp"

namespace tenon {
ProgramBuilder::ProgramBuilder(const ModelConfig& config, std::string architecture,
                               int64_t max_position)
    : config_(config), max_position_(max_position) {
  program_.architecture = std::move(architecture);
  program_.values.emplace_back();
  program_.metadata.resize(metadata_count);
}

const char* ProgramBuilder::keep_text(std::string text) {
  return texts_.emplace_back(std::move(text)).c_str();
}

// --- names -------------------------------------------------------------------------------------

std::string ProgramBuilder::full_name(std::string_view name) const {
  std::string full;
  for (const std::string& scope : scopes_)
    full.append(scope).append(".");
  return full.append(name);
}

void ProgramBuilder::scope_enter(std::string_view name) {
  scopes_.emplace_back(name);
}

void ProgramBuilder::scope_leave() {
  if (scopes_.empty()) fail_input("scope_leave", "no scope is open");
  scopes_.pop_back();
}

void ProgramBuilder::prefetch_name(std::string_view group, std::string_view name,
                                   std::string_view pattern) {
  for (const PrefetchName& known : program_.prefetch_names) {
    if (known.group == group && known.name == name && known.pattern == pattern) {
      fail_input("prefetch_name",
                 fmt::format("'{}.{}' is registered twice for '{}'", group, name, pattern));
    }
  }
  program_.prefetch_names.push_back(
      {std::string(group), std::string(name), std::string(pattern), {}});
}

void ProgramBuilder::ignore_tensors(std::string_view pattern) {
  program_.ignored_tensors.emplace_back(pattern);
}

// --- values ------------------------------------------------------------------------------------

ValueId ProgramBuilder::add_value(Value v) {
  program_.values.push_back(std::move(v));
  return static_cast<ValueId>(program_.values.size() - 1);
}

const Value& ProgramBuilder::value(ValueId id, std::string_view where) const {
  if (id == 0 || id >= program_.values.size()) {
    fail_input(where, "not a value of this program",
               fmt::format("1 to {}", program_.values.size() - 1), std::to_string(id));
  }
  return program_.values[id];
}

const Value& ProgramBuilder::activation(ValueId id, size_t rank, std::string_view where) const {
  const Value& v = value(id, where);
  if (v.value_class != ValueClass::activation) {
    fail_input(where, fmt::format("'{}' cannot be an input of this op", v.name), "an activation",
               value_class_name(v.value_class));
  }
  if (rank != 0 && v.dims.size() + 1 != rank) {
    fail_input(where, fmt::format("'{}' has the wrong number of dimensions", v.name),
               std::to_string(rank),
               fmt::format("{} (trailing {})", v.dims.size() + 1, v.dims_text()));
  }
  return v;
}

void ProgramBuilder::expect_vector(ValueId id, int64_t size, std::string_view where) const {
  if (id == 0) return;
  const Value& v = value(id, where);
  if (v.value_class != ValueClass::weight || v.dims != std::vector<int64_t>{size}) {
    fail_input(where, fmt::format("'{}' does not fit", v.name),
               fmt::format("a weight of shape [{}]", size),
               fmt::format("{} {}", value_class_name(v.value_class), v.dims_text()));
  }
}

// An activation with the same leading dimension as `model`.
ValueId ProgramBuilder::like(std::string name, const Value& model, std::vector<int64_t> dims) {
  Value v;
  v.name = std::move(name);
  v.set_rows_of(model);
  v.dims = std::move(dims);
  return add_value(std::move(v));
}

ValueId ProgramBuilder::metadata(Metadata which) {
  ValueId& id = program_.metadata[static_cast<uint32_t>(which)];
  if (id != 0) return id;
  Value v;
  v.name = metadata_name(which);
  v.value_class = ValueClass::metadata;
  v.dtype = TN_DTYPE_I32;
  v.index = static_cast<uint32_t>(which);
  switch (which) {
    case Metadata::block_table:
    case Metadata::seq_lens:
      v.leading = Leading::sequences;
      break;
    case Metadata::query_start_loc:
      v.leading = Leading::sequence_bounds;
      break;
    case Metadata::logit_rows:
      v.leading = Leading::logit_rows;
      break;
    default:
      v.leading = Leading::tokens;
  }
  return id = add_value(std::move(v));
}

ValueId ProgramBuilder::weight(const tn_weight_desc& desc) {
  Value v;
  v.name = full_name(desc.name);
  v.value_class = ValueClass::weight;
  v.index = static_cast<uint32_t>(program_.weights.size());
  Weight weight;
  weight.columns = desc.columns;
  weight.shard = static_cast<tn_shard>(desc.shard);
  int64_t rows = 0;
  for (uint32_t i = 0; i < desc.part_count; ++i) {
    const tn_weight_part& part = desc.parts[i];
    if (part.rows <= 0 || part.rows > (int64_t{1} << 40)) {
      fail_input(v.name, "a weight's part has no sensible number of rows", "1 or more",
                 std::to_string(part.rows));
    }
    rows += part.rows;
    weight.parts.push_back(
        {full_name(part.name), part.alternative != nullptr ? part.alternative : "", part.rows});
  }
  if (rows == 0 || desc.columns < 0) fail_input(v.name, "a weight without rows");
  v.dims = desc.columns > 0 ? std::vector<int64_t>{rows, desc.columns} : std::vector<int64_t>{rows};
  if (desc.stack < 0 || (desc.stack > 0 && desc.columns == 0)) {
    fail_input(v.name, "a stack of something other than matrices");
  }
  if (desc.stack > 0) v.dims.insert(v.dims.begin(), desc.stack);
  weight.stack = desc.stack;
  if (desc.stacked_name != nullptr) weight.stacked_name = full_name(desc.stacked_name);
  weight.value = add_value(std::move(v));
  program_.weights.push_back(std::move(weight));
  return program_.weights.back().value;
}

std::pair<ValueId, ValueId> ProgramBuilder::rope_tables(const tn_rope_tables_desc& desc) {
  RopeParameters parameters = rope_parameters(config_);
  if (desc.theta > 0) parameters.theta = desc.theta;
  if (desc.unscaled != 0) parameters.type = RopeType::unscaled;
  if (desc.attention_factor > 0) parameters.attention_factor = desc.attention_factor;
  RopeTables tables = make_rope_tables(parameters, desc.rotary_dim, max_position_);
  const auto constant = [&](const char* name, std::vector<float> data) {
    Value v;
    v.name = full_name(fmt::format("{}{}", name, program_.constants.size() / 2));
    v.value_class = ValueClass::constant;
    v.dtype = TN_DTYPE_F32;
    v.dims = {max_position_, desc.rotary_dim / 2};
    v.index = static_cast<uint32_t>(program_.constants.size());
    const ValueId id = add_value(std::move(v));
    program_.constants.push_back({id, std::move(data)});
    return id;
  };
  const ValueId cosine = constant("rope_cosine_", std::move(tables.cos));
  return {cosine, constant("rope_sine_", std::move(tables.sin))};
}

void ProgramBuilder::split(ValueId input, std::span<const int64_t> sizes, std::span<ValueId> out) {
  const Value source = activation(input, 2, "split");
  int64_t column = source.column;
  int64_t left = source.dims[0];
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] <= 0 || sizes[i] > left) {
      fail_input("split",
                 fmt::format("the sizes do not add up to the columns of '{}'", source.name),
                 std::to_string(source.dims[0]), fmt::format("{}", fmt::join(sizes, " + ")));
    }
    Value view = source;
    view.name = fmt::format("{}[{}]", source.name, i);
    view.dims = {sizes[i]};
    view.base = program_.root(input);
    view.column = column;
    column += sizes[i];
    left -= sizes[i];
    out[i] = add_value(std::move(view));
  }
  if (left != 0) {
    fail_input("split", fmt::format("the sizes do not add up to the columns of '{}'", source.name),
               std::to_string(source.dims[0]), fmt::format("{}", fmt::join(sizes, " + ")));
  }
}

ValueId ProgramBuilder::reshape(ValueId input, std::span<const int64_t> trailing) {
  Value view = activation(input, 0, "reshape");
  const int64_t columns = view.columns();
  view.base = program_.root(input);
  view.dims.assign(trailing.begin(), trailing.end());
  if (view.columns() != columns || trailing.empty() || trailing.size() > 4 ||
      std::ranges::any_of(trailing, [](int64_t d) { return d <= 0; })) {
    fail_input("reshape", fmt::format("'{}' does not fit the new shape", view.name),
               fmt::format("{} elements a row", columns), view.dims_text());
  }
  return add_value(std::move(view));
}

Program ProgramBuilder::finish() {
  if (program_.logits == 0) {
    fail_input(program_.architecture, "the model definition declared no output");
  }
  if (!scopes_.empty()) {
    fail_input(program_.architecture, "the model definition left a scope open", "", scopes_.back());
  }
  for (PrefetchName& registered : program_.prefetch_names) {
    for (size_t i = 0; i < program_.operations.size(); ++i) {
      const Operation& operation = program_.operations[i];
      const bool has_weight = operation.op == TN_OP_linear || operation.op == TN_OP_grouped_matmul;
      if (has_weight && matches_pattern(registered.pattern, operation.name)) {
        registered.linears.push_back(i);
        PrefetchName::Before& before = registered.before.emplace_back();
        if (i > 0) before = {program_.operations[i - 1].op, program_.operations[i - 1].name};
      }
    }
    if (registered.linears.empty()) {
      fail_input(program_.architecture,
                 fmt::format("prefetch name '{}.{}' matches no linear or block of experts",
                             registered.group, registered.name),
                 "a layer named like '" + registered.pattern + "'", "none");
    }
  }
  return std::move(program_);
}

}  // namespace tenon
