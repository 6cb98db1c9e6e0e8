#include "prefetch_fixture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tenon/model.hpp>

#include "answering_device.hpp"
#include "prefetch/window.hpp"
#include "program/builder.hpp"
#include "program/fuse_add_rms_norm.hpp"
#include "program/quantise.hpp"

namespace tenon {
namespace {

using model::Builder;
using model::Scope;
using Activation = model::Value;

constexpr int64_t width = 16;
constexpr int64_t inner = 32;
constexpr int64_t heads = 2;
constexpr int64_t words = 64;
constexpr int64_t experts = 4;
constexpr double epsilon = 1e-5;

Activation look(Builder& b, Activation x, const model::RopeTables& tables) {
  const Scope scope(b, "look");
  const std::vector<Activation> parts =
      b.split(b.linear("pack", x, width, 3 * width), {width, width, width});
  model::Attention attention;
  attention.query = b.rope("turn_query", b.reshape(parts[0], {heads, width / heads}), tables);
  attention.key = b.rope("turn_key", b.reshape(parts[1], {heads, width / heads}), tables);
  attention.value = b.reshape(parts[2], {heads, width / heads});
  attention.scale = 1;
  return b.linear("out", b.reshape(b.attention("gaze", attention), {width}), width, width);
}

Activation work(Builder& b, Activation x) {
  const Scope scope(b, "work");
  const std::vector<Activation> halves =
      b.split(b.linear("pack", x, width, 2 * inner), {inner, inner});
  return b.linear("out", b.swiglu("bend", halves[0], halves[1]), inner, width);
}

Activation crew(Builder& b, Activation x) {
  model::Moe moe;
  moe.input = x;
  moe.logits = b.linear("router", x, width, experts);
  moe.gate_up = b.stacked("up.weight", experts, {{"crew.*.up", 2 * inner}}, width);
  moe.down = b.stacked("down.weight", experts, {{"crew.*.down", width}}, inner);
  moe.top_k = 2;
  return b.moe("crew", moe);
}

template <typename Second>
Program build(int layers, Second second, const std::vector<std::vector<const char*>>& names) {
  ProgramBuilder builder(ModelConfig::parse("{}", "test"), "TestForCausalLM", 32);
  Builder b(builder_table(), reinterpret_cast<tn_builder*>(&builder));
  const model::RopeTables tables = b.rope_tables(width / heads, 10000);
  Activation x = b.embedding("words", b.matrix("words.weight", words, width), b.token_ids());
  for (int i = 0; i < layers; ++i) {
    const Scope scope(b, "deck." + std::to_string(i));
    x = b.add("keep", x, look(b, b.rms_norm("calm", x, width, epsilon), tables));
    x = b.add("grow", x, second(b, b.rms_norm("rest", x, width, epsilon)));
  }
  b.output(b.linear("speak", b.rms_norm("settle", b.output_rows(x), width, epsilon),
                    b.matrix("speak.weight", words, width)));
  for (const auto& name : names)
    b.prefetch_name(name[0], name[1], name[2]);
  Program program = builder.finish();
  fuse_add_rms_norm(program);
  return program;
}

}  // namespace

Program dense_program(int layers) {
  return build(layers, work,
               {{"eye", "pack", "deck.*.look.pack"},
                {"eye", "out", "deck.*.look.out"},
                {"arm", "pack", "deck.*.work.pack"},
                {"arm", "out", "deck.*.work.out"}});
}

Program expert_program(int layers) {
  return build(layers, crew,
               {{"eye", "pack", "deck.*.look.pack"},
                {"crew", "up", "deck.*.crew.gate_up_proj"},
                {"crew", "down", "deck.*.crew.down_proj"}});
}

Program quantised(Program program) {
  quantise_program(program, QuantisationScheme::at_load(), false,
                   [](const std::string&) { return false; });
  return program;
}

Plan plan_of(const Program& program, const PlanRequest& request) {
  const EngineDimensions dimensions{TN_DTYPE_BF16, 16, 4, 2, 32};
  return make_plan(
      program, dimensions, request.bucket,
      {answering_device(program, "npu", {.refused = request.refused, .weights = TN_DTYPE_BF16}),
       answering_device(program, "cpu", {.weights = TN_DTYPE_BF16})},
      FallbackPolicy::allow);
}

PrefetchSettings whole_weights(const Program& program) {
  PrefetchSettings settings;
  for (const PrefetchName& name : program.prefetch_names)
    settings.ratio[name.group][name.name] = 1.0;
  return settings;
}

const Prefetch* find_prefetch(const PrefetchReport& report, const std::string& layer) {
  const auto found = std::ranges::find(report.prefetches, layer, &Prefetch::layer);
  return found == report.prefetches.end() ? nullptr : &*found;
}

std::string reason_for(const PrefetchReport& report, const std::string& layer) {
  const auto found = std::ranges::find(report.skipped, layer, &SkippedPrefetch::layer);
  return found == report.skipped.end() ? "" : found->reason;
}

std::vector<std::string> steps_of(const Program& program, const Plan& plan) {
  std::vector<std::string> lines;
  for (const PlanStep& step : plan.steps) {
    switch (step.kind) {
      case PlanStep::Kind::record:
        lines.push_back(fmt::format("record {} on {}", step.event, plan_stream_name(step.stream)));
        break;
      case PlanStep::Kind::wait:
        lines.push_back(fmt::format("wait {} on {}", step.event, plan_stream_name(step.stream)));
        break;
      case PlanStep::Kind::prefetch:
        lines.push_back(
            fmt::format("prefetch {} of '{}'", step.bytes,
                        program.values[program.weights[step.weight.weight].value].name));
        break;
      default:
        lines.push_back(step_text(step));
    }
  }
  return lines;
}

}  // namespace tenon
