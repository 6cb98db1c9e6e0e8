#include "parallel_programs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "device/op_table.hpp"
#include "program/builder.hpp"

namespace tenon {
namespace {

struct Part {
  const char* name;
  int64_t rows;
};

ValueId declare(ProgramBuilder& builder, const char* name, const std::vector<Part>& parts,
                int64_t columns, tn_shard shard, int64_t stack = 0) {
  std::vector<tn_weight_part> described;
  described.reserve(parts.size());
  for (const Part& part : parts)
    described.push_back({part.name, nullptr, part.rows});
  tn_weight_desc desc{};
  desc.struct_size = sizeof desc;
  desc.part_count = static_cast<uint32_t>(described.size());
  desc.name = name;
  desc.parts = described.data();
  desc.columns = columns;
  desc.shard = shard;
  desc.stack = stack;
  return builder.weight(desc);
}

ValueId linear(ProgramBuilder& builder, const char* name, ValueId input, ValueId weight,
               ValueId bias = 0) {
  tn_linear_desc desc{};
  desc.struct_size = sizeof desc;
  desc.name = name;
  desc.input = input;
  desc.weight = weight;
  desc.bias = bias;
  return builder.linear(desc);
}

ValueId norm(ProgramBuilder& builder, const char* name, ValueId input, int64_t size) {
  tn_rms_norm_desc desc{};
  desc.struct_size = sizeof desc;
  desc.epsilon = 1e-5F;
  desc.name = name;
  desc.input = input;
  const std::string weight = std::string(name) + ".weight";
  desc.weight = declare(builder, weight.c_str(), {{weight.c_str(), size}}, 0, TN_SHARD_NONE);
  return builder.rms_norm(desc);
}

ValueId reshape(ProgramBuilder& builder, ValueId input, std::vector<int64_t> dims) {
  return builder.reshape(input, dims);
}

ValueId attention(ProgramBuilder& builder, const TinyShape& shape, ValueId x) {
  const int64_t query = shape.heads * tiny_head_dim;
  const int64_t key = shape.kv_heads * tiny_head_dim;
  const std::vector<Part> parts = {{"a", query}, {"b", key}, {"c", key}};
  const ValueId packed =
      linear(builder, "abc", x, declare(builder, "abc.weight", parts, tiny_width, TN_SHARD_ROWS),
             declare(builder, "abc.bias", parts, 0, TN_SHARD_ROWS));
  std::vector<ValueId> views(3);
  builder.split(packed, std::vector<int64_t>{query, key, key}, views);
  tn_attention_desc desc{};
  desc.struct_size = sizeof desc;
  desc.scale = 0.5F;
  desc.name = "look";
  desc.query = norm(builder, "a_norm", reshape(builder, views[0], {shape.heads, tiny_head_dim}),
                    tiny_head_dim);
  desc.key = reshape(builder, views[1], {shape.kv_heads, tiny_head_dim});
  desc.value = reshape(builder, views[2], {shape.kv_heads, tiny_head_dim});
  const ValueId seen = reshape(builder, builder.attention(desc), {query});
  return linear(builder, "out", seen,
                declare(builder, "out.weight", {{"out", tiny_width}}, query, TN_SHARD_COLUMNS),
                declare(builder, "out.bias", {{"out.bias", tiny_width}}, 0, TN_SHARD_NONE));
}

ValueId gated(ProgramBuilder& builder, const TinyShape& shape, ValueId x) {
  const int64_t size = shape.intermediate;
  const ValueId packed = linear(
      builder, "wide", x,
      declare(builder, "wide.weight", {{"g", size}, {"u", size}}, tiny_width, TN_SHARD_ROWS));
  std::vector<ValueId> halves(2);
  builder.split(packed, std::vector<int64_t>{size, size}, halves);
  tn_swiglu_desc desc{};
  desc.struct_size = sizeof desc;
  desc.name = "gated";
  desc.gate = halves[0];
  desc.up = halves[1];
  return linear(
      builder, "narrow", builder.swiglu(desc),
      declare(builder, "narrow.weight", {{"narrow", tiny_width}}, size, TN_SHARD_COLUMNS));
}

ValueId experts(ProgramBuilder& builder, const TinyShape& shape, ValueId x) {
  const int64_t size = shape.intermediate;
  tn_moe_desc desc{};
  desc.struct_size = sizeof desc;
  desc.name = "many";
  desc.input = x;
  desc.logits = linear(
      builder, "router", x,
      declare(builder, "router.weight", {{"router", shape.experts}}, tiny_width, TN_SHARD_NONE));
  desc.gate_up = declare(builder, "many.wide", {{"many.*.g", size}, {"many.*.u", size}}, tiny_width,
                         TN_SHARD_STACK, shape.experts);
  desc.down = declare(builder, "many.narrow", {{"many.*.n", tiny_width}}, size, TN_SHARD_STACK,
                      shape.experts);
  desc.top_k = tiny_choices;
  desc.scale = 1;
  return builder.moe(desc);
}

template <typename Block>
Program program_with(const TinyShape& shape, Block block) {
  ProgramBuilder builder(ModelConfig::parse("{}", "test"), "TestForCausalLM", 16);
  const ValueId table =
      declare(builder, "table", {{"table", shape.vocabulary}}, tiny_width, TN_SHARD_NONE);
  ValueId x = builder.embedding("embed", table, builder.token_ids());
  builder.scope_enter("block");
  x = builder.add("first_sum", x, attention(builder, shape, norm(builder, "n1", x, tiny_width)));
  x = builder.add("second_sum", x, block(builder, shape, norm(builder, "n2", x, tiny_width)));
  builder.prefetch_name("one", "abc", "block.abc");
  builder.prefetch_name("one", "out", "block.out");
  builder.scope_leave();
  const ValueId last = norm(builder, "n3", builder.output_rows(x), tiny_width);
  const ValueId head = shape.tied ? table
                                  : declare(builder, "words.weight", {{"words", shape.vocabulary}},
                                            tiny_width, TN_SHARD_ROWS);
  builder.output(linear(builder, "words", last, head));
  return builder.finish();
}

}  // namespace

Program dense_program(const TinyShape& shape) {
  return program_with(shape, gated);
}

Program expert_program(const TinyShape& shape) {
  return program_with(shape, experts);
}

ValueId value_named(const Program& program, const std::string& name) {
  const auto found = std::ranges::find(program.values, name, &Value::name);
  if (found == program.values.end()) {
    ADD_FAILURE() << "no value '" << name << "'";
    return 1;
  }
  return static_cast<ValueId>(found - program.values.begin());
}

const Operation& operation_named(const Program& program, const std::string& name) {
  const auto found = std::ranges::find(program.operations, name, &Operation::name);
  if (found != program.operations.end()) return *found;
  ADD_FAILURE() << "no operation '" << name << "'";
  return program.operations.front();
}

const Weight& weight_named(const Program& program, const std::string& name) {
  return program.weights[program.values[value_named(program, name)].index];
}

std::vector<int64_t> dims_of(const Program& program, const std::string& name) {
  return program.values[value_named(program, name)].dims;
}

std::vector<int64_t> shape_of(const Program& program, ValueId value, int64_t tokens) {
  const EngineDimensions dimensions{TN_DTYPE_F32, 16, 4, 1, 16};
  const tn_tensor tensor = describe_value(program, value, dimensions, {tokens, 1, tokens});
  return {tensor.shape, tensor.shape + tensor.rank};
}

std::vector<std::string> collectives(const Program& program, int64_t tokens) {
  std::vector<std::string> lines;
  for (const Operation& operation : program.operations) {
    const OpInfo& info = *find_op(operation.op);
    if (info.op_class != TN_CLASS_COMMUNICATION) continue;
    std::vector<int64_t> input;
    std::vector<int64_t> output;
    for (const OpOperand& operand : info.operands) {
      const std::vector<int64_t> shape =
          shape_of(program, operation.operand(operand.offset), tokens);
      if (operand.name == "input") input = shape;
      if (operand.name == "output") output = shape;
    }
    uint32_t world = 0;
    switch (operation.op) {
      case TN_OP_all_reduce:
        world = reinterpret_cast<const tn_all_reduce_args*>(operation.args.data())->world_size;
        break;
      case TN_OP_all_gather:
        world = reinterpret_cast<const tn_all_gather_args*>(operation.args.data())->world_size;
        break;
      default:
        world = reinterpret_cast<const tn_all_to_all_v_args*>(operation.args.data())->world_size;
    }
    lines.push_back(fmt::format("{} {} {} {}: [{}] -> [{}]", info.name, operation.name,
                                operation.group == RankGroup::tensor ? "tensor" : "all", world,
                                fmt::join(input, ", "), fmt::join(output, ", ")));
  }
  return lines;
}

int64_t weight_elements(const Program& program) {
  std::set<ValueId> read;
  int64_t elements = 0;
  for (const Operation& operation : program.operations) {
    for (const Operand& operand : operation.operands) {
      const Value& value = program.values[operand.value];
      if (value.value_class == ValueClass::weight && read.insert(operand.value).second)
        elements += value.columns();
    }
  }
  return elements;
}

}  // namespace tenon
