// What it costs the host to plan and rehearse a step of a deployment.
//
//   rehearsal_bench CONFIG [SEQUENCES [CONTEXT]]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "tenon/configuration.hpp"
#include "tenon/rehearsal.hpp"
#include "trace/chrome_trace.hpp"

namespace tenon {
namespace {

constexpr int repetitions = 10;

double milliseconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

double best(const std::function<void()>& work) {
  double least = milliseconds(work);
  for (int i = 1; i < repetitions; ++i)
    least = std::min(least, milliseconds(work));
  return least;
}

void print(const char* what, double value, const char* unit) {
  fmt::print("{:<58} {:>9.2f} {}\n", what, value, unit);
}

// Most memory that this process has had so far.
double peak_mebibytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
  }
  return 0;
}

void measure(const std::string& file, bool graphs, RehearsedStep step) {
  Deployment deployment;
  deployment.config_file = file;
  deployment.settings.push_back({graphs ? "engine.graphs=true" : "engine.graphs=false", "bench"});
  const ResolvedConfiguration configuration = resolve_configuration(deployment, true);
  PluginRegistry registry = make_registry(deployment, configuration);
  fmt::print("{}, {} sequences, context {}, {}\n", file, step.sequences, step.context,
             graphs ? "captured" : "eager");
  print("open: program, devices, memory for weights",
        milliseconds([&] { open_rehearsal(configuration, registry); }), "ms");
  Rehearsal rehearsal = open_rehearsal(configuration, registry);
  print("first plan, its memory and addresses", milliseconds([&] { rehearsal.plan(step); }), "ms");
  print("planned anew, best of 10", best([&] {
          rehearsal.set_prefetch(rehearsal.prefetch());
          rehearsal.plan(step);
        }),
        "ms");
  rehearsal.run(step, 0);
  print("one step simulated, best of 10", best([&] { rehearsal.run(step, 0); }) / 2, "ms");
  std::vector<StepTimeline> timelines;
  const double unrecorded = best([&] { rehearsal.run(step, 0); });
  const double recorded = best([&] { timelines = rehearsal.run(step, 1); });
  print("one step simulated and recorded", recorded - unrecorded, "ms");
  print("its trace as text", best([&] {
          std::ostringstream out;
          write_chrome_trace(out, timelines);
        }),
        "ms");
  print("events of the step", static_cast<double>(timelines.front().spans.size()), "");
  print("prefetches of the step", static_cast<double>(timelines.front().prefetches.size()), "");
  print("the step itself, in the device's time",
        static_cast<double>(timelines.front().duration_ns()) / 1e6, "ms");
  print("most memory of the process so far", peak_mebibytes(), "MiB");
}

}  // namespace
}  // namespace tenon

int main(int count, char** values) {
  if (count < 2) {
    fmt::print(stderr, "usage: rehearsal_bench CONFIG [SEQUENCES [CONTEXT]]\n");
    return 2;
  }
  try {
    tenon::RehearsedStep step;
    step.sequences = count > 2 ? std::atoll(values[2]) : 1;
    step.context = count > 3 ? std::atoll(values[3]) : 1024;
    tenon::measure(values[1], true, step);
    tenon::measure(values[1], false, step);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
