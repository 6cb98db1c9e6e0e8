#include "program/quantise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "program/match_pattern.hpp"
#include "program/operation_args.hpp"

namespace tenon {
namespace {

constexpr std::string_view weight_suffix = ".weight";

std::string layer_of(const std::string& tensor) {
  return tensor.ends_with(weight_suffix) ? tensor.substr(0, tensor.size() - weight_suffix.size())
                                         : tensor;
}

// Where the two ops keep the same things.
struct Offsets {
  size_t input, weight, bias, weight_scale, quant_bias, row_scale;
};
Offsets offsets_of(uint32_t op) {
  if (op == TN_OP_grouped_matmul) {
    using Args = tn_grouped_matmul_args;
    return {offsetof(Args, input),        offsetof(Args, weight),     offsetof(Args, bias),
            offsetof(Args, weight_scale), offsetof(Args, quant_bias), offsetof(Args, row_scale)};
  }
  using Args = tn_linear_args;
  return {offsetof(Args, input),        offsetof(Args, weight),     offsetof(Args, bias),
          offsetof(Args, weight_scale), offsetof(Args, quant_bias), offsetof(Args, row_scale)};
}

class Quantiser {
 public:
  Quantiser(Program& program, const QuantisationScheme& scheme, bool quantise_head,
            const std::function<bool(const std::string&)>& has_tensor)
      : program_(program),
        scheme_(scheme),
        quantise_head_(quantise_head),
        has_tensor_(has_tensor) {}

  void run() {
    find_exceptions();
    std::vector<Operation> result;
    std::vector<size_t> new_index;
    for (Operation& operation : program_.operations) {
      const bool linear = operation.op == TN_OP_linear || operation.op == TN_OP_grouped_matmul;
      if (linear) quantise(operation, result);
      add_norm_bias(operation);
      new_index.push_back(result.size());
      result.push_back(std::move(operation));
    }
    program_.operations = std::move(result);
    for (PrefetchName& name : program_.prefetch_names) {
      for (size_t& linear : name.linears)
        linear = new_index[linear];
    }
  }

 private:
  // What stays float whatever the scheme says: embeddings and heads tied to them, and where weights
  // are quantised at load, the router and the head.
  void find_exceptions() {
    for (const Operation& operation : program_.operations) {
      if (operation.op == TN_OP_embedding) {
        kept_weights_.insert(operation.operand(offsetof(tn_embedding_args, table)));
      }
      if (operation.op == TN_OP_moe_gate) {
        kept_results_.insert(operation.operand(offsetof(tn_moe_gate_args, logits)));
      }
    }
    if (!quantise_head_) kept_results_.insert(program_.logits);
  }

  LinearQuantisation agreed(const Operation& operation, const Weight& weight) const {
    const ValueId output = operation.op == TN_OP_linear
                               ? operation.operand(offsetof(tn_linear_args, output))
                               : operation.operand(offsetof(tn_grouped_matmul_args, output));
    if (kept_weights_.contains(weight.value)) return LinearQuantisation::none;
    const bool at_load = scheme_.format() == QuantisationFormat::at_load;
    if (at_load && kept_results_.contains(output)) return LinearQuantisation::none;
    std::string first;
    LinearQuantisation kind = LinearQuantisation::none;
    for (int64_t i = 0; i < std::max<int64_t>(1, weight.stack); ++i) {
      for (const WeightPart& part : weight.parts) {
        const std::string layer = layer_of(numbered_name(part.name, i));
        const LinearQuantisation found = scheme_.of(layer);
        if (first.empty()) {
          first = layer;
          kind = found;
        } else if (found != kind) {
          fail_input(operation.name,
                     fmt::format("the parts of this packed weight are quantised differently: '{}' "
                                 "and '{}'",
                                 first, layer),
                     quantisation_name(kind), quantisation_name(found));
        }
      }
    }
    return kind;
  }

  void quantise(Operation& operation, std::vector<Operation>& result) {
    const Offsets at = offsets_of(operation.op);
    if (is_tied_head(operation)) untie(operation);
    const uint32_t index = program_.values[operation.operand(at.weight)].index;
    const LinearQuantisation kind = agreed(operation, program_.weights[index]);
    if (kind == LinearQuantisation::none) return;
    if (kind == LinearQuantisation::static_per_tensor && operation.op == TN_OP_grouped_matmul) {
      fail_input(operation.name, "statically quantised experts are not supported", "W8A8 dynamic",
                 "W8A8 static");
    }
    const ValueId scale = derive_weight(index, kind);
    operation.operands.push_back({at.weight_scale, scale});
    const ValueId input = operation.operand(at.input);
    ValueId quantised = 0;
    if (kind == LinearQuantisation::static_per_tensor) {
      quantised = static_input(operation, index, input, result);
      if (scheme_.format() == QuantisationFormat::modelslim) use_quant_bias(operation, index, at);
    } else {
      quantised = dynamic_input(operation, at, input, result);
    }
    for (Operand& operand : operation.operands) {
      if (operand.offset == at.input) operand.value = quantised;
    }
  }

