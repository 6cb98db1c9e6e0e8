// The JSON of a trace.
#include "trace/chrome_trace.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "recorded_steps.hpp"
#include "trace/make_timeline.hpp"

namespace tenon {
namespace {

using Json = nlohmann::json;

std::string text_of(const std::vector<StepTimeline>& steps) {
  std::ostringstream out;
  write_chrome_trace(out, steps);
  return out.str();
}

Json events_of(const std::vector<StepTimeline>& steps) {
  return Json::parse(text_of(steps)).at("traceEvents");
}

std::vector<std::string> rows_of(const Json& events) {
  std::map<int, std::string> rows;
  for (const Json& event : events) {
    if (event.at("name") == "thread_name") rows[event.at("tid")] = event.at("args").at("name");
  }
  std::vector<std::string> names;
  for (const auto& [row, name] : rows)
    names.push_back(name);
  return names;
}

// The first event of this name and kind of work.
Json find(const Json& events, const std::string& name, const std::string& what) {
  for (const Json& event : events) {
    if (event.at("name") == name && event.at("args").value("what", "") == what) return event;
  }
  ADD_FAILURE() << what << " '" << name << "' is missing";
  return {};
}

StepTimeline step_of(std::vector<TimelineSpan> spans) {
  StepTimeline step;
  step.spans = std::move(spans);
  step.begin_ns = 1000;
  step.end_ns = 9000;
  return step;
}

TimelineSpan span_of(const std::string& name, const std::string& engine, uint64_t begin,
                     uint64_t end) {
  TimelineSpan span;
  span.name = name;
  span.what = "work";
  span.engine = engine;
  span.begin_ns = begin;
  span.end_ns = end;
  return span;
}

TEST(ChromeTrace, OfNothing) {
  EXPECT_EQ(rows_of(events_of({})), (std::vector<std::string>{"step", "host", "cube", "vector",
                                                              "cmo", "communication", "copy"}));
}

TEST(ChromeTrace, TimesAreExactMicroseconds) {
  const std::string text = text_of({step_of({span_of("a", "cube", 1001, 3510)})});
  EXPECT_NE(text.find(R"("name":"a","ts":0.001,"dur":2.509)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("name":"step 0","ts":0.000,"dur":8.000)"), std::string::npos) << text;
}

TEST(ChromeTrace, NamesAreEscaped) {
  const std::string name = "a\"b\\c\n\x01 \xc3\xa9";
  EXPECT_EQ(
      find(events_of({step_of({span_of(name, "cube", 1000, 2000)})}), name, "work").at("name"),
      name);
}

TEST(ChromeTrace, EnginesOfADeviceHaveRowsOfTheirOwn) {
  const Json events =
      events_of({step_of({span_of("a", "tensor", 1000, 2000), span_of("b", "", 1000, 2000),
                          span_of("c", "cube", 1000, 2000)})});
  EXPECT_EQ(rows_of(events).at(7), "tensor");
  EXPECT_EQ(rows_of(events).at(8), "device");
  EXPECT_EQ(find(events, "a", "work").at("tid"), 7);
  EXPECT_EQ(find(events, "c", "work").at("tid"), 2);
}

TEST(ChromeTrace, WhatAnEngineDoesAtTheSameTimeIsNotOnOneRow) {
  const Json events =
      events_of({step_of({span_of("a", "copy", 1000, 3000), span_of("b", "copy", 2000, 4000),
                          span_of("c", "copy", 3000, 5000)})});
  EXPECT_EQ(rows_of(events).back(), "copy 2");
  EXPECT_EQ(find(events, "a", "work").at("tid"), 6);
  EXPECT_EQ(find(events, "b", "work").at("tid"), 7);
  EXPECT_EQ(find(events, "c", "work").at("tid"), 6);
}

TEST(ChromeTrace, HostCallsAndTheLaunchOfAGraph) {
  std::vector<TimelineSpan> spans = {span_of("a", "cube", 4000, 5000),
                                     span_of("b", "cube", 5000, 6000),
                                     span_of("c", "cube", 6000, 7000)};
  spans[0].host_begin_ns = 1000;
  spans[0].host_end_ns = 2000;
  spans[1].host_begin_ns = spans[2].host_begin_ns = 2000;
  spans[1].host_end_ns = spans[2].host_end_ns = 3000;
  std::vector<std::string> host;
  for (const Json& event : events_of({step_of(spans)})) {
    if (event.at("ph") == "X" && event.at("tid") == 1)
      host.push_back(event.at("name").get<std::string>() + " " +
                     std::to_string(event.at("args").value("items", 1)));
  }
  EXPECT_EQ(host, (std::vector<std::string>{"a 1", "graph launch 2"}));
}

TEST(ChromeTrace, WhatAnOpMoved) {
  TimelineSpan span = span_of("a", "cube", 1000, 3000);
  span.bytes_read = 100;
  span.cache_hit_bytes = 30;
  span.bytes_written = 7;
  span.compute_ns = 500;
  const Json arguments = find(events_of({step_of({span})}), "a", "work").at("args");
  EXPECT_EQ(arguments.at("read_bytes"), 100);
  EXPECT_EQ(arguments.at("hit_bytes"), 30);
  EXPECT_EQ(arguments.at("missed_bytes"), 70);
  EXPECT_EQ(arguments.at("written_bytes"), 7);
  EXPECT_EQ(arguments.at("busy_per_mille"), 250);
}

TEST(ChromeTrace, WhatAPrefetchWasHiddenBy) {
  RecordedPlan step = recorded_plan();
  RecordedWork& late = step.prefetch(2);
  late.span.end_ns += 13;
  late.late_bytes = 77;
  const Json arguments = find(events_of({make_timeline(step.work, step.program, step.plan)}),
                              "deck.0.work.out", "prefetch")
                             .at("args");
  EXPECT_EQ(arguments.at("consumer"), "deck.0.work.out");
  EXPECT_EQ(arguments.at("anchor"), "deck.0.work.bend");
  EXPECT_EQ(arguments.at("hidden_by"), Json::array({"deck.0.work.bend"}));
  EXPECT_EQ(arguments.at("bytes"), 1024);
  EXPECT_EQ(arguments.at("late"), true);
  EXPECT_EQ(arguments.at("late_bytes"), 77);
  EXPECT_DOUBLE_EQ(arguments.at("overlap_us"), 0.010);
  EXPECT_DOUBLE_EQ(arguments.at("late_us"), 0.008);
  EXPECT_DOUBLE_EQ(arguments.at("needed_us"), 0.018);
  EXPECT_DOUBLE_EQ(arguments.at("window_us"), 0.010);
}

TEST(ChromeTrace, StepsFollowOneAnother) {
  RecordedPlan step = recorded_plan();
  const StepTimeline first = make_timeline(step.work, step.program, step.plan);
  for (RecordedWork& work : step.work) {
    work.span.begin_ns += 5000;
    work.span.end_ns += 5000;
  }
  const std::vector<StepTimeline> both = {first, make_timeline(step.work, step.program, step.plan)};
  std::vector<double> begins;
  for (const Json& event : events_of(both)) {
    if (event.at("ph") == "X" && event.at("tid") == 0) begins.push_back(event.at("ts"));
  }
  EXPECT_EQ(begins, (std::vector<double>{0.0, 5.0}));
  EXPECT_EQ(text_of(both), text_of(both));
}

}  // namespace
}  // namespace tenon
