#include "trace/prefetch_spans.hpp"

#include <algorithm>

#include "trace/match_steps.hpp"

namespace tenon {
namespace {

constexpr size_t none = static_cast<size_t>(-1);

std::optional<size_t> known(size_t span) {
  return span == none ? std::nullopt : std::optional(span);
}

// Where the ops of a plan lie among the spans.
class PlanSpans {
 public:
  PlanSpans(const Program& program, const Plan& plan, const std::vector<size_t>& steps)
      : first_span_(plan.steps.size(), none),
        next_op_(plan.steps.size(), none),
        reader_(plan.steps.size(), none) {
    for (size_t i = steps.size(); i-- > 0;) {
      if (steps[i] != no_step) first_span_[steps[i]] = i;
    }
    std::vector<size_t> readers(program.weights.size(), none);  // of the steps that follow
    size_t next = none;
    for (size_t i = plan.steps.size(); i-- > 0;) {
      const PlanStep& step = plan.steps[i];
      next_op_[i] = next;
      if (step.kind == PlanStep::Kind::prefetch) reader_[i] = readers[step.weight.weight];
      if (!step.runs_operation() || step.device != 0) continue;
      next = first_span_[i];
      for (const Operand& operand : step.operation.operands) {
        const Value& value = program.values[operand.value];
        if (value.value_class == ValueClass::weight) readers[value.index] = first_span_[i];
      }
    }
  }

  // Spans, or nothing where the device kept no record.
  std::optional<size_t> anchor_of(size_t step) const { return known(next_op_[step]); }
  std::optional<size_t> consumer_of(size_t step) const { return known(reader_[step]); }

 private:
  std::vector<size_t> first_span_;  // by step
  std::vector<size_t> next_op_;     // by step
  std::vector<size_t> reader_;      // by step; of prefetches
};

// When what came before the anchor on its stream was over: the earliest that a prefetch there can
// begin.
uint64_t window_begin(const std::vector<TimelineSpan>& spans, size_t anchor) {
  for (size_t i = anchor; i-- > 0;) {
    if (spans[i].stream == spans[anchor].stream) return spans[i].end_ns;
  }
  return spans[anchor].begin_ns;
}

void measure_window(const std::vector<TimelineSpan>& spans, std::optional<size_t> before,
                    PrefetchSpan& prefetch) {
  if (!prefetch.anchor || !prefetch.consumer) return;
  const TimelineSpan& own = spans[prefetch.span];
  const TimelineSpan& anchor = spans[*prefetch.anchor];
  uint64_t opens = std::min(window_begin(spans, *prefetch.anchor), own.begin_ns);
  // Nothing of a graph begins before its launch has ended, whatever came before.
  const bool one_launch = own.host_end_ns > 0 && own.host_begin_ns == anchor.host_begin_ns &&
                          own.host_end_ns == anchor.host_end_ns;
  if (one_launch) opens = std::max(opens, std::min(own.host_end_ns, own.begin_ns));
  prefetch.window_ns =
      spans[*prefetch.consumer].begin_ns - std::min(opens, spans[*prefetch.consumer].begin_ns);
  prefetch.delay_ns = own.begin_ns - opens;
  if (before && spans[*before].end_ns > opens) prefetch.delayed_by = before;
}

void measure_overlap(const std::vector<TimelineSpan>& spans, PrefetchSpan& prefetch) {
  const TimelineSpan& own = spans[prefetch.span];
  const uint64_t needed = prefetch.consumer ? spans[*prefetch.consumer].begin_ns : own.end_ns;
  const uint64_t until = std::clamp(needed, own.begin_ns, own.end_ns);
  prefetch.overlap_ns = until - own.begin_ns;
  prefetch.lateness_ns = own.end_ns - until;
  if (!prefetch.consumer) return;
  for (size_t i = prefetch.anchor.value_or(prefetch.span); i < *prefetch.consumer; ++i) {
    const TimelineSpan& span = spans[i];
    if (span.op != TN_OP_none && span.begin_ns < until && span.end_ns > own.begin_ns)
      prefetch.hidden_by.push_back(i);
  }
}

}  // namespace

std::vector<PrefetchSpan> find_prefetch_spans(const Program& program, const Plan& plan,
                                              const std::vector<size_t>& steps,
                                              const std::vector<TimelineSpan>& spans) {
  const PlanSpans places(program, plan, steps);
  std::vector<PrefetchSpan> prefetches;
  std::optional<size_t> before;  // the prefetch before, on the same stream
  for (size_t i = 0; i < spans.size(); ++i) {
    if (steps[i] == no_step || plan.steps[steps[i]].kind != PlanStep::Kind::prefetch) continue;
    PrefetchSpan& prefetch = prefetches.emplace_back();
    prefetch.span = i;
    prefetch.anchor = places.anchor_of(steps[i]);
    prefetch.consumer = places.consumer_of(steps[i]);
    prefetch.bytes = plan.steps[steps[i]].bytes;
    measure_window(spans, before, prefetch);
    measure_overlap(spans, prefetch);
    before = i;
  }
  return prefetches;
}

}  // namespace tenon
