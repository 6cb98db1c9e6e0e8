// `tenon tune` on a deployment cut down to a few layers: off for one sequence, on for a batch, never
// worse than the defaults, and a TOML that means what it says.
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "e2e/expectations.hpp"

namespace tenon {
namespace {

using Json = nlohmann::json;

// A folder with one of the shipped deployments, cut down to 12 layers.
class CutDown {
 public:
  CutDown(const std::string& deployment, const std::string& model) {
    const std::filesystem::path configs = source_folder() / "configs";
    Json config = Json::parse(read_whole(configs / "models" / model / "config.json"));
    config["num_hidden_layers"] = 12;
    std::filesystem::create_directories(folder_.path() / "model");
    std::filesystem::create_directories(folder_.path() / "tuned");
    std::ofstream(folder_.path() / "model/config.json") << config;
    std::string text = read_whole(configs / (deployment + ".toml"));
    const std::string path = "\"models/" + model + "\"";
    text.replace(text.find(path), path.size(), "\"model\"");
    config_ = folder_.file("deployment.toml", text);
  }

  CommandResult tune(std::vector<std::string> flags) const {
    std::vector<std::string> args = {"tune", config_, "--context", "4250"};
    args.insert(args.end(), flags.begin(), flags.end());
    return run_tenon(args);
  }

  Json tuned(std::vector<std::string> flags) const {
    flags.emplace_back("--json");
    const CommandResult result = tune(std::move(flags));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return Json::parse(result.out);
  }

  std::string in_folder(const std::string& name) const { return (folder_.path() / name).string(); }

  const std::string& config() const { return config_; }

 private:
  TemporaryFolder folder_;
  std::string config_;
};

class CliTune : public testing::Test {
 protected:
  CommandResult tune(std::vector<std::string> flags) const { return dense_.tune(std::move(flags)); }
  Json tuned(std::vector<std::string> flags) const { return dense_.tuned(std::move(flags)); }
  std::string in_folder(const std::string& name) const { return dense_.in_folder(name); }
  const std::string& config() const { return dense_.config(); }

