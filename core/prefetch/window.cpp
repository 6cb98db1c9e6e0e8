#include "prefetch/window.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "device/op_table.hpp"

namespace tenon {

bool hides_prefetch(tn_op_class op_class, bool through_attention) {
  switch (op_class) {
    case TN_CLASS_VECTOR:
    case TN_CLASS_COMMUNICATION:
    case TN_CLASS_COPY:
      return true;
    case TN_CLASS_ATTENTION:
      return through_attention;
    default:
      return false;
  }
}

PrefetchWindow find_window(const std::vector<PlanStep>& steps, size_t consumer,
                           bool through_attention) {
  PrefetchWindow window;
  for (size_t i = consumer; i-- > 0;) {
    const PlanStep& step = steps[i];
    const bool is_op = step.runs_operation();
    if (!is_op && step.kind != PlanStep::Kind::transfer) continue;
    const bool hides = is_op && step.device == steps[consumer].device &&
                       hides_prefetch(find_op(step.operation.op)->op_class, through_attention);
    if (!hides) {
      window.closer = i;
      break;
    }
    window.ops.push_back(i);
  }
  std::ranges::reverse(window.ops);
  return window;
}

std::string step_text(const PlanStep& step) {
  if (step.kind == PlanStep::Kind::transfer) {
    return fmt::format("a copy from device {} to device {}", step.from_device, step.device);
  }
  return fmt::format("{} '{}'", find_op(step.operation.op)->name, step.operation.name);
}

std::string empty_window_reason(const Plan& plan, const PrefetchWindow& window, size_t consumer) {
  const std::string reader = step_text(plan.steps[consumer]);
  if (!window.closer) return fmt::format("nothing lies between the step's start and {}", reader);
  // What a copy brings was made by the op before it, elsewhere.
  size_t closer = *window.closer;
  while (plan.steps[closer].kind == PlanStep::Kind::transfer && closer > 0)
    --closer;
  const PlanStep& before = plan.steps[closer];
  if (before.runs_operation() && before.device != plan.steps[consumer].device &&
      hides_prefetch(find_op(before.operation.op)->op_class, false)) {
    return fmt::format("{}, which would hide it, runs on the fallback device", step_text(before));
  }
  return fmt::format("nothing lies between {} and {}", step_text(plan.steps[*window.closer]),
                     reader);
}

}  // namespace tenon
