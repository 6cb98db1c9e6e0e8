// [trace] file: the steps of a run, and what `tenon plan` predicts of one.
#include <fstream>

#include "e2e/expectations.hpp"
#include "e2e/trace_json.hpp"

namespace tenon {
namespace {

class CliTraceFile : public testing::Test {
 protected:
  std::string file() const { return (folder_.path() / "t.json").string(); }
  std::string key() const { return "trace.file=\"" + file() + "\""; }
  std::vector<TraceEvent> events() const { return trace_events(read_whole(file())); }

  CommandResult run(std::vector<std::string> flags) const {
    flags.insert(flags.begin(), {"run", "--model", demo_model().string(), "--raw", "--set",
                                 "model.activation_dtype=\"f32\"", "-p", "Once upon a time"});
    return run_tenon(std::move(flags));
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(CliTraceFile, TheStepsOfARun) {
  for (const char* device : {"cpu_reference", "ascend_emu,timing=true"}) {
    for (const char* graphs : {"true", "false"}) {
      SCOPED_TRACE(std::string(device) + " " + graphs);
      const std::vector<std::string> flags = {
          "--device", device, "-n", "6", "--set", std::string("engine.graphs=") + graphs};
      std::vector<std::string> traced = flags;
      traced.insert(traced.end(), {"--set", key(), "--set", "prefetch.enabled=true"});
      const CommandResult plain = run(flags);
      const CommandResult result = run(traced);
      ASSERT_EQ(result.exit_code, 0) << result.err;
      EXPECT_EQ(result.out, plain.out);
      EXPECT_TRUE(contains(result.err, "trace: 6 of 6 steps in " + file())) << result.err;
      EXPECT_EQ(steps_of(events()), 6U);
      EXPECT_EQ(events_where(events(), "paged_attention").size(), 6U * 5U);
      if (std::string(device) != "cpu_reference") expect_conservation(events());
    }
  }
}

TEST_F(CliTraceFile, TheLastStepsOfALongRun) {
  const CommandResult result =
      run({"--device", "cpu_reference", "-n", "70", "--ignore-eos", "--set", key(), "--quiet"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(steps_of(events()), 64U);
}

TEST_F(CliTraceFile, OfAnEvaluation) {
  const TemporaryFolder texts;
  const CommandResult result =
      run_tenon({"eval", "--model", demo_model().string(), "--device", "cpu_reference", "--text",
                 texts.file("text", "Once upon a time there was a little girl."), "--window", "4",
                 "--set", key(), "--quiet"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_GE(steps_of(events()), 2U);
}

// What fails after the session was opened still leaves a file that can be read.
TEST_F(CliTraceFile, OfARunThatFails) {
  std::string prompt;
  for (int i = 0; i < 200; ++i)
    prompt += "many words ";
  const CommandResult result =
      run_tenon({"run", "--model", demo_model().string(), "--raw", "--device", "cpu_reference",
                 "-p", prompt, "--set", "engine.context=16", "--set", key()});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_EQ(steps_of(events()), 0U);
}

// What fails before anything could be traced leaves the trace of an earlier run.
TEST_F(CliTraceFile, StaysWhereNoRunBegins) {
  std::ofstream(file()) << "older";
  const std::string without_tensors = (source_folder() / "configs/models/qwen3-8b").string();
  const CommandResult result = run_tenon(
      {"run", "--model", without_tensors, "--device", "cpu_reference", "-p", "x", "--set", key()});
  EXPECT_EQ(result.exit_code, 2) << result.err;
  EXPECT_EQ(read_whole(file()), "older");
}

// Five layers: the fourth step fails in its third.
TEST_F(CliTraceFile, OfAStepThatFails) {
  const std::string failing = TENON_FIXTURES "/failing_step/libfailing_step.so";
  const CommandResult result = run_tenon({"run", "--model", demo_model().string(), "--raw", "-p",
                                          "Once", "-n", "9", "--device", failing, "--set", key()},
                                         {}, {{"TENON_FIXTURE_FAIL_AT", "18"}});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.err, "the fixture's failure")) << result.err;
  EXPECT_EQ(steps_of(events()), 3U);
}

TEST_F(CliTraceFile, IsRefusedBeforeTheRun) {
  const CommandResult nowhere =
      run({"--device", "cpu_reference", "--set", "trace.file=\"/nowhere/t.json\""});
  expect_refused(nowhere, {"[trace.file]", "cannot be written", "/nowhere/t.json"});
  const CommandResult silent = run({"--device", silent_backend, "--set", key()});
  expect_refused(silent, {"[trace.file]", "keeps no records"});
}

TEST_F(CliTraceFile, IsCheckedWithoutWriting) {
  const auto check = [](const std::string& file) {
    return run_tenon({"check", "--model", demo_model().string(), "--device", "cpu_reference",
                      "--set", "trace.file=\"" + file + "\""});
  };
  EXPECT_EQ(check(file()).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(file()));
  const std::string folder = std::filesystem::path(file()).parent_path().string();
  for (const char* wrong : {"/nowhere/t.json", folder.c_str()}) {
    const CommandResult result = check(wrong);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_TRUE(contains(result.err, "[trace.file] the file cannot be written")) << result.err;
  }
}

TEST(CliRunRefuses, ADeviceThatKeepsNoContents) {
  expect_refused(run_tenon({"run", "--model", demo_model().string(), "--device", timed, "-p", "x"}),
                 {"[device.backend]", "generates no text", "numerics", "tenon trace"});
}

TEST_F(CliTraceFile, CountsOfPrefetchesInJson) {
  const CommandResult result =
      run({"--device", "ascend_emu", "--set", "prefetch.enabled=true", "-n", "3", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto prefetches = nlohmann::json::parse(result.out).at("stats").at("prefetches");
  EXPECT_EQ(prefetches.at("count"), 3 * 15);
  EXPECT_EQ(prefetches.at("bytes"), 3 * 4177920);
}

std::string plan(const std::vector<std::string>& flags) {
  std::vector<std::string> args = {"plan",
                                   (source_folder() / "configs/demo_prefetch.toml").string()};
  args.insert(args.end(), flags.begin(), flags.end());
  const CommandResult result = run_tenon(args);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return result.out;
}

TEST(CliPlanPredicts, WhatPrefetchesHide) {
  const std::string text = plan({"--device", timed, "--sequences", "4"});
  EXPECT_TRUE(contains(text, "  limited by hidden     window: anchor .. last op\n")) << text;
  EXPECT_TRUE(contains(text, " % late  swiglu 'model.layers.0.mlp.act_fn'\n")) << text;
  EXPECT_TRUE(contains(text, "ratio      100 %      embedding 'model.embed_tokens' .. ")) << text;
  EXPECT_TRUE(contains(text, "with 1024 tokens in each sequence")) << text;
}

TEST(CliPlanPredicts, NothingOnADeviceThatComputes) {
  const std::string text = plan({});
  EXPECT_TRUE(contains(text, "  limited by window: anchor .. last op\n")) << text;
  EXPECT_TRUE(contains(text, "predicted on a device that models time")) << text;
}

TEST(CliPlanPredicts, NothingOnACardThatIsTooSmall) {
  const std::string text = plan({"--device", timed + std::string(",memory=\"4MiB\"")});
  EXPECT_TRUE(contains(text, "what they hide is not predicted: [device] out of memory")) << text;
}

TEST(CliPlanPredicts, NothingOfSequencesThatDiffer) {
  const std::string text = plan({"--device", timed, "--sequences", "2", "--tokens", "5"});
  EXPECT_TRUE(contains(text, "steps whose sequences have equal rows")) << text;
}

TEST(CliPlanLists, PrefetchesAndTheOrderOfStreams) {
  const std::string text = plan({});
  EXPECT_TRUE(contains(text,
                       "  order              compute        device 0  before prefetch (event 2)\n"
                       "  prefetch           prefetch       device 0  196608 bytes of "
                       "model.layers.0.mlp.down_proj.weight\n"
                       "  swiglu             vector         device 0  model.layers.0.mlp.act_fn\n"))
      << text;
}

TEST(CliPlanLists, UploadsOfStreamedWeights) {
  const CommandResult result =
      run_tenon({"plan", (source_folder() / "configs/demo_streamed.toml").string()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.out,
                       "  upload             upload         device 0  393216 bytes, group 1 of "
                       "streamed weights\n"
                       "  record             upload         device 0  event 1\n"))
      << result.out;
}

}  // namespace
}  // namespace tenon
