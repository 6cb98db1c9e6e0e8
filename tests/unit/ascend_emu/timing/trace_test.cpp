#include "ascend_emu/timing/trace.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "ascend_emu/timing/simulation.hpp"
#include "work.hpp"

namespace timing_test {
namespace {

std::string trace_of(std::vector<WorkItem> log) {
  std::ostringstream out;
  write_trace(out, simulate(log, round_profile()));
  return out.str();
}

testing::AssertionResult has(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "no " << part << " in\n" << text;
}

WorkItem named(WorkItem work, const char* name) {
  work.name = name;
  return work;
}

TEST(Trace, AnOpIsAnEventOnItsEnginesRow) {
  const std::string text = trace_of({named(cube_op(3, {{1, 0, 2'000'000}}, 1e6), "gate_up")});
  EXPECT_TRUE(has(text, R"("tid":1,"name":"gate_up","ts":0.000000,"dur":2.000000)"));
  EXPECT_TRUE(has(text, R"("what":"linear","stream":3,"read_bytes":2000000,"hit_bytes":0,)"
                        R"("missed_bytes":2000000)"));
  EXPECT_TRUE(has(text, R"("busy_per_mille":500)"));
}

TEST(Trace, APrefetchSaysWhatHidItAndHowLateItWas) {
  const Extent weight{1, 0, 1'000'000};
  const std::string text =
      trace_of({named(prefetch(1, weight), "down.weight"), named(vector_op(0, 2000), "act"),
                named(cube_op(0, {weight}), "down")});
  EXPECT_TRUE(has(text, R"("tid":3,"name":"down.weight","ts":0.000000,"dur":2.600000)"));
  EXPECT_TRUE(has(text, R"("overlap_us":2.000000,"late":true,"late_us":0.600000,)"
                        R"("late_bytes":600000,"consumer":"down","hidden_by":["act"])"));
}

TEST(Trace, NamesAreEscaped) {
  EXPECT_TRUE(has(trace_of({named(vector_op(0, 10), "a\"b\\c\n")}), R"("name":"a\"b\\c\u000a")"));
}

TEST(Trace, CallsOfTheHostHaveARowWhenTheyTakeTime) {
  WorkItem busy;
  busy.kind = WorkKind::host_work;
  busy.host_time = 3 * microsecond;
  EXPECT_TRUE(has(trace_of({busy}), R"("tid":0,"name":"host_work","ts":0.000000,"dur":3.000000)"));
}

}  // namespace
}  // namespace timing_test
