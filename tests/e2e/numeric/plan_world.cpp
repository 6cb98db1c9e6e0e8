#include "plan_world.hpp"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "device/backend.hpp"
#include "device/status.hpp"
#include "executor/bound_plan.hpp"
#include "executor/executor.hpp"
#include "executor/step_metadata.hpp"
#include "layers/hazards.hpp"
#include "plugin/plugin_kind.hpp"
#include "tenon/configuration.hpp"
#include "tenon/model_setup.hpp"
#include "tenon/weight_setup.hpp"
#include "weights/match_weights.hpp"

namespace tenon {
namespace {

constexpr ShapeBucket one_row{1, 1, 1};

// The first token of a sequence, in block 0.
StepInputs first_token() {
  StepInputs inputs;
  inputs.token_ids = {5};
  inputs.positions = {0};
  inputs.slot_mapping = {0};
  inputs.query_start_loc = {0, 1};
  inputs.seq_lens = {1};
  inputs.block_table = {0};
  inputs.block_table_width = 1;
  inputs.logit_rows = {0};
  return inputs;
}

}  // namespace

PlanWorld::PlanWorld(const Deployment& deployment) {
  const ResolvedConfiguration configuration = resolve_configuration(deployment, true);
  PluginRegistry registry = make_registry(deployment, configuration);
  const auto checkpoint =
      std::make_shared<const Checkpoint>(Checkpoint::open(configuration.values.model.path));
  const int64_t context = resolve_context(configuration, checkpoint->config());
  program_ =
      load_program(configuration, checkpoint->config(), registry, context,
                   [&](const std::string& name) { return checkpoint->find(name) != nullptr; });
  const auto plugin = registry.load(device_plugins(), configuration.values.device.backend);
  plugin_ = plugin;
  layer_ = make_hazard_layer(device_table(*plugin), HazardMode::abort,
                             [this](const std::string& text) { reports_.push_back(text); });
  const Backend backend(layer_->table(), plugin->host(), {}, plugin);
  const Device device = backend.open(0);
  dimensions_ = resolve_dimensions(configuration, device, context);
  dimensions_.cache_blocks = 4;
  devices_.emplace_back(configuration.values.device.backend, device,
                        load_weights(configuration, program_, checkpoint,
                                     match_weights(program_, *checkpoint), device, {}),
                        program_);
}

Plan PlanWorld::plan() const {
  return make_plan(program_, dimensions_, one_row, {plan_device(memory())}, FallbackPolicy::deny);
}

std::vector<std::string> PlanWorld::hazards_of(const Plan& plan) {
  reports_.clear();
  DeviceMemory& memory = devices_.front();
  const uint64_t metadata_bytes = metadata_layout(one_row, dimensions_.block_table_width).bytes;
  memory.reserve(program_, dimensions_, plan, 0, metadata_bytes);
  BoundPlan bound(plan);
  bound.bind(program_, dimensions_, devices_, 1);
  const StepMetadata metadata = make_step_metadata(first_token(), one_row, dimensions_);
  try {
    memory.stream().copy_to_device(metadata.block, memory.metadata());
    bound.enqueue(metadata, devices_);
    memory.stream().synchronize();
  } catch (const DeviceError& e) {
    EXPECT_EQ(e.status(), TN_INVALID_STATE) << e.what();
    EXPECT_FALSE(reports_.empty()) << e.what();
  }
  memory.replace_streams();
  return reports_;
}

std::vector<PlanEdge> edges_of(const Plan& plan) {
  std::vector<PlanEdge> edges;
  std::map<uint32_t, size_t> recorded;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const PlanStep& step = plan.steps[i];
    if (step.kind == PlanStep::Kind::record) recorded[step.event] = i;
    if (step.kind == PlanStep::Kind::wait) edges.push_back({recorded.at(step.event), i});
  }
  return edges;
}

bool is_redundant(const Plan& plan, const PlanEdge& edge) {
  std::map<PlanStream, bool> after;      // streams that are past the record by now
  std::map<uint32_t, bool> after_event;  // events that carry that on
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const PlanStep& step = plan.steps[i];
    if (i == edge.record) {
      after[step.stream] = true;
    } else if (step.kind == PlanStep::Kind::record) {
      after_event[step.event] = after[step.stream];
    } else if (i == edge.wait) {
      continue;
    } else if (step.kind == PlanStep::Kind::wait) {
      after[step.stream] = after[step.stream] || after_event[step.event];
    } else if (i > edge.wait && step.stream == plan.steps[edge.wait].stream) {
      return after[step.stream];  // the first work that the wait was for
    }
  }
  return true;  // nothing comes after the wait
}

Plan without(const Plan& plan, size_t step) {
  Plan cut = plan;
  cut.steps.erase(cut.steps.begin() + static_cast<ptrdiff_t>(step));
  return cut;
}

}  // namespace tenon
