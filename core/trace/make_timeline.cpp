#include "trace/make_timeline.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "trace/match_steps.hpp"
#include "trace/prefetch_spans.hpp"

namespace tenon {
namespace {

using Kind = PlanStep::Kind;

// By step of the plan: the name of the op that it is for.
std::vector<std::string> names_of(const Program& program, const Plan& plan) {
  std::vector<std::string> names(plan.steps.size());
  std::map<uint32_t, std::string> readers;  // by weight; of the steps that follow
  std::map<uint32_t, std::string> waiters;  // by event
  std::string next_op;
  for (size_t i = plan.steps.size(); i-- > 0;) {
    const PlanStep& step = plan.steps[i];
    if (step.device != 0) continue;
    if (step.runs_operation()) {
      names[i] = step.operation.name;
      next_op = names[i];
      for (const Operand& operand : step.operation.operands) {
        const Value& value = program.values[operand.value];
        if (value.value_class == ValueClass::weight) readers[value.index] = names[i];
      }
    } else if (step.kind == Kind::wait && step.stream == PlanStream::compute) {
      waiters[step.event] = next_op;
    } else if (step.kind == Kind::prefetch) {
      names[i] = readers[step.weight.weight];
    } else if (step.kind == Kind::upload && i + 1 < plan.steps.size()) {
      names[i] = waiters[plan.steps[i + 1].event];  // recorded as soon as the group is there
    }
  }
  return names;
}

// What the host moves around the ops of a plan.
void name_copies(const std::vector<size_t>& steps, std::vector<RecordedWork>& work) {
  const auto is_op = [&](size_t i) { return work[i].span.op != TN_OP_none; };
  size_t first = 0;
  while (first < work.size() && !is_op(first))
    ++first;
  size_t last = work.size();
  while (last > first && !is_op(last - 1))
    --last;
  for (size_t i = 0; i < work.size(); ++i) {
    if (is_op(i) || steps[i] != no_step ||
        work[i].span.stream != plan_stream_name(PlanStream::compute))
      continue;
    work[i].span.name = i < first ? "step metadata" : i >= last ? "outputs" : "read back";
  }
}

}  // namespace

StepTimeline make_timeline(std::vector<RecordedWork> work, const Program& program,
                           const Plan& plan) {
  const std::vector<size_t> steps = match_steps(plan, work);
  const std::vector<std::string> names = names_of(program, plan);
  name_copies(steps, work);
  StepTimeline timeline;
  timeline.spans.reserve(work.size());
  for (size_t i = 0; i < work.size(); ++i) {
    TimelineSpan& span = timeline.spans.emplace_back(std::move(work[i].span));
    if (steps[i] != no_step && !names[steps[i]].empty()) span.name = names[steps[i]];
  }
  if (!timeline.spans.empty()) timeline.begin_ns = UINT64_MAX;
  for (const TimelineSpan& span : timeline.spans) {
    const bool host_known = span.host_end_ns > 0;
    timeline.begin_ns =
        std::min(timeline.begin_ns,
                 host_known ? std::min(span.host_begin_ns, span.begin_ns) : span.begin_ns);
    timeline.end_ns = std::max({timeline.end_ns, span.end_ns, span.host_end_ns});
  }
  timeline.ops_elsewhere = static_cast<size_t>(std::ranges::count_if(
      plan.steps, [](const PlanStep& step) { return step.runs_operation() && step.device != 0; }));
  timeline.prefetches = find_prefetch_spans(program, plan, steps, timeline.spans);
  for (PrefetchSpan& prefetch : timeline.prefetches)
    prefetch.late_bytes = work[prefetch.span].late_bytes;
  return timeline;
}

}  // namespace tenon
