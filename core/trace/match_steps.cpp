#include "trace/match_steps.hpp"

#include <string_view>

namespace tenon {
namespace {

using Kind = PlanStep::Kind;

// Steps of device 0 of which `wanted` says so, by index.
template <typename Wanted>
std::vector<size_t> steps_where(const Plan& plan, const Wanted& wanted) {
  std::vector<size_t> steps;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    if (plan.steps[i].device == 0 && wanted(plan.steps[i])) steps.push_back(i);
  }
  return steps;
}

template <typename Wanted>
std::vector<size_t> work_where(const std::vector<RecordedWork>& work, const Wanted& wanted) {
  std::vector<size_t> found;
  for (size_t i = 0; i < work.size(); ++i) {
    if (wanted(work[i].span)) found.push_back(i);
  }
  return found;
}

class OpMatcher {
 public:
  OpMatcher(const Plan& plan, const std::vector<RecordedWork>& work, std::vector<size_t>& result)
      : plan_(plan),
        work_(work),
        result_(result),
        steps_(steps_where(plan, [](const PlanStep& step) { return step.runs_operation(); })),
        ops_(work_where(work, [](const TimelineSpan& span) { return span.op != TN_OP_none; })) {}

  void run() {
    while (step_ < steps_.size() && op_ < ops_.size()) {
      if (is_linear_or_loop(step_) && loops_from(step_) > 0) {
        take_loops();
      } else if (step(step_).operation.op == span(op_).op) {
        result_[ops_[op_++]] = steps_[step_++];
      } else {
        ++op_;  // not of the plan
      }
    }
  }

 private:
  const PlanStep& step(size_t i) const { return plan_.steps[steps_[i]]; }
  const TimelineSpan& span(size_t i) const { return work_[ops_[i]].span; }
  bool is_loop(size_t i) const { return step(i).kind == Kind::expert_loop; }
  bool is_linear_or_loop(size_t i) const {
    return is_loop(i) || step(i).operation.op == TN_OP_linear;
  }
  size_t end_of_run(size_t first) const {
    size_t end = first;
    while (end < steps_.size() && is_linear_or_loop(end))
      ++end;
    return end;
  }
  size_t loops_from(size_t first) const {
    size_t loops = 0;
    for (size_t i = first; i < end_of_run(first); ++i)
      loops += is_loop(i) ? 1 : 0;
    return loops;
  }

  // Steps in a row that are linears on the device: each loop has as many of them as the others.
  void take_loops() {
    const size_t end = end_of_run(step_);
    size_t linears = 0;
    while (op_ + linears < ops_.size() && span(op_ + linears).op == TN_OP_linear)
      ++linears;
    const size_t loops = loops_from(step_);
    const size_t plain = end - step_ - loops;
    const size_t each = loops > 0 && linears > plain ? (linears - plain) / loops : 0;
    for (; step_ < end; ++step_) {
      for (size_t n = is_loop(step_) ? each : 1; n > 0 && op_ < ops_.size(); --n)
        result_[ops_[op_++]] = steps_[step_];
    }
  }

  const Plan& plan_;
  const std::vector<RecordedWork>& work_;
  std::vector<size_t>& result_;
  std::vector<size_t> steps_;  // of the plan
  std::vector<size_t> ops_;    // of the work
  size_t step_ = 0;
  size_t op_ = 0;
};

// Steps of one kind, which have a stream to themselves. A device that ignores hints keeps no records
// of them.
void match_in_order(const Plan& plan, const std::vector<RecordedWork>& work, Kind kind,
                    PlanStream stream, std::vector<size_t>& result) {
  const std::vector<size_t> steps =
      steps_where(plan, [&](const PlanStep& step) { return step.kind == kind; });
  const std::string_view name = plan_stream_name(stream);
  const std::vector<size_t> found =
      work_where(work, [&](const TimelineSpan& span) { return span.stream == name; });
  if (steps.size() != found.size()) return;
  for (size_t i = 0; i < found.size(); ++i)
    result[found[i]] = steps[i];
}

}  // namespace

std::vector<size_t> match_steps(const Plan& plan, const std::vector<RecordedWork>& work) {
  std::vector<size_t> result(work.size(), no_step);
  OpMatcher(plan, work, result).run();
  match_in_order(plan, work, Kind::prefetch, PlanStream::prefetch, result);
  match_in_order(plan, work, Kind::upload, PlanStream::upload, result);
  return result;
}

}  // namespace tenon
