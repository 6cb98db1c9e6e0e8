#include "predict.hpp"

#include <algorithm>
#include <stdexcept>

#include "ascend_emu/timing/collective_time.hpp"
#include "ascend_emu/timing/op_demand.hpp"
#include "tensors.hpp"

namespace validation {
namespace {

constexpr std::uint64_t activation_buffer = 1;
constexpr std::uint64_t weight_buffer = 2;
constexpr std::uint64_t output_buffer = 3;

tn_dtype dtype_of(const std::string& name) {
  if (name == "f16") return TN_DTYPE_F16;
  if (name == "bf16") return TN_DTYPE_BF16;
  if (name == "f32") return TN_DTYPE_F32;
  if (name == "int8") return TN_DTYPE_I8;
  throw std::runtime_error("unknown dtype " + name);
}

timing::Demand linear(Fields& row, tn_dtype dtype) {
  const std::int64_t m = row.integer("rows");
  const std::int64_t k = row.integer("depth");
  const std::int64_t n = row.integer("width");
  tn_linear_args args{};
  args.input = tensor(activation_buffer, dtype, {m, k});
  args.weight = tensor(weight_buffer, dtype, {n, k});
  if (!row.flag("row_major")) args.weight = native(args.weight);
  args.output = tensor(output_buffer, dtype == TN_DTYPE_I8 ? TN_DTYPE_BF16 : dtype, {m, n});
  return timing::op_demand(TN_OP_linear, &args);
}

timing::Demand grouped_matmul(Fields& row, tn_dtype dtype) {
  const std::int64_t m = row.integer("rows");
  const std::int64_t experts = row.integer("experts");
  const std::int64_t k = row.integer("depth");
  const std::int64_t n = row.integer("width");
  tn_grouped_matmul_args args{};
  args.input = tensor(activation_buffer, dtype, {m, k});
  args.weight = native(tensor(weight_buffer, dtype, {experts, k, n}));
  args.group_list = tensor(activation_buffer, TN_DTYPE_I32, {experts});
  args.output = tensor(output_buffer, TN_DTYPE_F16, {m, n});
  return timing::op_demand(TN_OP_grouped_matmul, &args);
}

timing::Demand attention(Fields& row, tn_dtype dtype) {
  const std::int64_t sequences = row.integer("sequences");
  const std::int64_t queries = row.integer("queries");
  const std::int64_t context = row.integer("context");
  const std::int64_t heads = row.integer("heads");
  const std::int64_t kv_heads = row.integer("kv_heads");
  const std::int64_t channels = row.integer("head_dim");
  const std::int64_t blocks = (sequences * context + 127) / 128;
  tn_paged_attention_args args{};
  args.query = tensor(activation_buffer, dtype, {sequences * queries, heads, channels});
  args.key_cache = tensor(weight_buffer, dtype, {blocks, 128, kv_heads, channels});
  args.value_cache = tensor(weight_buffer + 10, dtype, {blocks, 128, kv_heads, channels});
  args.seq_lens = tensor(activation_buffer, TN_DTYPE_I32, {sequences});
  args.output = tensor(output_buffer, dtype, {sequences * queries, heads, channels});
  args.max_query_len = static_cast<std::int32_t>(queries);
  args.max_seq_len = static_cast<std::int32_t>(context);
  args.value_dim = static_cast<std::int32_t>(channels);
  args.causal = row.flag("not_causal") ? 0 : 1;
  return timing::op_demand(TN_OP_paged_attention, &args);
}

timing::Demand vector_op(const std::string& op, Fields& row, tn_dtype dtype) {
  const std::int64_t rows = row.integer("rows");
  const std::int64_t width = row.integer("width");
  const tn_tensor input = tensor(activation_buffer, dtype, {rows, width});
  const tn_tensor output = tensor(output_buffer, dtype, {rows, width});
  if (op == "rms_norm") {
    tn_rms_norm_args args{};
    args.input = input;
    args.output = output;
    return timing::op_demand(TN_OP_rms_norm, &args);
  }
  if (op == "add_rms_norm") {
    tn_add_rms_norm_args args{};
    args.input = args.residual = input;
    args.sum = args.output = output;
    return timing::op_demand(TN_OP_add_rms_norm, &args);
  }
  if (op == "add") {
    tn_add_args args{};
    args.a = args.b = input;
    args.output = output;
    return timing::op_demand(TN_OP_add, &args);
  }
  if (op == "swiglu") {
    tn_swiglu_args args{};
    args.gate = args.up = input;
    args.output = output;
    return timing::op_demand(TN_OP_swiglu, &args);
  }
  if (op == "static_quant") {
    tn_static_quant_args args{};
    args.input = input;
    args.output = tensor(output_buffer, TN_DTYPE_I8, {rows, width});
    return timing::op_demand(TN_OP_static_quant, &args);
  }
  if (op == "dynamic_quant") {
    tn_dynamic_quant_args args{};
    args.input = input;
    args.output = tensor(output_buffer, TN_DTYPE_I8, {rows, width});
    args.row_scale = tensor(output_buffer, TN_DTYPE_F32, {rows});
    return timing::op_demand(TN_OP_dynamic_quant, &args);
  }
  if (op == "rope") {
    tn_rope_args args{};
    args.input = tensor(activation_buffer, dtype, {rows, 1, width});
    args.cosine = tensor(activation_buffer, TN_DTYPE_F32, {4096, width / 2});
    args.positions = tensor(activation_buffer, TN_DTYPE_I32, {rows});
    args.output = tensor(output_buffer, dtype, {rows, 1, width});
    return timing::op_demand(TN_OP_rope, &args);
  }
  throw std::runtime_error("unknown op " + op);
}

timing::WorkItem op_work(Fields& row) {
  const std::string op = row.text("op");
  const tn_dtype dtype = dtype_of(row.text("dtype"));
  timing::WorkItem work;
  if (op == "linear") {
    work.demand = linear(row, dtype);
  } else if (op == "grouped_matmul") {
    work.demand = grouped_matmul(row, dtype);
  } else if (op == "paged_attention") {
    work.demand = attention(row, dtype);
  } else {
    work.demand = vector_op(op, row, dtype);
  }
  return work;
}

DecoderModel read_model(const std::string& name, Fields fields) {
  DecoderModel model;
  model.name = name;
  model.hidden = fields.integer("hidden");
  model.intermediate = fields.integer("intermediate");
  model.layers = fields.integer("layers");
  model.heads = fields.integer("heads");
  model.kv_heads = fields.integer("kv_heads");
  model.head_dim = fields.integer("head_dim");
  model.vocabulary = fields.integer("vocabulary");
  model.experts = fields.integer_or("experts", 0);
  model.experts_per_token = fields.integer_or("experts_per_token", 0);
  model.expert_intermediate = fields.integer_or("expert_intermediate", 0);
  fields.finish();
  return model;
}

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
  throw std::runtime_error("[" + file + "] " + what);
}

}  // namespace

