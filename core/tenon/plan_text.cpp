#include "tenon/plan_text.hpp"

#include <fmt/format.h>

#include <iterator>

#include "device/op_table.hpp"
#include "executor/plan_report.hpp"
#include "plan/forced_copies.hpp"

namespace tenon {
namespace {

uint64_t weight_bytes_of(const Program& program, const Operation& linear,
                         const AnnouncedWeights& weights) {
  const ValueId id =
      linear.operand(linear.op == TN_OP_grouped_matmul ? offsetof(tn_grouped_matmul_args, weight)
                                                       : offsetof(tn_linear_args, weight));
  return weights.bytes_of(program.values[id].index);
}

struct ExpertBytes {
  uint64_t read_back = 0;
  uint64_t copied = 0;
  uint64_t copied_of_view = 0;
};

ExpertBytes expert_bytes(const Plan& plan, const ExpertLayer& layer) {
  ExpertBytes bytes{0, 0, layer.facts.view_copied_bytes};
  for (const PlanStep& step : plan.steps) {
    if (step.kind == PlanStep::Kind::read_back && step.value == layer.group_list) {
      bytes.read_back += step.bytes;
    }
    if (step.runs_operation() && step.operation.op == TN_OP_grouped_matmul &&
        step.operation.operand(offsetof(tn_grouped_matmul_args, group_list)) == layer.group_list) {
      bytes.copied += step.copied_bytes;
    }
  }
  return bytes;
}

std::string expert_row(std::string_view name, std::string_view form, const ExpertBytes& bytes) {
  return fmt::format("  {:<40} {:<8} {:>10} {:>16} {:>18}\n", name, form, bytes.read_back,
                     bytes.copied, bytes.copied_of_view);
}

}  // namespace

std::string prefetch_table(const Program& program, const AnnouncedWeights& weights) {
  std::string text = "prefetch names the model definition registers:\n";
  for (const PrefetchName& name : program.prefetch_names) {
    uint64_t bytes = 0;
    for (const size_t i : name.linears) {
      bytes += weight_bytes_of(program, program.operations[i], weights);
    }
    fmt::format_to(std::back_inserter(text), "  {:<16} {:<44} {:>4} linears {:>14} bytes\n",
                   name.group + "." + name.name, name.pattern, name.linears.size(), bytes);
  }
  return text;
}

std::string expert_table(const Plan& plan) {
  if (plan.expert_layers.empty()) return {};
  std::string text = "experts:\n";
  for (const std::string& choice : expert_choices(plan))
    fmt::format_to(std::back_inserter(text), "  {}\n", choice);
  fmt::format_to(std::back_inserter(text), "  {:<40} {:<8} {:>10} {:>16} {:>18}\n",
                 "layer, bytes at each step", "form", "read back", "copied", "copied of a view");
  ExpertBytes total;
  for (const ExpertLayer& layer : plan.expert_layers) {
    const ExpertBytes bytes = expert_bytes(plan, layer);
    text +=
        expert_row(layer.name, layer.choice.form == ExpertForm::loop ? "loop" : "grouped", bytes);
    total.read_back += bytes.read_back;
    total.copied += bytes.copied;
    total.copied_of_view += bytes.copied_of_view;
  }
  return text + expert_row("total", "", total) + "\n";
}

std::string copies_line(const Plan& plan) {
  const ForcedCopies copies = forced_copies(plan);
  const std::string text = forced_copies_text(plan);
  return fmt::format("{} bytes at each step because of the layout of weights{}{}", copies.bytes,
                     text.empty() ? "" : ": ", text);
}

std::string step_table(const Program& program, const Plan& plan) {
  std::string text = "steps:\n";
  const auto line = [&](std::string_view what, std::string_view on, uint32_t device,
                        std::string_view name) {
    fmt::format_to(std::back_inserter(text), "  {:<18} {:<14} device {}  {}\n", what, on, device,
                   name);
  };
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const PlanStep& step = plan.steps[i];
    const char* const stream = plan_stream_name(step.stream);
    switch (step.kind) {
      case PlanStep::Kind::op:
      case PlanStep::Kind::expert_loop: {
        const OpInfo& info = *find_op(step.operation.op);
        const bool loop = step.kind == PlanStep::Kind::expert_loop;
        const std::string copies =
            step.copied_bytes > 0 ? fmt::format("  copies {} bytes", step.copied_bytes) : "";
        line(loop ? "linear per expert" : info.name, op_class_name(info.op_class), step.device,
             step.operation.name + copies);
        break;
      }
      case PlanStep::Kind::read_back:
        line("read back", "copy", step.device, fmt::format("{} bytes, the host waits", step.bytes));
        break;
      case PlanStep::Kind::transfer:
        fmt::format_to(std::back_inserter(text), "  {:<18} device {} to {}\n", "transfer",
                       step.from_device, step.device);
        break;
      case PlanStep::Kind::record: {
        const PlanStep* next = i + 1 < plan.steps.size() ? &plan.steps[i + 1] : nullptr;
        if (next != nullptr && next->kind == PlanStep::Kind::wait && next->event == step.event) {
          line("order", stream, step.device,
               fmt::format("before {} (event {})", plan_stream_name(next->stream), step.event));
          ++i;
        } else {
          line("record", stream, step.device, fmt::format("event {}", step.event));
        }
        break;
      }
      case PlanStep::Kind::wait:
        line("wait", stream, step.device, fmt::format("event {}", step.event));
        break;
      case PlanStep::Kind::prefetch:
        line("prefetch", stream, step.device,
             fmt::format("{} bytes of {}", step.bytes,
                         program.values[program.weights[step.weight.weight].value].name));
        break;
      case PlanStep::Kind::upload:
        line("upload", stream, step.device,
             fmt::format("{} bytes, group {} of streamed weights", step.bytes, step.group));
        break;
    }
  }
  return text;
}

}  // namespace tenon
