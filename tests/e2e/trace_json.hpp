// A trace as tests look at it, and devices that make one or cannot.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "e2e/run_tenon.hpp"

namespace tenon {

// It has no profiling.
inline constexpr const char* silent_backend = TENON_FIXTURES "/c_backend/libc_backend.so";
inline constexpr const char* timed = "ascend_emu,timing=true,numerics=false";

// Work on a row; times in whole nanoseconds.
struct TraceEvent {
  std::string row;
  std::string name;
  std::string what;
  int64_t begin = 0;
  int64_t end = 0;
  nlohmann::json args;
};

// Complete events in the order of the file. Fails the test for text that is no trace.
inline std::vector<TraceEvent> trace_events(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) {
    ADD_FAILURE() << "not JSON: " << text.substr(0, 200);
    return {};
  }
  std::map<int, std::string> rows;
  std::vector<TraceEvent> events;
  for (const auto& event : json.at("traceEvents")) {
    if (event.at("name") == "thread_name") rows[event.at("tid")] = event.at("args").at("name");
    if (event.at("ph") != "X") continue;
    TraceEvent& next = events.emplace_back();
    next.row = rows.at(event.at("tid"));
    next.name = event.at("name");
    next.args = event.at("args");
    next.what = next.args.value("what", "");
    next.begin = std::llround(event.at("ts").get<double>() * 1000);
    next.end = next.begin + std::llround(event.at("dur").get<double>() * 1000);
  }
  return events;
}

// Every byte that is read is hit or missed, and no row does two things at once, which is what keeps
// an engine from being busy more than all the time.
inline void expect_conservation(const std::vector<TraceEvent>& events) {
  std::map<std::string, std::vector<std::pair<int64_t, int64_t>>> rows;
  for (const TraceEvent& event : events) {
    rows[event.row].emplace_back(event.begin, event.end);
    if (!event.args.contains("read_bytes")) continue;
    EXPECT_EQ(
        event.args.at("hit_bytes").get<int64_t>() + event.args.at("missed_bytes").get<int64_t>(),
        event.args.at("read_bytes").get<int64_t>())
        << event.name;
    EXPECT_LE(event.args.value("busy_per_mille", 0), 1000) << event.name;
  }
  for (auto& [row, times] : rows) {
    if (row == "host") continue;
    std::sort(times.begin(), times.end());
    for (size_t i = 1; i < times.size(); ++i)
      EXPECT_GE(times[i].first, times[i - 1].second) << row << " at " << times[i].first << " ns";
  }
}

inline std::vector<TraceEvent> events_where(const std::vector<TraceEvent>& events,
                                            const std::string& what) {
  std::vector<TraceEvent> found;
  for (const TraceEvent& event : events) {
    if (event.what == what && event.row != "host") found.push_back(event);
  }
  return found;
}

inline size_t steps_of(const std::vector<TraceEvent>& events) {
  size_t steps = 0;
  for (const TraceEvent& event : events)
    steps += event.row == "step" ? 1 : 0;
  return steps;
}

}  // namespace tenon
