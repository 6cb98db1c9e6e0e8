#include "recorded_steps.hpp"

#include <stdexcept>

#include "device/op_table.hpp"

namespace tenon {

RecordedWork recorded(uint32_t op, const std::string& what, PlanStream stream,
                      const std::string& engine, uint64_t begin_ns, uint64_t end_ns) {
  RecordedWork work;
  work.span.op = op;
  work.span.what = what;
  work.span.name = what;
  work.span.stream = plan_stream_name(stream);
  work.span.engine = engine;
  work.span.begin_ns = begin_ns;
  work.span.end_ns = end_ns;
  return work;
}

RecordedWork& RecordedPlan::op(const std::string& name) {
  size_t ops = 0;
  for (const PlanStep& step : plan.steps) {
    if (!step.runs_operation()) continue;
    if (step.operation.name == name) break;
    ++ops;
  }
  for (RecordedWork& piece : work) {
    if (piece.span.op != TN_OP_none && ops-- == 0) return piece;
  }
  throw std::out_of_range(name);
}

RecordedWork& RecordedPlan::prefetch(size_t n) {
  for (RecordedWork& piece : work) {
    if (piece.span.what == "prefetch" && n-- == 0) return piece;
  }
  throw std::out_of_range("prefetch");
}

RecordedPlan recorded_plan() {
  RecordedPlan result;
  result.program = dense_program(2);
  result.plan = plan_of(result.program);
  insert_prefetches(result.program, result.plan, whole_weights(result.program), roomy_device());
  uint64_t now = 100;
  result.work.push_back(
      recorded(TN_OP_none, "copy_h2d", PlanStream::compute, "copy", now - 20, now - 10));
  for (const PlanStep& step : result.plan.steps) {
    if (step.kind == PlanStep::Kind::prefetch) {
      result.work.push_back(
          recorded(TN_OP_none, "prefetch", PlanStream::prefetch, "cmo", now, now + 5));
    } else if (step.runs_operation()) {
      const OpInfo& info = *find_op(step.operation.op);
      const bool cube = info.op_class == TN_CLASS_CUBE || info.op_class == TN_CLASS_ATTENTION;
      result.work.push_back(recorded(step.operation.op, std::string(info.name), step.stream,
                                     cube ? "cube" : "vector", now, now + 10));
      now += 10;
    }
  }
  result.work.push_back(
      recorded(TN_OP_none, "copy_d2h", PlanStream::compute, "copy", now, now + 10));
  return result;
}

}  // namespace tenon