Models read_models(const std::string& file, const toml::table& root) {
  const auto* tables = root.get_as<toml::table>("model");
  if (tables == nullptr) refuse(file, "no table model");
  Models models;
  for (auto&& [key, node] : *tables) {
    const auto* table = node.as_table();
    const std::string name(key.str());
    if (table == nullptr) refuse(file, "a model is no table: " + name);
    models.emplace(name, read_model(name, Fields(file, *table)));
  }
  return models;
}

const timing::SocProfile& Profiles::get(const std::string& name) {
  const auto found = profiles_.find(name);
  if (found != profiles_.end()) return found->second;
  return profiles_.emplace(name, timing::read_soc_profile(folder_ + "/" + name + ".toml"))
      .first->second;
}

double op_microseconds(Fields& row, Profiles& profiles) {
  timing::Simulation simulation(profiles.get(row.text("profile")));
  const bool warm = row.flag("warm");
  timing::WorkItem work = op_work(row);
  work.captured = true;  // device time alone
  for (const timing::Extent& read : work.demand.reads) {
    if (warm || read.buffer == activation_buffer) simulation.cache().insert(read);
  }
  simulation.enqueue(work);
  const timing::Timeline timeline = simulation.finish();
  return timing::to_microseconds(timeline.items[0].end - timeline.items[0].begin);
}

double collective_microseconds(Fields& row, Profiles& profiles) {
  timing::SocProfile profile = profiles.get(row.text("profile"));
  if (row.flag("alone")) {
    profile.gather_dispatch = profile.scatter_dispatch = {};
    profile.reduce_dispatch = profile.exchange_dispatch = {};
  }
  const std::string op = row.text("op");
  const std::map<std::string, std::uint32_t> ids{{"all_gather", TN_OP_all_gather},
                                                 {"reduce_scatter", TN_OP_reduce_scatter},
                                                 {"all_reduce", TN_OP_all_reduce},
                                                 {"all_to_all", TN_OP_all_to_all_v}};
  if (!ids.contains(op)) throw std::runtime_error("unknown collective " + op);
  timing::WorkItem work;
  work.captured = true;
  work.demand.op = ids.at(op);
  work.demand.op_class = TN_CLASS_COMMUNICATION;
  work.demand.collective.ranks = static_cast<std::uint32_t>(row.integer("ranks"));
  work.demand.collective.bytes = static_cast<std::uint64_t>(row.number("kilobytes") * 1000.0);
  return timing::to_microseconds(timing::simulate({&work, 1}, profile).end());
}

StepShape step_shape(Fields& row, bool decode) {
  StepShape shape;
  shape.sequences = row.integer("sequences");
  shape.context = row.integer("context");
  shape.queries = decode ? 1 : shape.context;
  shape.least_rows = row.integer_or("least_rows", 1);
  shape.tensor = row.integer_or("tensor", 1);
  shape.data = row.integer_or("data", 1);
  shape.w8a8 = row.flag("w8a8");
  shape.captured = !row.flag("eager");
  return shape;
}

StepTime step_time(const DecoderModel& model, const StepShape& shape,
                   const timing::SocProfile& profile) {
  const timing::Timeline timeline = steady_step(model, shape, profile);
  StepTime time;
  const auto milliseconds = [](timing::Picoseconds t) { return timing::to_microseconds(t) / 1000; };
  time.milliseconds = milliseconds(timeline.end() - timeline.begin);
  for (const timing::TimelineItem& item : timeline.items) {
    if (item.kind != timing::WorkKind::op) continue;
    (item.engine == timing::Engine::communication ? time.communication : time.compute) +=
        milliseconds(item.end - item.begin);
  }
  time.idle = time.milliseconds - time.compute - time.communication;
  return time;
}

}  // namespace validation
