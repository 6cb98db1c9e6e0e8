// What an op computes, and what it leaves alone.
#include <fmt/format.h>

#include "ops/generic_tests.hpp"
#include "ops/op_runner.hpp"

namespace tenon::conformance {
namespace {

bool claims(OpRunner& runner, uint64_t profile) {
  return (runner.subject().device_info().profiles & profile) != 0;
}

// Runs `values` in both ways and compares bits, where the device gives the same bits twice at all;
// each run checks its values against the expectation anyway.
void run_both(OpRunner& runner, const OpCase& values, const Placement& one, const Placement& other,
              const char* rule, const std::string& what) {
  const auto first = runner.run(values, one);
  if (!first) return;
  const auto second = runner.run(values, other);
  const std::string differs = difference(values, *first, *second);
  if (differs.empty() || !repeats(runner, values, *first)) return;
  fail(rule, fmt::format("{}, case \"{}\", {}", values.op->name, values.name, what),
       "the same bits", differs);
}

// The two operands could be one tensor.
bool fits(const OpCase& values, const OpAlias& alias) {
  for (const OpCall& call : values.ranks) {
    const HostTensor& output = call.operands[alias.output];
    const HostTensor& input = call.operands[alias.input];
    if (!output.present() || !input.present() || output.dtype() != input.dtype() ||
        output.shape() != input.shape()) {
      return false;
    }
  }
  return true;
}

OpCase with_equal_strides(OpCase values, const std::vector<OpAlias>& aliases) {
  for (OpCall& call : values.ranks) {
    for (const OpAlias& alias : aliases) {
      const HostTensor& input = call.operands[alias.input];
      HostTensor& output = call.operands[alias.output];
      output = HostTensor::with_strides(input.dtype(), input.shape(), input.strides());
    }
  }
  return values;
}

std::string alias_text(const OpInfo& op, const std::vector<OpAlias>& aliases) {
  std::string text;
  for (const OpAlias& alias : aliases) {
    text += fmt::format("{}{} = {}", text.empty() ? "" : " and ", op.operands[alias.output].name,
                        op.operands[alias.input].name);
  }
  return text;
}

// Each line of ops.def alone, and two of them where they share no tensor.
std::vector<std::vector<OpAlias>> alias_sets(const OpInfo& op) {
  std::vector<std::vector<OpAlias>> sets;
  for (const OpAlias& one : op.aliases) {
    sets.push_back({one});
    for (const OpAlias& other : op.aliases) {
      if (one.output < other.output && one.input != other.input) sets.push_back({one, other});
    }
  }
  return sets;
}

}  // namespace

void values(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite);
  runner.run_all(without_quantised(suite.canonical(runner.grid())));
  runner.finish();
}

void quantised_values(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite);
  const Cases cases = only_quantised(suite.canonical(runner.grid()));
  runner.run_all(cases);
  for (const OpCase& values : spread(cases, 6))
    runner.run(with_gaps(values, suite, 5));
  runner.finish();
}

void random(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite);
  Random draws(runner.grid().seed);
  const bool quantised = claims(runner, TN_PROFILE_QUANTISED);
  const int count = context.full() ? 300 : 25;
  for (int i = 0; i < count; ++i) {
    OpCase values = suite.draw(runner.grid(), draws);
    const int64_t gap = draws.integer(0, 5);
    if (values.quantised && !quantised) continue;
    Placement placement;
    placement.shift = static_cast<uint64_t>(draws.integer(0, 3));
    values.name = fmt::format("draw {}: {}", i, values.name);
    runner.run(gap > 2 ? with_gaps(values, suite, gap) : values, placement);
  }
  runner.finish();
}

void zero_rows(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite, "TN-OP-11");
  runner.run_all(suite.zero_rows(runner.grid()));
  runner.finish();
}

void strided(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite, "TN-OP-12");
  Cases contiguous;
  for (OpCase& values : without_quantised(suite.canonical(runner.grid()))) {
    if (values.contiguous()) {
      contiguous.push_back(std::move(values));
    } else {
      runner.run(values);  // transposed views
    }
  }
  int64_t gap = 0;
  for (const OpCase& values : spread(std::move(contiguous), context.full() ? 1000 : 24)) {
    gap = gap % 7 + 1;
    const OpCase with = with_gaps(values, suite, gap);
    if (!with.contiguous()) runner.run(with);
  }
  runner.finish();
}

void operands_untouched(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite, "TN-OP-8");
  // Another poison than `values` uses: what happens to equal the one differs from the other.
  Placement placement;
  placement.written = Poison::written_again;
  placement.shift = 1;
  for (const OpCase& values : spread(suite.canonical(runner.grid()), context.full() ? 1000 : 16)) {
    runner.run(values, placement);
    runner.run(with_gaps(values, suite, 1), placement);
  }
  runner.finish();
}

void offsets(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite, "TN-OP-3");
  for (const OpCase& values : spread(suite.canonical(runner.grid()), context.full() ? 100 : 6)) {
    for (const uint64_t shift : {1, 2, 3, 7, 64, 100})
      runner.run(values, {.shift = shift});
  }
  runner.finish();
}

void aliases(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite, "TN-OP-9");
  const Cases cases = spread(suite.canonical(runner.grid()), context.full() ? 1000 : 16);
  for (const OpCase& values : cases) {
    for (const auto& set : alias_sets(*values.op)) {
      bool possible = true;
      for (const OpAlias& alias : set)
        possible = possible && fits(values, alias);
      if (!possible) continue;
      for (const OpCase& base : {values, with_gaps(values, suite, 3)}) {
        run_both(runner, with_equal_strides(base, set), {}, {.aliases = set}, "TN-OP-9",
                 "with " + alias_text(*values.op, set) + " and with separate tensors");
      }
    }
  }
  runner.finish();
}

void workspace_content(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite, "TN-OP-6");
  for (const OpCase& values : spread(suite.canonical(runner.grid()), context.full() ? 200 : 12)) {
    for (const Poison poison : {Poison::zero, Poison::read_index}) {
      run_both(runner, values, {},
               {.written = poison == Poison::zero ? Poison::zero : Poison::written_again,
                .workspace = poison},
               "TN-OP-6", "with other contents of workspace and output before");
    }
  }
  runner.finish();
}

void not_read(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite, "TN-OP-14");
  runner.run_all(suite.not_read(runner.grid()));
  runner.finish();
}

void written_as_zero(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite, "TN-OP-15");
  runner.run_all(suite.written_as_zero(runner.grid()));
  runner.finish();
}

void ties(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite, "TN-OP-16");
  runner.run_all(suite.ties(runner.grid()));
  runner.finish();
}

void bad_index_stays_inside(Context& context, const OpSuite& suite) {
  size_t tested = 0;
  const size_t count = suite.bad_index({}).size();
  for (size_t i = 0; i < count; ++i) {
    // A failed stream takes no more work: each case has streams and communicators of its own.
    OpRunner runner(context, suite, "TN-OP-13");
    OpCase values = suite.bad_index(runner.grid())[i];
    values.expect_anything();
    const auto support = runner.supported(values);
    if (!support) continue;
    PlacedCase placed = runner.place(values, *support);
    for (tn_stream* stream : runner.streams())
      runner.subject().synchronize(stream);  // the contents have arrived
    placed.enqueue();
    for (tn_stream* stream : runner.streams())
      runner.subject().table().stream_synchronize(stream, nullptr);  // may have failed
    placed.download_apart();
    placed.check_surroundings();
    ++tested;
  }
  if (tested == 0) throw TestUnsupported("no form with indices is supported");
}

}  // namespace tenon::conformance
