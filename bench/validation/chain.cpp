#include "chain.hpp"

#include <algorithm>
#include <tenon/tenon.hpp>

#include "ascend_emu/timing/timeline.hpp"
#include "device/op_table.hpp"
#include "tenon/configuration.hpp"
#include "tenon/rehearsal.hpp"

namespace validation {
namespace {

constexpr std::int64_t block_size = 128;

// "qwen3_235b" in published.toml, "qwen3-235b-a22b" in configs/models.
std::string model_folder(const std::string& model, bool w8a8) {
  std::string name = model;
  if (model == "qwen3_235b") name += "_a22b";
  if (model == "qwen3_30b") name += "_a3b";
  std::ranges::replace(name, '_', '-');
  return w8a8 ? name + "-w8a8" : name;
}

tenon::Deployment deployment_of(const DecoderModel& model, const StepShape& shape,
                                const std::string& profile, const std::filesystem::path& source,
                                const std::filesystem::path& plugins) {
  tenon::Deployment deployment;
  deployment.read_environment = false;
  deployment.plugin_folders = {plugins};
  const auto set = [&](const std::string& key, const std::string& value) {
    deployment.settings.push_back({key + "=" + value, key + "=" + value});
  };
  const auto number = [&](const std::string& key, std::int64_t value) {
    set(key, std::to_string(value));
  };
  const std::int64_t ranks = shape.tensor * shape.data;
  const std::int64_t blocks = (shape.context + block_size - 1) / block_size;
  set("model.path",
      '"' + (source / "configs/models" / model_folder(model.name, shape.w8a8)).string() + '"');
  set("model.activation_dtype", "\"bf16\"");
  set("device.backend", "\"ascend_emu\"");
  set("device.options.timing", "true");
  set("device.options.numerics", "false");
  set("device.options.soc", '"' + profile + '"');
  number("device.options.cards", ranks);
  set("device.options.memory",
      "\"1TiB\"");  // published layouts need not fit our weights and caches
  number("parallel.tensor", shape.tensor);
  number("parallel.data", shape.data);
  number("parallel.expert", model.experts > 0 ? ranks : 1);
  number("engine.max_num_seqs", shape.sequences);
  number("engine.max_num_batched_tokens", std::max(shape.sequences * shape.queries, shape.data));
  number("engine.context", blocks * block_size);
  number("engine.block_size", block_size);
  set("engine.kv_cache", "0.9");
  set("engine.graphs", shape.captured ? "true" : "false");
  set("log.level", "\"error\"");
  return deployment;
}

StepTime time_of(const tenon::StepTimeline& step, double milliseconds) {
  StepTime time;
  time.milliseconds = milliseconds;
  for (const tenon::TimelineSpan& span : step.spans) {
    if (span.op == TN_OP_none) continue;
    (span.engine == "communication" ? time.communication : time.compute) +=
        static_cast<double>(span.duration_ns()) / 1e6;
  }
  time.idle = time.milliseconds - time.compute - time.communication;
  return time;
}

// With the step's own synchronisation. Between two recorded steps lie two of them: the other one ends
// the recording.
double step_milliseconds(const std::vector<tenon::StepTimeline>& steps) {
  const uint64_t between = steps[1].begin_ns - steps[0].end_ns;
  return (static_cast<double>(steps[0].duration_ns()) + static_cast<double>(between) / 2) / 1e6;
}

}  // namespace

ChainStep chain_step(const DecoderModel& model, const StepShape& shape, const std::string& profile,
                     bool with_prefetch, const std::filesystem::path& source,
                     const std::filesystem::path& plugins) {
  const tenon::Deployment deployment = deployment_of(model, shape, profile, source, plugins);
  const tenon::ResolvedConfiguration configuration = tenon::resolve_configuration(deployment, true);
  tenon::apply_log_configuration(configuration);
  tenon::PluginRegistry registry = tenon::make_registry(deployment, configuration);
  tenon::Rehearsal rehearsal = tenon::open_rehearsal(configuration, registry);
  const tenon::RehearsedStep wanted{shape.sequences, shape.queries, shape.context};
  const std::vector<tenon::StepTimeline> steps = rehearsal.run(wanted, 2);
  ChainStep result;
  result.time = time_of(steps[1], step_milliseconds(steps));
  for (const tenon::TimelineSpan& span : steps[1].spans) {
    if (span.op == TN_OP_none) continue;
    OpCount& op = result.ops[std::string(tenon::find_op(span.op)->name)];
    ++op.count;
    op.milliseconds += static_cast<double>(span.duration_ns()) / 1e6;
  }
  if (!with_prefetch) return result;
  tenon::Deployment prefetching = deployment;
  prefetching.settings.push_back({"prefetch.enabled=true", "prefetch.enabled=true"});
  tenon::Rehearsal other =
      tenon::open_rehearsal(tenon::resolve_configuration(prefetching, true), registry);
  result.prefetch_gain =
      (1 - step_milliseconds(other.run(wanted, 2)) / result.time.milliseconds) * 100;
  return result;
}

OpCounts written_ops(const DecoderModel& model, const StepShape& shape,
                     const timing::SocProfile& profile) {
  const timing::Timeline timeline = steady_step(model, shape, profile);
  OpCounts counts;
  for (const timing::TimelineItem& item : timeline.items) {
    if (item.kind != timing::WorkKind::op) continue;
    OpCount& op = counts[std::string(tenon::find_op(item.op)->name)];
    ++op.count;
    op.milliseconds += timing::to_microseconds(item.end - item.begin) / 1000;
  }
  return counts;
}

}  // namespace validation