  CutDown dense_{"qwen3_32b_w8a8", "qwen3-32b-w8a8"};
};

// Nanoseconds with the margin counted in, which is what the tuner predicts with.
uint64_t cautious(const Json& report, const Json& time) {
  return time["ns"].get<uint64_t>() +
         report["margin_ns"].get<uint64_t>() * time["prefetches"].get<uint64_t>();
}

void expect_accepted(const std::string& file) {
  const CommandResult check = run_tenon({"check", file});
  EXPECT_EQ(check.exit_code, 0) << check.err;
}

TEST_F(CliTune, OneSequenceIsOff) {
  const std::string file = in_folder("off.toml");
  const Json report = tuned({"--sequences", "1", "-o", file});
  const Json& batch = report["batches"][0];
  EXPECT_FALSE(batch["prefetch"].get<bool>());
  EXPECT_EQ(batch["written"], batch["off"]);
  EXPECT_LE(cautious(report, batch["off"]), cautious(report, batch["guide"]));
  EXPECT_TRUE(contains(read_whole(file), "[prefetch]\nenabled = false\n"));
  expect_accepted(file);
}

TEST_F(CliTune, WithoutGraphsOneSequenceLosesOutright) {
  const Json report = tuned({"--sequences", "1", "--margin", "0", "--set", "engine.graphs=false"});
  const Json& batch = report["batches"][0];
  EXPECT_FALSE(batch["prefetch"].get<bool>());
  EXPECT_GT(batch["best"]["ns"], batch["off"]["ns"]);
  EXPECT_GT(batch["guide"]["ns"], batch["best"]["ns"]);
}

TEST_F(CliTune, ABatchIsOnAndNeverWorseThanTheDefaults) {
  const std::string file = in_folder("tuned/on.toml");
  const Json report = tuned({"--sequences", "72", "-o", file});
  const Json& batch = report["batches"][0];
  EXPECT_TRUE(batch["prefetch"].get<bool>());
  EXPECT_TRUE(batch["complete"].get<bool>());
  EXPECT_LE(cautious(report, batch["written"]), cautious(report, batch["guide"]));
  EXPECT_LE(cautious(report, batch["written"]), cautious(report, batch["deployment"]));
  EXPECT_LT(cautious(report, batch["written"]), cautious(report, batch["off"]));
  EXPECT_EQ(batch["written"], batch["best"]);

  // The file means the step that was predicted, though it lies in another folder.
  const std::string text = read_whole(file);
  EXPECT_EQ(text, report["toml"]);
  EXPECT_TRUE(contains(text, "path = \"../model\""));
  EXPECT_TRUE(contains(text, "# cards that share each layer's weights")) << "comments stay";
  expect_accepted(file);
  const CommandResult again =
      run_tenon({"tune", file, "--context", "4250", "--sequences", "72", "--json"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(Json::parse(again.out)["batches"][0]["deployment"]["prefetched_bytes"],
            batch["best"]["prefetched_bytes"]);
}

TEST_F(CliTune, ExpertsAreForBatchesToo) {
  const CutDown experts("qwen3_235b_a22b_w8a8", "qwen3-235b-a22b-w8a8");
  const std::string file = experts.in_folder("experts.toml");
  const Json report = experts.tuned({"--sequences", "1,144", "-o", file});
  const Json& one = report["batches"][0];
  const Json& many = report["batches"][1];
  EXPECT_FALSE(one["prefetch"].get<bool>());
  EXPECT_EQ(one["written"], one["off"]);
  EXPECT_TRUE(many["prefetch"].get<bool>());
  EXPECT_LT(cautious(report, many["written"]), cautious(report, many["off"]));
  EXPECT_LE(cautious(report, many["written"]), cautious(report, many["guide"]));
  expect_accepted(file);
}

TEST_F(CliTune, OneFileForSeveralBatches) {
  const std::string file = in_folder("both.toml");
  const Json report = tuned({"--sequences", "72,1", "-o", file});
  ASSERT_EQ(report["batches"].size(), 2U);
  const Json& one = report["batches"][0];
  const Json& many = report["batches"][1];
  EXPECT_EQ(one["sequences"], 1);
  EXPECT_EQ(one["written"]["prefetches"], 0);
  EXPECT_GT(many["written"]["prefetches"], 0);
  EXPECT_LT(many["written"]["ns"], many["off"]["ns"]);
  EXPECT_TRUE(contains(read_whole(file), "min_tokens = {"));
  expect_accepted(file);
}

TEST_F(CliTune, OffWhereNothingCanBePrefetched) {
  const std::string file = in_folder("streamed.toml");
  const std::vector<std::string> flags = {"--sequences", "1", "--set",
                                          "weights.residency=\"streamed\""};
  std::vector<std::string> written = flags;
  written.insert(written.end(), {"-o", file, "--svg", in_folder("streamed.svg")});
  const CommandResult result = tune(written);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "answer    off: nothing can be prefetched\n")) << result.out;
  EXPECT_TRUE(contains(result.out, "not prefetched, whatever is set:\n  attn.")) << result.out;
  EXPECT_TRUE(contains(read_whole(file), "[prefetch]\nenabled = false\n"));
  const Json report = tuned(flags);
  EXPECT_TRUE(report["batches"][0]["curves"].empty());
  EXPECT_TRUE(report["batches"][0]["best"].is_null());
}

// As `tenon trace` does, for the batch that leaves the least.
TEST_F(CliTune, AContextThatTheCacheHasRoomFor) {
  const std::string few = "engine.kv_cache=\"64MiB\"";
  const CommandResult trace = run_tenon(
      {"trace", config(), "--sequences", "8", "--set", few, "-o", in_folder("trace.json")});
  ASSERT_EQ(trace.exit_code, 0) << trace.err;
  const CommandResult result = run_tenon(
      {"tune", config(), "--sequences", "1,8", "--set", few, "--evaluations", "3", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Json answer = Json::parse(result.out);
  for (const Json& batch : answer["batches"]) {
    const auto context = batch["context"].get<int64_t>();
    EXPECT_LT(context, 1024);
    EXPECT_TRUE(contains(trace.out, " of 1 row, " + std::to_string(context) + " tokens each\n"))
        << trace.out;
  }
}

TEST_F(CliTune, TheSameAnswerEveryTime) {
  const auto run = [&](const std::string& svg) {
    const CommandResult result =
        tune({"--sequences", "72", "--evaluations", "40", "--svg", in_folder(svg)});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out + read_whole(in_folder(svg));
  };
  const std::string once = run("one.svg");
  EXPECT_EQ(run("two.svg"), once);
  EXPECT_TRUE(contains(once, "the search was cut short"));
  EXPECT_TRUE(contains(once, "<svg "));
}

TEST_F(CliTune, AsciiIsAscii) {
  const std::vector<std::string> flags = {"--sequences", "1", "--evaluations", "3"};
  const auto is_ascii = [](const std::string& text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  };
  EXPECT_FALSE(is_ascii(tune(flags).out));
  std::vector<std::string> plain = flags;
  plain.emplace_back("--ascii");
  EXPECT_TRUE(is_ascii(tune(plain).out));
}

TEST_F(CliTune, ADeploymentWithoutAFileBecomesOne) {
  const std::string file = in_folder("made.toml");
  const CommandResult result =
      run_tenon({"tune", "--model", in_folder("model"), "--device",
                 "ascend_emu,timing=true,numerics=false,soc=910b3", "--sequences", "4",
                 "--evaluations", "10", "-o", file, "--quiet"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string text = read_whole(file);
  EXPECT_TRUE(contains(text, "options.soc = \"910b3\"")) << text;
  expect_accepted(file);
}

// A model from out of the tree: without its folder nobody could read the file.
TEST_F(CliTune, AFolderOfPluginsIsPartOfADeploymentWithoutAFile) {
  const std::string file = in_folder("made.toml");
  const std::string plugins = in_folder("plugins");
  std::filesystem::create_directory(plugins);
  const CommandResult result =
      run_tenon({"tune", "--model", in_folder("model"), "--device",
                 "ascend_emu,timing=true,numerics=false,soc=910b3", "--sequences", "4",
                 "--evaluations", "3", "-o", file, "--quiet", "--plugin-path", plugins});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(read_whole(file), "[plugins]\npath = [\"" + plugins + "\"]"));
  expect_accepted(file);
  const CommandResult with_file = tune({"--sequences", "1", "--evaluations", "3", "-o",
                                        in_folder("f.toml"), "--plugin-path", plugins});
  EXPECT_TRUE(contains(with_file.err,
                       "not written into " + in_folder("f.toml") + ": --plugin-path " + plugins))
      << with_file.err;
}

TEST_F(CliTune, FlagsAreNotWrittenAndItSaysSo) {
  const std::string file = in_folder("flags.toml");
  const CommandResult result =
      tune({"--sequences", "1", "--evaluations", "3", "-o", file, "--set", "engine.graphs=false"});
  EXPECT_TRUE(contains(result.err, "not written into " + file + ": --set engine.graphs=false"))
      << result.err;
  EXPECT_TRUE(contains(read_whole(file), "graphs = true"));
}

TEST_F(CliTune, TheDeploymentItselfIsKept) {
  const std::string before = read_whole(config());
  expect_refused(tune({"-o", config(), "--evaluations", "3"}), {"[--output]", "--force"});
  EXPECT_EQ(read_whole(config()), before);
  const CommandResult forced =
      tune({"-o", config(), "--force", "--sequences", "1", "--evaluations", "3"});
  EXPECT_EQ(forced.exit_code, 0) << forced.err;
  EXPECT_TRUE(contains(read_whole(config()), "enabled = false"));
}

// Found before the search, which may take minutes.
TEST_F(CliTune, RefusesFilesThatItCannotWrite) {
  const std::string before = read_whole(config());
  const auto refuse = [&](const std::vector<std::string>& flags,
                          const std::vector<std::string>& parts) {
    expect_refused(tune(flags), parts);
  };
  const std::string file = in_folder("y");
  refuse({"--svg", config()}, {"[--svg]", "overwrite CONFIG", "another file", config()});
  refuse({"-o", config(), "--svg", config(), "--force"}, {"[--svg]", "written by --output"});
  refuse({"-o", file, "--svg", in_folder("model/../y")}, {"[--svg]", "written by --output"});
  refuse({"-o", ""}, {"[--output]", "name of the file is empty"});
  refuse({"--svg", in_folder("model")}, {"[--svg]", "cannot write", "found a folder"});
  refuse({"-o", in_folder("no/y")}, {"[--output]", "where you may write", "found no folder"});
  refuse({"-o", "-", "--json"}, {"[--output]", "JSON", "no --json"});
  EXPECT_EQ(read_whole(config()), before);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(CliTune, PrintsTheAnswerThoughAFileCannotBeWritten) {
  const CommandResult result =
      tune({"--sequences", "1", "--evaluations", "3", "--svg", "/dev/full"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.out, "answer    off")) << result.out;
  EXPECT_TRUE(contains(result.err, "[/dev/full] cannot be written")) << result.err;
}

TEST_F(CliTune, StandardOutputCanHoldTheFile) {
  const CommandResult result = tune({"--sequences", "1", "--evaluations", "3", "-o", "-"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.err, "answer    off")) << result.err;
  EXPECT_FALSE(contains(result.out, "answer")) << result.out;
  EXPECT_FALSE(std::filesystem::exists("-"));
  const std::string redirected = "redirected_tune.toml";  // its paths fit this folder
  std::ofstream(redirected) << result.out;
  expect_accepted(redirected);
  std::filesystem::remove(redirected);
}

TEST_F(CliTune, RefusesWhatItCannotTune) {
  const CommandResult real = run_tenon(
      {"tune", "--model", demo_model().string(), "--device", "cpu_reference", "--sequences", "1"});
  expect_refused(real, {"[tune]", "does not model time", "numerics=false", "cpu_reference"});
  expect_refused(tune({"--sequences", "73"}), {"engine.max_num_seqs", "72", "73"});
  expect_refused(tune({"--sequences", "1,,2"}), {"[--sequences]"});
  expect_refused(tune({"--evaluations", "2"}), {"[--evaluations]", "at least 3"});
  expect_refused(tune({"--threshold", "half"}), {"[--threshold]", "0 to 100", "half"});
  expect_refused(tune({"--margin", "-1"}), {"[--margin]", "-1"});
}

}  // namespace
}  // namespace tenon