  // A head that is quantised at load and shares its matrix with the embedding, which stays float.
  bool is_tied_head(const Operation& operation) const {
    return scheme_.format() == QuantisationFormat::at_load && quantise_head_ &&
           operation.op == TN_OP_linear &&
           operation.operand(offsetof(tn_linear_args, output)) == program_.logits &&
           kept_weights_.contains(operation.operand(offsetof(tn_linear_args, weight)));
  }

  void untie(Operation& operation) {
    const ValueId tied = operation.operand(offsetof(tn_linear_args, weight));
    const Weight copy = program_.weights[program_.values[tied].index];
    const ValueId own = add_weight(operation.name + ".weight", program_.values[tied].dtype,
                                   program_.values[tied].dims, copy);
    for (Operand& operand : operation.operands) {
      if (operand.value == tied) operand.value = own;
    }
  }

  ValueId add_value(Value value) {
    program_.values.push_back(std::move(value));
    return static_cast<ValueId>(program_.values.size() - 1);
  }

  // An activation with the rows of `model`.
  ValueId like(std::string name, ValueId model, tn_dtype dtype, std::vector<int64_t> dims) {
    Value v;
    v.name = std::move(name);
    v.dtype = dtype;
    v.set_rows_of(program_.values[model]);
    v.dims = std::move(dims);
    return add_value(std::move(v));
  }

  ValueId add_weight(std::string name, tn_dtype dtype, std::vector<int64_t> dims, Weight weight) {
    Value v;
    v.name = std::move(name);
    v.value_class = ValueClass::weight;
    v.dtype = dtype;
    v.dims = std::move(dims);
    v.index = static_cast<uint32_t>(program_.weights.size());
    weight.value = add_value(std::move(v));
    program_.weights.push_back(std::move(weight));
    return program_.weights.back().value;
  }

  // The same parts with another tensor of each layer: "q_proj.weight" -> "q_proj.<suffix>".
  static std::vector<WeightPart> siblings(const Weight& weight, const std::string& suffix) {
    std::vector<WeightPart> parts = weight.parts;
    for (WeightPart& part : parts) {
      part.name = layer_of(part.name) + "." + suffix;
      part.alternative.clear();
    }
    return parts;
  }

  // Turns the weight into integers and returns its scales, one for each output row.
  ValueId derive_weight(uint32_t index, LinearQuantisation kind) {
    Weight& weight = program_.weights[index];
    Value& value = program_.values[weight.value];
    const std::string name = value.name + "_scale";
    std::vector<int64_t> dims(value.dims.begin(), value.dims.end() - 1);
    value.dtype = TN_DTYPE_I8;
    weight.stacked_name.clear();

    Weight scale;
    scale.shard = weight.shard == TN_SHARD_COLUMNS ? TN_SHARD_NONE : weight.shard;
    scale.stack = weight.stack;
    scale.derivation = Derivation::to_f32;
    switch (scheme_.format()) {
      case QuantisationFormat::at_load:
        weight.derivation = Derivation::quantised;
        scale.derivation = Derivation::row_scales;
        scale.parts = weight.parts;
        scale.columns = weight.columns;
        break;
      case QuantisationFormat::modelslim:
        if (kind == LinearQuantisation::static_per_tensor) {
          ignore(weight, {"weight_scale"});
          scale.parts = siblings(weight, "deq_scale");
        } else {
          scale.parts = siblings(weight, "weight_scale");
        }
        for (WeightPart& part : scale.parts)
          part.zero = part.name.substr(0, part.name.rfind('.')) + ".weight_offset";
        break;
      default:
        scale.parts = siblings(weight, "weight_scale");
        if (kind == LinearQuantisation::static_per_tensor) {
          for (WeightPart& part : scale.parts)
            part.factor = part.name.substr(0, part.name.rfind('.')) + ".input_scale";
        }
    }
    return add_weight(name, TN_DTYPE_F32, std::move(dims), std::move(scale));
  }

  void ignore(const Weight& weight, const std::vector<std::string>& suffixes) {
    for (int64_t i = 0; i < std::max<int64_t>(1, weight.stack); ++i) {
      for (const WeightPart& part : weight.parts) {
        for (const std::string& suffix : suffixes) {
          program_.ignored_tensors.push_back(layer_of(numbered_name(part.name, i)) + "." + suffix);
        }
      }
    }
  }

