// The op half of ProgramBuilder: shapes checked, operations appended.
#include <fmt/format.h>

#include "base/error.hpp"
#include "program/builder.hpp"
#include "program/operation_args.hpp"

namespace tenon {

ValueId ProgramBuilder::embedding(std::string_view name, ValueId table, ValueId ids) {
  const std::string where = full_name(name);
  const Value& weights = value(table, where);
  if (weights.value_class != ValueClass::weight || weights.dims.size() != 2) {
    fail_input(where, "the table must be a weight [vocabulary, width]", "", weights.dims_text());
  }
  if (ids != metadata(Metadata::token_ids)) fail_input(where, "the ids must be token_ids");
  const int64_t width = program_.values[table].dims[1];
  const Value model = program_.values[ids];
  const ValueId out = like(where, model, {width});
  program_.operations.push_back(make_operation(
      where, tn_embedding_args{},
      {TENON_OPERAND(embedding, table, table), TENON_OPERAND(embedding, token_ids, ids),
       TENON_OPERAND(embedding, output, out)}));
  return out;
}

ValueId ProgramBuilder::linear(const tn_linear_desc& desc) {
  const std::string where = full_name(desc.name);
  const Value input = activation(desc.input, 2, where);
  const Value& weight = value(desc.weight, where);
  if (weight.value_class != ValueClass::weight || weight.dims.size() != 2 ||
      weight.dims[1] != input.dims[0]) {
    fail_input(where, fmt::format("weight '{}' does not fit the input", weight.name),
               fmt::format("a weight [out, {}]", input.dims[0]), weight.dims_text());
  }
  const int64_t rows = weight.dims[0];
  expect_vector(desc.bias, rows, where);
  const ValueId out = like(where, input, {rows});
  program_.operations.push_back(make_operation(
      where, tn_linear_args{},
      {TENON_OPERAND(linear, input, desc.input), TENON_OPERAND(linear, weight, desc.weight),
       TENON_OPERAND(linear, bias, desc.bias), TENON_OPERAND(linear, output, out)}));
  return out;
}

ValueId ProgramBuilder::rms_norm(const tn_rms_norm_desc& desc) {
  const std::string where = full_name(desc.name);
  const Value input = activation(desc.input, 0, where);
  expect_vector(desc.weight, input.dims.back(), where);
  expect_vector(desc.bias, input.dims.back(), where);
  tn_rms_norm_args args{};
  args.epsilon = desc.epsilon;
  const ValueId out = like(where, input, input.dims);
  program_.operations.push_back(make_operation(
      where, args,
      {TENON_OPERAND(rms_norm, input, desc.input), TENON_OPERAND(rms_norm, weight, desc.weight),
       TENON_OPERAND(rms_norm, bias, desc.bias), TENON_OPERAND(rms_norm, output, out)}));
  return out;
}

ValueId ProgramBuilder::rope(const tn_rope_desc& desc) {
  const std::string where = full_name(desc.name);
  const Value input = activation(desc.input, 3, where);
  for (const ValueId table : {desc.cosine, desc.sine}) {
    const Value& v = value(table, where);
    if (v.value_class != ValueClass::constant || v.dims[1] * 2 != desc.rotary_dim) {
      fail_input(where, fmt::format("'{}' is no rope table of this width", v.name),
                 fmt::format("[positions, {}]", desc.rotary_dim / 2), v.dims_text());
    }
  }
  if (desc.first_channel < 0 || desc.first_channel + desc.rotary_dim > input.dims[1]) {
    fail_input(where, "the rotated channels do not fit the head",
               fmt::format("0 to {}", input.dims[1]),
               fmt::format("{} to {}", desc.first_channel, desc.first_channel + desc.rotary_dim));
  }
  tn_rope_args args{};
  args.rotary_dim = static_cast<int32_t>(desc.rotary_dim);
  args.first_channel = static_cast<int32_t>(desc.first_channel);
  args.pairing = desc.interleaved != 0 ? TN_ROPE_INTERLEAVED : TN_ROPE_HALF_SPLIT;
  args.inverse = desc.inverse != 0 ? 1 : 0;
  const ValueId positions = metadata(Metadata::positions);
  const ValueId out = like(where, input, input.dims);
  program_.operations.push_back(make_operation(
      where, args,
      {TENON_OPERAND(rope, input, desc.input), TENON_OPERAND(rope, cosine, desc.cosine),
       TENON_OPERAND(rope, sine, desc.sine), TENON_OPERAND(rope, positions, positions),
       TENON_OPERAND(rope, output, out)}));
  return out;
}

ValueId ProgramBuilder::cache(std::string name, int64_t kv_heads, int64_t head_dim) {
  Value v;
  v.name = std::move(name);
  v.value_class = ValueClass::state;
  v.leading = Leading::cache_blocks;
  v.dims = {kv_heads, head_dim};
  v.index = static_cast<uint32_t>(program_.states.size());
  const ValueId id = add_value(std::move(v));
  program_.states.push_back({id, kv_heads, head_dim});
  return id;
}

ValueId ProgramBuilder::attention(const tn_attention_desc& desc) {
  const std::string where = full_name(desc.name);
  const Value query = activation(desc.query, 3, where);
  const Value key = activation(desc.key, 3, where);
  const int64_t heads = query.dims[0];
  const int64_t kv_heads = key.dims[0];
  if (key.dims[1] != query.dims[1] || heads % kv_heads != 0) {
    fail_input(where, "query and key do not fit", query.dims_text(), key.dims_text());
  }
  int64_t value_dim = desc.value_dim > 0 ? desc.value_dim : key.dims[1];
  if (desc.value != 0) {
    const Value& v = activation(desc.value, 3, where);
    if (v.dims[0] != kv_heads)
      fail_input(where, "key and value do not fit", key.dims_text(), v.dims_text());
    value_dim = v.dims[1];
  } else if (value_dim > key.dims[1]) {
    fail_input(where, "value_dim is wider than the key", std::to_string(key.dims[1]),
               std::to_string(value_dim));
  }
  if (desc.sliding_window < 0 || desc.sliding_window > INT32_MAX) {
    fail_input(where, "no such sliding window", "0 to 2147483647",
               std::to_string(desc.sliding_window));
  }
  expect_vector(desc.sinks, heads, where);

  const ValueId key_cache = cache(where + ".key_cache", kv_heads, key.dims[1]);
  const ValueId value_cache =
      desc.value != 0 ? cache(where + ".value_cache", kv_heads, value_dim) : 0;
  program_.operations.push_back(make_operation(
      where + ".kv_write", tn_kv_write_args{},
      {TENON_OPERAND(kv_write, key, desc.key), TENON_OPERAND(kv_write, value, desc.value),
       TENON_OPERAND(kv_write, slot_mapping, metadata(Metadata::slot_mapping)),
       TENON_OPERAND(kv_write, key_cache, key_cache),
       TENON_OPERAND(kv_write, value_cache, value_cache)}));

  tn_paged_attention_args args{};
  args.value_dim = static_cast<int32_t>(value_dim);
  args.sliding_window = static_cast<int32_t>(desc.sliding_window);
  args.causal = 1;
  args.scale = desc.scale;
  const ValueId out = like(where, query, {heads, value_dim});
  program_.operations.push_back(make_operation(
      where, args,
      {TENON_OPERAND(paged_attention, query, desc.query),
       TENON_OPERAND(paged_attention, key_cache, key_cache),
       TENON_OPERAND(paged_attention, value_cache, value_cache),
       TENON_OPERAND(paged_attention, block_table, metadata(Metadata::block_table)),
       TENON_OPERAND(paged_attention, query_start_loc, metadata(Metadata::query_start_loc)),
       TENON_OPERAND(paged_attention, seq_lens, metadata(Metadata::seq_lens)),
       TENON_OPERAND(paged_attention, sinks, desc.sinks),
       TENON_OPERAND(paged_attention, output, out)}));
  return out;
}

ValueId ProgramBuilder::swiglu(const tn_swiglu_desc& desc) {
  const std::string where = full_name(desc.name);
  const Value gate = activation(desc.gate, 2, where);
  const Value& up = activation(desc.up, 2, where);
  if (gate.dims != up.dims)
    fail_input(where, "gate and up differ", gate.dims_text(), up.dims_text());
  tn_swiglu_args args{};
  args.gate_limit = desc.gate_limit;
  args.up_limit = desc.up_limit;
  const ValueId out = like(where, gate, gate.dims);
  program_.operations.push_back(
      make_operation(where, args,
                     {TENON_OPERAND(swiglu, gate, desc.gate), TENON_OPERAND(swiglu, up, desc.up),
                      TENON_OPERAND(swiglu, output, out)}));
  return out;
}

void ProgramBuilder::check_elementwise(std::string_view where, ValueId a, ValueId b) const {
  const Value& left = activation(a, 0, where);
  const Value& right = activation(b, 0, where);
  if (left.dims != right.dims || !left.has_rows_of(right)) {
    fail_input(where, "the operands differ in shape", left.dims_text(), right.dims_text());
  }
}

ValueId ProgramBuilder::add(std::string_view name, ValueId a, ValueId b) {
  const std::string where = full_name(name);
  check_elementwise(where, a, b);
  const Value model = program_.values[a];
  const ValueId out = like(where, model, model.dims);
  program_.operations.push_back(make_operation(
      where, tn_add_args{},
      {TENON_OPERAND(add, a, a), TENON_OPERAND(add, b, b), TENON_OPERAND(add, output, out)}));
  return out;
}

ValueId ProgramBuilder::mul(std::string_view name, ValueId a, ValueId b) {
  const std::string where = full_name(name);
  check_elementwise(where, a, b);
  const Value model = program_.values[a];
  const ValueId out = like(where, model, model.dims);
  program_.operations.push_back(make_operation(
      where, tn_mul_args{},
      {TENON_OPERAND(mul, a, a), TENON_OPERAND(mul, b, b), TENON_OPERAND(mul, output, out)}));
  return out;
}

ValueId ProgramBuilder::scale(std::string_view name, ValueId input, float factor) {
  const std::string where = full_name(name);
  const Value model = activation(input, 0, where);
  tn_scale_args args{};
  args.factor = factor;
  const ValueId out = like(where, model, model.dims);
  program_.operations.push_back(make_operation(
      where, args, {TENON_OPERAND(scale, input, input), TENON_OPERAND(scale, output, out)}));
  return out;
}

ValueId ProgramBuilder::output_rows(ValueId input) {
  const Value source = activation(input, 2, "output_rows");
  if (source.leading != Leading::tokens || source.leading_times != 1) {
    fail_input("output_rows", fmt::format("'{}' has no row for each token", source.name));
  }
  const ValueId rows = metadata(Metadata::logit_rows);
  const Value model = program_.values[rows];
  const ValueId out = like("output_rows", model, source.dims);
  program_.operations.push_back(make_operation(
      "output_rows", tn_gather_rows_args{},
      {TENON_OPERAND(gather_rows, input, input), TENON_OPERAND(gather_rows, index, rows),
       TENON_OPERAND(gather_rows, output, out)}));
  return out;
}

void ProgramBuilder::output(ValueId logits) {
  const Value found = activation(logits, 2, "output");
  if (program_.logits != 0) fail_input("output", "the program has its output already");
  if (found.leading != Leading::logit_rows) {
    fail_input("output", fmt::format("'{}' does not come from output_rows", found.name));
  }
  program_.values[logits].value_class = ValueClass::output;
  program_.logits = logits;
  program_.vocabulary = found.dims[0];

  Value tokens;
  tokens.name = "next_tokens";
  tokens.value_class = ValueClass::output;
  tokens.dtype = TN_DTYPE_I32;
  tokens.leading = Leading::logit_rows;
  program_.next_tokens = add_value(std::move(tokens));
  program_.operations.push_back(make_operation(
      "next_tokens", tn_argmax_args{},
      {TENON_OPERAND(argmax, input, logits), TENON_OPERAND(argmax, output, program_.next_tokens)}));
}

}  // namespace tenon
