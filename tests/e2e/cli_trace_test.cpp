// `tenon trace`: the same bytes for the same deployment, what was late, what is refused.
#include <algorithm>
#include <set>

#include "e2e/expectations.hpp"
#include "e2e/trace_json.hpp"

namespace tenon {
namespace {

std::string config(const std::string& name) {
  return (source_folder() / "configs" / name).string();
}

// The JSON, on standard output.
std::string trace(const std::string& name, const std::string& device,
                  const std::vector<std::string>& flags = {}) {
  std::vector<std::string> args = {"trace", config(name), "--device", device, "-o", "-"};
  args.insert(args.end(), flags.begin(), flags.end());
  const CommandResult result = run_tenon(args);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return result.out;
}

class CliTrace : public testing::TestWithParam<const char*> {
 protected:
  std::string graphs() const { return std::string("engine.graphs=") + GetParam(); }
  bool captured() const { return graphs() == "engine.graphs=true"; }
};

TEST_P(CliTrace, TheSameBytesWhateverTheThreads) {
  const std::vector<std::string> flags = {"--sequences", "4", "--steps", "2", "--set", graphs()};
  const std::string once = trace("demo_prefetch.toml", timed, flags);
  ASSERT_FALSE(once.empty());
  EXPECT_EQ(trace("demo_prefetch.toml", timed, flags), once);
  for (const char* threads : {",threads=1", ",threads=2"})
    EXPECT_EQ(trace("demo_prefetch.toml", timed + std::string(threads), flags), once) << threads;
}

TEST_P(CliTrace, NothingIsLostAndNothingDoneTwice) {
  const std::vector<TraceEvent> events =
      trace_events(trace("demo_prefetch.toml", timed, {"--steps", "3", "--set", graphs()}));
  EXPECT_EQ(steps_of(events), 3U);
  expect_conservation(events);
  // 5 layers with a window before qkv, gate_up and down.
  EXPECT_EQ(events_where(events, "prefetch").size(), 3U * 15U);
}

TEST_P(CliTrace, PrefetchesNameTheirReadersAndWhatHidThem) {
  const std::vector<TraceEvent> events =
      trace_events(trace("demo_prefetch.toml", timed, {"--set", graphs()}));
  std::set<std::string> ops;
  for (const TraceEvent& event : events)
    ops.insert(event.name);
  bool late = false;
  for (const TraceEvent& prefetch : events_where(events, "prefetch")) {
    SCOPED_TRACE(prefetch.name);
    const auto reader = std::ranges::find_if(
        events, [&](const TraceEvent& e) { return e.name == prefetch.name && e.what == "linear"; });
    ASSERT_NE(reader, events.end());
    EXPECT_EQ(prefetch.row, "cmo");
    EXPECT_EQ(prefetch.args.at("consumer"), reader->name);
    EXPECT_EQ(prefetch.args.at("late").get<bool>(), prefetch.end > reader->begin);
    EXPECT_EQ(std::llround(prefetch.args.at("late_us").get<double>() * 1000),
              std::max<int64_t>(0, prefetch.end - reader->begin));
    // Eager steps wait for the host: a prefetch is over before the op after it is asked for.
    EXPECT_EQ(prefetch.args.at("hidden_by").empty(), !captured());
    for (const auto& name : prefetch.args.at("hidden_by"))
      EXPECT_TRUE(ops.contains(name)) << name;
    late = late || prefetch.args.at("late").get<bool>();
  }
  EXPECT_EQ(late, captured()) << "the fixed time of a prefetch outlasts a norm of one row";
}

INSTANTIATE_TEST_SUITE_P(Graphs, CliTrace, testing::Values("true", "false"));

TEST(CliTraceOf, TheGuidesDeployments) {
  for (const auto& [name, sequences, all_reduces] :
       {std::tuple("qwen3_32b_w8a8.toml", "72", 128),
        std::tuple("qwen3_235b_a22b_w8a8.toml", "144", 94)}) {
    SCOPED_TRACE(name);
    const CommandResult result =
        run_tenon({"trace", config(name), "--sequences", sequences, "-o", "-"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const std::vector<TraceEvent> events = trace_events(result.out);
    expect_conservation(events);
    EXPECT_EQ(events_where(events, "all_reduce").size(), static_cast<size_t>(all_reduces));
    EXPECT_TRUE(contains(result.err, "by name, averages of one prefetch")) << result.err;
    // What was not there when its reader began has a number wherever a prefetch ran beside it.
    for (const TraceEvent& prefetch : events_where(events, "prefetch")) {
      if (prefetch.args.at("late_us").get<double>() < 5) continue;
      EXPECT_GT(prefetch.args.at("late_bytes").get<int64_t>(), 0) << prefetch.name;
    }
  }
}

// Attention over long contexts reads more than the cache holds.
TEST(CliTraceText, SaysWhatWasEvictedBeforeItsReader) {
  const CommandResult result =
      run_tenon({"trace", config("qwen3_32b_w8a8.toml"), "--sequences", "32", "--context", "8192",
                 "--set", "prefetch.through_attention=true", "-o", "-"});
  EXPECT_TRUE(contains(result.err,
                       "; in time, but 10485760 bytes had left the cache when its reader began"))
      << result.err;
}

TEST(CliTraceText, SaysHowManyOpsAnotherDeviceRan) {
  const CommandResult result =
      run_tenon({"trace", config("demo.toml"), "--device", "cpu_reference,unsupported_ops=swiglu",
                 "--set", "device.fallback=allow", "-o", "-"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.err, "\nelsewhere 5 of the step's ops ran on the fallback device"))
      << result.err;
  EXPECT_TRUE(contains(result.out, "\"ops_elsewhere\":5"));
}

TEST(CliTraceText, SaysWhichPrefetchWasLateAndWhy) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "t.json").string();
  const CommandResult result = run_tenon(
      {"trace", config("demo_prefetch.toml"), "--device", timed, "--sequences", "4", "-o", file});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  for (const char* part :
       {"step      4 sequences of 1 row, 1024 tokens each\n", "\nengines   host ", "\nbytes     ",
        "\nprefetch  15 of 4177920 bytes, ", "\n  mlp.down           5 ", "\nthe latest first:\n",
        "  swiglu; would need at least ", " us more than its window", "trace written to "}) {
    EXPECT_TRUE(contains(result.out, part)) << "missing: " << part << "\nin: " << result.out;
  }
  EXPECT_FALSE(trace_events(read_whole(file)).empty());
}

TEST(CliTraceText, AStepThatPrefetchesNothing) {
  const TemporaryFolder folder;
  const CommandResult result =
      run_tenon({"trace", "--model", demo_model().string(), "--device", timed, "--rows", "7", "-o",
                 (folder.path() / "t.json").string()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "step      1 sequence of 7 rows, ")) << result.out;
  EXPECT_TRUE(contains(result.out, "\nprefetch  none\n")) << result.out;
}

// In real time, and with zeros for weights.
TEST(CliTraceOf, ADeviceThatComputes) {
  for (const char* device : {"cpu_reference", "ascend_emu"}) {
    for (const char* model : {"qwen3", "qwen3_moe"}) {
      SCOPED_TRACE(std::string(device) + " " + model);
      const CommandResult result =
          run_tenon({"trace", "--model", (source_folder() / "examples/demo" / model).string(),
                     "--device", device, "--sequences", "2", "--context", "32", "-o", "-"});
      ASSERT_EQ(result.exit_code, 0) << result.err;
      const std::vector<TraceEvent> events = trace_events(result.out);
      EXPECT_EQ(steps_of(events), 1U);
      EXPECT_EQ(events_where(events, "paged_attention").size(), 5U);
    }
  }
}

TEST(CliTraceOf, WeightsThatAreStreamed) {
  const std::vector<TraceEvent> events = trace_events(
      trace("demo_streamed.toml", timed, {"--set", "device.options.memory=\"64MiB\""}));
  size_t uploads = 0;
  for (const TraceEvent& event : events) {
    if (event.args.value("stream", "") != "upload") continue;
    ++uploads;
    EXPECT_TRUE(event.name.starts_with("model.layers.") || event.name == "lm_head") << event.name;
  }
  EXPECT_GT(uploads, 5U);
}

TEST(CliTraceRefuses, WhatCannotBeTraced) {
  const std::string demo = config("demo_prefetch.toml");
  expect_refused(run_tenon({"trace", demo, "--sequences", "0"}), {"[--sequences]", "at least 1"});
  expect_refused(run_tenon({"trace", demo, "--sequences", "1000", "-o", "-"}),
                 {"[engine.max_num_seqs]", "1000"});
  expect_refused(run_tenon({"trace", demo, "--context", "1025", "-o", "-"}),
                 {"[engine.context]", "1024"});
  expect_refused(run_tenon({"trace", demo, "-o", "/nowhere/t.json"}),
                 {"[--output]", "cannot write /nowhere/t.json"});
  expect_refused(run_tenon({"trace", demo, "-o", ""}), {"[--output]"});
  expect_refused(run_tenon({"trace", demo, "--device", timed, "--steps", "1001"}),
                 {"[steps]", "1 to 1000", "1001"});
  expect_refused(run_tenon({"trace", demo, "--device", silent_backend, "--set",
                            "engine.graphs=false", "-o", "-"}),
                 {"keeps no records of its work"});
}

// A trace that is there is worth more than none.
TEST(CliTraceRefuses, BeforeAFileThatIsThereIsTouched) {
  const TemporaryFolder folder;
  const std::string file = folder.file("t.json", "precious");
  const std::string picture = folder.file("p.svg", "drawn");
  const std::string demo = config("demo_prefetch.toml");
  const std::vector<std::string> flags = {"trace", demo, "--device", timed, "-o", file};
  const auto refuse = [&](const std::vector<std::string>& more,
                          const std::vector<std::string>& parts) {
    std::vector<std::string> args = flags;
    args.insert(args.end(), more.begin(), more.end());
    expect_refused(run_tenon(args), parts);
    EXPECT_EQ(read_whole(file), "precious");
    EXPECT_EQ(read_whole(picture), "drawn");
  };
  refuse({"--sequences", "1000", "--picture", picture}, {"[engine.max_num_seqs]", "1000"});
  refuse({"--picture", picture, "--layer", "nothing"}, {"no work of that layer", "nothing"});
  refuse({"--picture", "/nowhere/p.svg"}, {"[--picture]", "cannot write /nowhere/p.svg"});
  refuse({"--picture", file}, {"[--picture]", "written by --output", "another file", file});
}

TEST(CliTraceRefuses, ToOverwriteTheDeployment) {
  const TemporaryFolder folder;
  const std::string text =
      "[model]\npath = \"" + demo_model().string() + "\"\n[trace]\nfile = \"self.toml\"\n";
  const std::string self = folder.file("self.toml", text);
  for (const char* flag : {"-o", "--picture"}) {
    const std::string name = flag == std::string("-o") ? "[--output]" : "[--picture]";
    expect_refused(run_tenon({"trace", self, "--device", timed, "--set",
                              "trace.file=\"" + self + ".json\"", flag, self}),
                   {name, "overwrite CONFIG", "another file", self});
  }
  for (const char* verb : {"trace", "check", "run"}) {
    const CommandResult result = run_tenon({verb, self, "--device", "cpu_reference"});
    EXPECT_EQ(result.exit_code, 2) << verb;
    EXPECT_TRUE(contains(result.err, "[trace.file] this would overwrite the configuration"))
        << result.err;
  }
  EXPECT_EQ(read_whole(self), text);
}

}  // namespace
}  // namespace tenon