  // All parts read one input, so they keep the same scale of it.
  ValueId shared_scalar(uint32_t index, const char* suffix, tn_dtype dtype, Derivation derivation) {
    const Weight& weight = program_.weights[index];
    Weight scalar;
    scalar.parts = siblings(weight, suffix);
    for (WeightPart& part : scalar.parts)
      part.rows = 1;
    scalar.same_parts = true;
    scalar.derivation = derivation;
    const std::string name = layer_of(program_.values[weight.value].name) + "." + suffix;
    return add_weight(name, dtype, {1}, std::move(scalar));
  }

  ValueId static_input(const Operation& operation, uint32_t index, ValueId input,
                       std::vector<Operation>& result) {
    const ValueId scale = shared_scalar(index, "input_scale", TN_DTYPE_F32, Derivation::to_f32);
    const ValueId offset =
        scheme_.format() == QuantisationFormat::modelslim
            ? shared_scalar(index, "input_offset", TN_DTYPE_I32, Derivation::to_i32)
            : 0;
    const ValueId quantised =
        like(operation.name + ".quantised", input, TN_DTYPE_I8, program_.values[input].dims);
    result.push_back(make_operation(
        operation.name + ".static_quant", tn_static_quant_args{},
        {TENON_OPERAND(static_quant, input, input), TENON_OPERAND(static_quant, quant_scale, scale),
         TENON_OPERAND(static_quant, quant_offset, offset),
         TENON_OPERAND(static_quant, output, quantised)}));
    return quantised;
  }

  ValueId dynamic_input(Operation& operation, const Offsets& at, ValueId input,
                        std::vector<Operation>& result) {
    const ValueId quantised =
        like(operation.name + ".quantised", input, TN_DTYPE_I8, program_.values[input].dims);
    const ValueId row_scale = like(operation.name + ".row_scale", input, TN_DTYPE_F32, {});
    result.push_back(make_operation(operation.name + ".dynamic_quant", tn_dynamic_quant_args{},
                                    {TENON_OPERAND(dynamic_quant, input, input),
                                     TENON_OPERAND(dynamic_quant, output, quantised),
                                     TENON_OPERAND(dynamic_quant, row_scale, row_scale)}));
    operation.operands.push_back({at.row_scale, row_scale});
    return quantised;
  }

  // ModelSlim folds the input's offset and the float bias into quant_bias.
  void use_quant_bias(Operation& operation, uint32_t index, const Offsets& at) {
    const ValueId bias = operation.operand(at.bias);
    if (bias != 0) {
      Weight& folded = program_.weights[program_.values[bias].index];
      for (const WeightPart& part : folded.parts)
        program_.ignored_tensors.push_back(part.name);
      folded.parts.clear();
      std::erase_if(operation.operands,
                    [&](const Operand& operand) { return operand.offset == at.bias; });
    }
    const Weight& weight = program_.weights[index];
    Weight quant_bias;
    quant_bias.parts = siblings(weight, "quant_bias");
    quant_bias.shard = weight.shard;
    const Value& value = program_.values[weight.value];
    const std::string name = layer_of(value.name) + ".quant_bias";
    const std::vector<int64_t> dims(value.dims.begin(), value.dims.end() - 1);
    operation.operands.push_back(
        {at.quant_bias, add_weight(name, TN_DTYPE_I32, dims, std::move(quant_bias))});
  }

  // Outlier suppression that is not symmetric leaves a bias behind in the norms.
  void add_norm_bias(Operation& operation) {
    if (scheme_.format() != QuantisationFormat::modelslim) return;
    const bool fused = operation.op == TN_OP_add_rms_norm;
    if (!fused && operation.op != TN_OP_rms_norm) return;
    const size_t weight_offset =
        fused ? offsetof(tn_add_rms_norm_args, weight) : offsetof(tn_rms_norm_args, weight);
    const size_t bias_offset =
        fused ? offsetof(tn_add_rms_norm_args, bias) : offsetof(tn_rms_norm_args, bias);
    const ValueId id = operation.operand(weight_offset);
    if (id == 0 || operation.operand(bias_offset) != 0) return;
    const Weight norm = program_.weights[program_.values[id].index];
    const std::string name = layer_of(norm.parts[0].name) + ".bias";
    if (!has_tensor_(name)) return;
    Weight bias;
    bias.parts = {{name, "", norm.parts[0].rows}};
    operation.operands.push_back(
        {bias_offset, add_weight(name, TN_DTYPE_NONE, {norm.parts[0].rows}, std::move(bias))});
  }

  Program& program_;
  const QuantisationScheme& scheme_;
  const bool quantise_head_;
  const std::function<bool(const std::string&)>& has_tensor_;
  std::set<ValueId> kept_weights_;
  std::set<ValueId> kept_results_;
};

}  // namespace

void quantise_program(Program& program, const QuantisationScheme& scheme, bool quantise_head,
                      const std::function<bool(const std::string&)>& has_tensor) {
  if (scheme.format() == QuantisationFormat::none) return;
  Quantiser(program, scheme, quantise_head, has_tensor).run();
}

}  // namespace tenon
