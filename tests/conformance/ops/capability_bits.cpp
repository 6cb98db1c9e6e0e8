// Capability bits that speak of ops.
#include <fmt/format.h>

#include "ops/op_runner.hpp"

namespace tenon::conformance::capability_bits_test {

// A device that may serve as fallback takes every form that the suites know.
CONFORMANCE_TEST(ops, run_every_op, {.rules = {"TN-DEV-7"}, .needs = TN_CAN_RUN_EVERY_OP}) {
  for (const NamedSuite& named : op_suites()) {
    if (named.op->op_class == TN_CLASS_COMMUNICATION) continue;
    const OpSuite& suite = named.suite();
    OpRunner runner(context, suite);
    Random random(runner.grid().seed);
    for (const OpCase& values : suite.canonical(runner.grid())) {
      runner.supported(values);
      runner.supported(with_gaps(values, suite, 3));
    }
    for (int i = 0; i < (context.full() ? 200 : 20); ++i)
      runner.supported(suite.draw(runner.grid(), random));
  }
}

CONFORMANCE_TEST(ops, collectives_behind_a_clear_bit, {.rules = {"TN-DEV-5", "TN-OP-2"}}) {
  Subject& subject = context.subject();
  if (subject.can(TN_CAN_COMMUNICATE)) throw TestSkipped("TN_CAN_COMMUNICATE is set");
  Grid grid;
  grid.activation = subject.device_info().preferred_activation_dtype;
  grid.world = 2;
  for (const NamedSuite& named : op_suites()) {
    if (named.op->op_class != TN_CLASS_COMMUNICATION) continue;
    const OpCase values = named.suite().canonical(grid).front();
    const tn_op_support support = query_op(subject, named.op->id, blank_args(values, 0).data());
    check(support.supported == 0, "TN-DEV-5",
          fmt::format("op_query of {} where TN_CAN_COMMUNICATE is clear", named.op->name),
          "supported 0", fmt::format("{}", support.supported));
  }
}

}  // namespace tenon::conformance::capability_bits_test
