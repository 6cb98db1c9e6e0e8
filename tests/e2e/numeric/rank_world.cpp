#include "rank_world.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "base/error.hpp"
#include "device/backend.hpp"
#include "device/tensor.hpp"
#include "executor/step_metadata.hpp"
#include "layers/validation.hpp"
#include "parallel/shard_program.hpp"
#include "plugin/plugin_kind.hpp"
#include "rank_weights.hpp"
#include "tenon/configuration.hpp"
#include "tenon/model_setup.hpp"
#include "weights/match_weights.hpp"
#include "weights/prepare_weight.hpp"
#include "weights/weight_placement.hpp"

namespace tenon {
namespace {

constexpr int64_t block_size = 16;
constexpr int64_t blocks = 4;

// Keeps the library below the layer, and the layer, as long as what is made through them.
struct Below {
  std::shared_ptr<const LoadedPlugin> plugin;
  std::unique_ptr<Layer> validation;
};

StepInputs next_tokens_of_one_sequence(const std::vector<int32_t>& tokens, int64_t context) {
  StepInputs inputs;
  inputs.token_ids = tokens;
  inputs.positions.resize(tokens.size());
  std::iota(inputs.positions.begin(), inputs.positions.end(), static_cast<int32_t>(context));
  inputs.slot_mapping = inputs.positions;
  inputs.logit_rows.resize(tokens.size());
  std::iota(inputs.logit_rows.begin(), inputs.logit_rows.end(), 0);
  inputs.query_start_loc = {0, static_cast<int32_t>(tokens.size())};
  inputs.seq_lens = {static_cast<int32_t>(context + static_cast<int64_t>(tokens.size()))};
  inputs.block_table = {0, 1, 2, 3};
  inputs.block_table_width = blocks;
  return inputs;
}

template <typename T>
std::vector<T> values_of(const std::vector<std::byte>& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

std::vector<std::byte> bytes_of(const std::vector<int32_t>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {bytes.begin(), bytes.end()};
}

bool is(const PlanStep& step, uint32_t op, const char* ending = "") {
  return step.runs_operation() && step.operation.op == op && step.operation.name.ends_with(ending);
}

}  // namespace

RankWorld::RankWorld(const Deployment& deployment, const ParallelLayout& layout) : layout_(layout) {
  const ResolvedConfiguration configuration = resolve_configuration(deployment, true);
  PluginRegistry registry = make_registry(deployment, configuration);
  const auto checkpoint =
      std::make_shared<const Checkpoint>(Checkpoint::open(configuration.values.model.path));
  const Program whole =
      load_program(configuration, checkpoint->config(), registry, block_size * blocks,
                   [&](const std::string& name) { return checkpoint->find(name) != nullptr; });
  auto below = std::make_shared<Below>();
  below->plugin = registry.load(device_plugins(), "cpu_reference");
  below->validation = make_validation_layer(device_table(*below->plugin));
  plugin_ = below;
  const Backend backend(below->validation->table(), below->plugin->host(),
                        {{"devices", layout.ranks()}}, below);
  std::vector<Device> cards;
  for (int64_t rank = 0; rank < layout.ranks(); ++rank)
    cards.push_back(backend.open(static_cast<uint32_t>(rank)));
  dimensions_ = {TN_DTYPE_F32, block_size, blocks, blocks, block_size * blocks};
  const std::vector<RankCommunicators> communicators = connect_ranks(backend, cards, layout.tensor);
  for (size_t rank = 0; rank < cards.size(); ++rank) {
    programs_.push_back(
        shard_program(whole, layout, {static_cast<int64_t>(rank), /*any_routing=*/true}));
    load_weights(rank, checkpoint, cards[rank], communicators[rank]);
  }
}

void RankWorld::load_weights(size_t rank, const std::shared_ptr<const Checkpoint>& checkpoint,
                             const Device& device, RankCommunicators communicators) {
  const Program& program = programs_[rank];
  const std::vector<WeightSource> sources = match_weights(program, *checkpoint);
  WeightStore store(program, device, place_weights(program, sources, device, {.native = false}));
  WeightPreparer preparer(checkpoint, device);
  const Stream stream = device.create_stream("weights");
  const auto uses = weight_uses(program);
  for (size_t i = 0; i < program.weights.size(); ++i) {
    if (uses[i].empty() || sources[i].parts.empty()) continue;
    const Weight& weight = program.weights[i];
    std::vector<std::byte> whole(sources[i].bytes);
    preparer.to_host(weight, sources[i], whole);
    const uint64_t item = dtype_bytes(sources[i].dtype);
    const bool vector = program.values[weight.value].dims.size() == (weight.stack > 0 ? 2U : 1U);
    const std::vector<std::byte> part =
        cut_weight(weight, vector ? 1 : weight.columns, item, whole);
    const tn_tensor tensor =
        store.tensor(static_cast<uint32_t>(i), uses[i][0].op, uses[i][0].operand);
    if (tensor.storage_bytes != part.size()) {
      fail_run("rank_world", program.values[weight.value].name + " has another size",
               std::to_string(part.size()), std::to_string(tensor.storage_bytes));
    }
    tn_error error{};
    if (device.table()->copy_h2d(stream.get(), part.data(), tensor.buffer, tensor.byte_offset,
                                 part.size(), &error) != TN_OK) {
      fail_run("rank_world", error.message);
    }
  }
  stream.synchronize();
  Devices& devices = devices_.emplace_back();
  devices.emplace_back("rank " + std::to_string(rank), device, std::move(store), program,
                       std::move(communicators));
}

void RankWorld::synchronize() const {
  for (const Devices& devices : devices_)
    devices[0].stream().synchronize();
}

std::vector<std::byte> RankWorld::read(size_t rank, const Plan& plan, ValueId value) const {
  const DeviceMemory& memory = devices_[rank][0];
  std::vector<std::byte> bytes(storage_bytes(programs_[rank], value, dimensions_, plan.bucket));
  memory.stream().copy_to_host(memory.arena(), plan.devices[0].offsets[value], bytes);
  memory.stream().synchronize();
  return bytes;
}

void RankWorld::write(size_t rank, const Plan& plan, ValueId value,
                      const std::vector<std::byte>& bytes) {
  const DeviceMemory& memory = devices_[rank][0];
  memory.stream().copy_to_device(bytes, memory.arena(), plan.devices[0].offsets[value]);
  memory.stream().synchronize();
}

size_t RankWorld::row_bytes(size_t rank, ValueId value) const {
  const Value& v = programs_[rank].values[value];
  const uint64_t item = v.dtype == TN_DTYPE_NONE ? sizeof(float) : dtype_bytes(v.dtype);
  return static_cast<size_t>(v.columns()) * item;
}

std::vector<std::vector<std::byte>> RankWorld::read_all(const std::vector<Plan>& plans, size_t step,
                                                        size_t operand) const {
  std::vector<std::vector<std::byte>> bytes;
  for (size_t rank = 0; rank < plans.size(); ++rank)
    bytes.push_back(read(rank, plans[rank], plans[rank].steps[step].operation.operand(operand)));
  return bytes;
}

void RankWorld::before_step(const std::vector<Plan>& plans, size_t step) {
  const bool dispatches = is(plans[0].steps[step], TN_OP_all_to_all_v, ".dispatch");
  const bool combines = is(plans[0].steps[step], TN_OP_all_to_all_v, ".combine");
  for (size_t rank = 0; rank < plans.size(); ++rank) {
    const Operation& operation = plans[rank].steps[step].operation;
    const auto operand = [&](size_t offset) { return operation.operand(offset); };
    if (dispatches) {
      write(rank, plans[rank], operand(offsetof(tn_all_to_all_v_args, send_counts)),
            bytes_of(exchange_->sent(rank)));
      write(rank, plans[rank], operand(offsetof(tn_all_to_all_v_args, receive_counts)),
            bytes_of(exchange_->received(rank)));
    }
    if (combines) {
      const ValueId results = operand(offsetof(tn_all_to_all_v_args, input));
      write(rank, plans[rank], results,
            by_sender(exchange_->rows(rank), read(rank, plans[rank], results),
                      row_bytes(rank, results)));
    }
  }
}

// Numbers are taken where they are made: nobody reads them later, so their memory goes to others.
void RankWorld::after_step(const std::vector<Plan>& plans, size_t step) {
  const PlanStep& done = plans[0].steps[step];
  if (layout_.expert > 1 && is(done, TN_OP_moe_permute)) {
    std::vector<std::vector<int32_t>> sizes;
    for (const auto& bytes : read_all(plans, step, offsetof(tn_moe_permute_args, group_sizes)))
      sizes.push_back(values_of<int32_t>(bytes));
    exchange_.emplace(std::move(sizes));
  }
  const bool quantised_to_send = is(done, TN_OP_dynamic_quant) &&
                                 is(plans[0].steps[step + 1], TN_OP_all_to_all_v, ".dispatch");
  if (quantised_to_send)
    row_scales_ = read_all(plans, step, offsetof(tn_dynamic_quant_args, row_scale));
  if (is(done, TN_OP_all_to_all_v, ".dispatch")) {
    for (size_t rank = 0; rank < plans.size(); ++rank)
      sort_arrivals(rank, plans[rank], step);
  }
}

void RankWorld::sort_arrivals(size_t rank, const Plan& plan, size_t dispatch) {
  const std::vector<ExpertExchange::Row> order = exchange_->rows(rank);
  const ValueId rows =
      plan.steps[dispatch].operation.operand(offsetof(tn_all_to_all_v_args, output));
  write(rank, plan, rows, by_expert(order, read(rank, plan, rows), row_bytes(rank, rows)));

  const Operation& matmul = plan.steps[dispatch + 1].operation;
  write(rank, plan, matmul.operand(offsetof(tn_grouped_matmul_args, group_list)),
        bytes_of(exchange_->group_sizes(rank)));
  const ValueId scale = matmul.operand(offsetof(tn_grouped_matmul_args, row_scale));
  if (scale == 0) return;
  std::vector<std::byte> scales(order.size() * sizeof(float));
  for (size_t i = 0; i < order.size(); ++i) {
    std::memcpy(&scales[i * sizeof(float)],
                &row_scales_[order[i].sender][order[i].sent_as * sizeof(float)], sizeof(float));
  }
  write(rank, plan, scale, scales);
}

// Other ranks may wait for this one already, and then nothing ends: say at once what went wrong.
void RankWorld::enqueue(BoundPlan& step, const StepMetadata& metadata, size_t rank) {
  try {
    step.enqueue(metadata, devices_[rank]);
  } catch (const std::exception& e) {
    ADD_FAILURE() << "rank " << rank << ": " << e.what();
    throw;
  }
}

std::vector<std::vector<float>> RankWorld::run(const std::vector<std::vector<int32_t>>& tokens) {
  const auto rows = static_cast<int64_t>(tokens[0].size());
  const ShapeBucket bucket{rows, 1, rows};
  std::vector<Plan> plans;
  std::vector<std::vector<BoundPlan>> steps(programs_.size());
  std::vector<StepMetadata> metadata;
  for (size_t r = 0; r < programs_.size(); ++r) {
    DeviceMemory& memory = devices_[r][0];
    plans.push_back(
        make_plan(programs_[r], dimensions_, bucket, {plan_device(memory)}, FallbackPolicy::deny));
    metadata.push_back(make_step_metadata(
        next_tokens_of_one_sequence(tokens[r / static_cast<size_t>(layout_.tensor)], context_),
        bucket, dimensions_));
    memory.reserve(programs_[r], dimensions_, plans[r], 0, metadata[r].block.size());
    memory.stream().copy_to_device(metadata[r].block, memory.metadata());
    for (const PlanStep& step : plans[r].steps) {
      Plan one = plans[r];
      one.steps = {step};
      steps[r].emplace_back(std::move(one));
      steps[r].back().bind(programs_[r], dimensions_, devices_[r], 1);
    }
  }
  for (size_t i = 0; i < plans[0].steps.size(); ++i) {
    before_step(plans, i);
    for (size_t r = 0; r < programs_.size(); ++r)
      enqueue(steps[r][i], metadata[r], r);
    after_step(plans, i);
  }
  synchronize();
  context_ += rows;
  std::vector<std::vector<float>> logits;
  for (size_t r = 0; r < programs_.size(); ++r)
    logits.push_back(values_of<float>(read(r, plans[r], programs_[r].logits)));
  return logits;
}

}  // namespace tenon
