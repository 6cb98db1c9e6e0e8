#include "expert_cell.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <tenon/tenon.hpp>
#include <vector>

#include "tenon/configuration.hpp"
#include "tenon/rehearsal.hpp"

namespace tenon {
namespace {

// So many that no layer finds its weights in the cache from the step before.
constexpr int64_t layers = 12;
constexpr int64_t context = 128;

// A folder with a config.json, gone with the object.
class Model {
 public:
  explicit Model(const ExpertCell& cell)
      : folder_(std::filesystem::temp_directory_path() /
                fmt::format("tenon-experts-{}", getpid())) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "config.json") << fmt::format(
        R"({{"architectures": ["Qwen3MoeForCausalLM"], "torch_dtype": "bfloat16",
"hidden_act": "silu", "hidden_size": {}, "moe_intermediate_size": {}, "num_experts": {},
"num_experts_per_tok": {}, "norm_topk_prob": true, "num_hidden_layers": {},
"num_attention_heads": 8, "num_key_value_heads": 8, "head_dim": 128,
"max_position_embeddings": {}, "vocab_size": 1024}})",
        cell.hidden, cell.intermediate, cell.experts, cell.experts_per_token(), layers, context);
  }
  ~Model() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

Deployment deployment_of(const ExpertCell& cell, const Model& model, const char* policy,
                         const std::filesystem::path& plugins) {
  Deployment deployment;
  deployment.read_environment = false;
  deployment.plugin_folders = {plugins};
  const auto set = [&](const std::string& key, const auto& value) {
    const std::string assignment = fmt::format("{}={}", key, value);
    deployment.settings.push_back({assignment, assignment});
  };
  set("model.path", '"' + model.folder().string() + '"');
  set("model.activation_dtype", "bf16");
  set("device.backend", "ascend_emu");
  set("device.options.timing", true);
  set("device.options.numerics", false);
  set("device.options.soc", cell.soc);
  set("device.options.routing", cell.routing);
  set("device.options.cards", cell.cards);
  set("device.options.memory", "1TiB");
  set("device.options.transposed_weights", cell.layout == StackLayout::copy ? "copy" : "view");
  set("weights.layout", cell.layout == StackLayout::contiguous ? "native" : "row_major");
  set("moe.grouped_matmul", policy);
  set("parallel.data", cell.cards);
  set("parallel.expert", cell.cards);
  set("engine.max_num_seqs", std::max(cell.tokens, cell.cards));
  set("engine.max_num_batched_tokens", std::max(cell.tokens, cell.cards));
  set("engine.context", context);
  set("engine.block_size", context);
  set("engine.graphs", cell.captured);
  set("log.level", "error");
  return deployment;
}

struct Measured {
  double milliseconds = 0;
  bool loop = false;
};

Measured run(const ExpertCell& cell, const char* policy, const std::filesystem::path& plugins) {
  const Model model(cell);
  const Deployment deployment = deployment_of(cell, model, policy, plugins);
  const ResolvedConfiguration configuration = resolve_configuration(deployment, true);
  apply_log_configuration(configuration);
  PluginRegistry registry = make_registry(deployment, configuration);
  Rehearsal rehearsal = open_rehearsal(configuration, registry);
  const RehearsedStep wanted{std::max(cell.tokens, cell.cards), 1, context};
  const StepTimeline step = rehearsal.run(wanted);
  Measured measured;
  measured.milliseconds = static_cast<double>(step.duration_ns()) / layers / 1e6;
  measured.loop = std::ranges::none_of(
      step.spans, [](const TimelineSpan& span) { return span.op == TN_OP_grouped_matmul; });
  return measured;
}

}  // namespace

const char* stack_layout_name(StackLayout layout) {
  switch (layout) {
    case StackLayout::view:
      return "view";
    case StackLayout::contiguous:
      return "contiguous";
    case StackLayout::copy:
      return "copy";
  }
  return "";
}

int64_t ExpertCell::experts_per_token() const {
  return std::min<int64_t>(8, std::max<int64_t>(1, experts / 4));
}

double CellTimes::ratio() const {
  return automatic / std::min(grouped, loop);
}

CellTimes measure(const ExpertCell& cell, const std::filesystem::path& plugins) {
  const Measured automatic = run(cell, "auto", plugins);
  CellTimes times;
  times.grouped = run(cell, "always", plugins).milliseconds;
  times.loop = run(cell, "never", plugins).milliseconds;
  times.automatic = automatic.milliseconds;
  times.chose_loop = automatic.loop;
  return times;
}

}  // namespace tenon
