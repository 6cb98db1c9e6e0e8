// Deployments with a [prefetch] of their own.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "config/load.hpp"
#include "synthetic_steps.hpp"
#include "tune/size_text.hpp"
#include "tune/write_toml.hpp"

namespace tenon {
namespace {

class WriteToml : public testing::Test {
 protected:
  WriteToml() {
    const testing::TestInfo& test = *testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("tenon_write_toml_" + std::string(test.name()) + std::to_string(getpid()));
    std::filesystem::create_directories(folder_ / "below");
  }
  ~WriteToml() override { std::filesystem::remove_all(folder_); }

  ResolvedConfiguration load(const std::string& text, const std::string& name = "file.toml") const {
    std::ofstream(folder_ / name) << text;
    ConfigurationSources sources;
    sources.file = folder_ / name;
    return load_configuration(sources);
  }

  std::filesystem::path folder_;
};

PrefetchSettings tuned() {
  PrefetchSettings settings = small_guide();
  settings.through_attention = true;
  settings.ratio["attn"]["o"] = 0.7;
  settings.ratio["sight"] = {{"gaze", 0.1}};
  settings.max_bytes["attn"] = 3 * mebibyte / 2;
  settings.max_bytes["mlp"] = std::nullopt;
  settings.min_tokens = {{"mlp", 72}, {"moe", 96}};
  settings.max_tokens = {{"mlp", 500}};
  return settings;
}

const std::vector<std::string> groups{"attn", "mlp", "sight"};

TEST_F(WriteToml, TheTableSaysTheSettings) {
  const PrefetchConfiguration read = load(prefetch_table(tuned(), groups, {"why"})).values.prefetch;
  EXPECT_TRUE(read.enabled);
  EXPECT_TRUE(read.through_attention);
  EXPECT_EQ(read.ratio.at("attn").at("o"), 0.7);
  EXPECT_EQ(read.ratio.at("attn").at("qkv"), 1.0);
  EXPECT_EQ(read.ratio.at("sight").at("gaze"), 0.1);
  EXPECT_EQ(read.max_bytes.at("attn"), static_cast<int64_t>(3 * mebibyte / 2));
  EXPECT_EQ(read.max_bytes.at("mlp"), std::nullopt);
  EXPECT_EQ(read.min_tokens.at("mlp"), 72);
  EXPECT_EQ(read.max_tokens.at("mlp"), 500);
  EXPECT_EQ(prefetch_table(tuned(), groups, {}).find("moe"), std::string::npos);
}

TEST_F(WriteToml, OffIsOneLine) {
  EXPECT_EQ(prefetch_table(std::nullopt, groups, {"nothing gains"}),
            "# nothing gains\n[prefetch]\nenabled = false\n");
}

TEST_F(WriteToml, EverythingElseStaysAsItIs) {
  const std::string before =
      "# my deployment\nengine.context = 512 # short\n\n[prefetch] # tuned by hand\n"
      "enabled = true\n# caps\nmax_bytes = { attn = \"4MiB\" }\n[prefetch.ratio]\n"
      "attn = { o = 0.5,\n  qkv = 0.25 }\n\n# what follows\n[sampling]\nseed = 3\n";
  EXPECT_EQ(replace_prefetch(before, "[prefetch]\nenabled = false\n"),
            "# my deployment\nengine.context = 512 # short\n\n[prefetch]\nenabled = false\n"
            "\n# what follows\n[sampling]\nseed = 3\n");
}

TEST_F(WriteToml, SettingsWrittenInOtherWaysAreReplacedToo) {
  const std::string table = prefetch_table(tuned(), groups, {});
  for (const std::string text : {
           "prefetch.enabled = true\nprefetch.ratio.attn.o = 0.5\n[engine]\ncontext = 512\n",
           "prefetch = { enabled = true, ratio = { attn = { o = 0.5 } } }\n[engine]\ncontext = 512",
           "[engine]\ncontext = 512\n[prefetch.ratio]\nattn.o = 0.5\n[log]\n[prefetch]\n",
           "[engine]\ncontext = 512\n[ \"prefetch\" ]\nmax_bytes.attn = '''4MiB'''\n",
           "[engine]\ncontext = 512",
       }) {
    const Configuration read = load(replace_prefetch(text, table)).values;
    EXPECT_EQ(read.engine.context, 512) << text;
    EXPECT_EQ(read.prefetch, load(table).values.prefetch) << text;
  }
}

TEST_F(WriteToml, PathsMeanTheSameInAnotherFolder) {
  const std::string text =
      "[model]\npath = 'model' # Modell ä\n[device]\nbackend = \"lib/mine.so\"\n"
      "fallback_backend = \"cpu_reference\"\n"
      "[device.options]\nsoc = \"910b3\"\n[trace]\nfile = \"/traces/t.json\"\n"
      "[plugins]\npath = [\"ä\", \"../b\"]\n[weights]\npacked_cache = \"\"\n";
  const Configuration before = load(text).values;
  const std::string moved = move_paths(text, folder_, folder_ / "below");
  EXPECT_EQ(load(moved, "below/file.toml").values, before);
  EXPECT_NE(moved.find("path = \"../model\" # Modell ä"), std::string::npos) << moved;
  EXPECT_EQ(move_paths(text, folder_, folder_ / "below" / ".."), text);
}

TEST_F(WriteToml, ADeploymentWithoutAFileIsWhatWasGiven) {
  ConfigurationSources sources;
  for (const char* setting :
       {"model.path=model", "device.backend=ascend_emu", "device.options.timing=true",
        "engine.kv_cache=0.5", "prefetch.enabled=true"})
    sources.flags.push_back({setting, {}});
  sources.working_directory = folder_;
  const ResolvedConfiguration given = load_configuration(sources);
  const std::string text = given_settings(given);
  EXPECT_EQ(text, "[model]\npath = \"" + (folder_ / "model").string() +
                      "\"\n\n[device]\nbackend = \"ascend_emu\"\noptions.timing = true\n\n"
                      "[engine]\nkv_cache = 0.5\n");
  Configuration expected = given.values;
  expected.prefetch.enabled = false;
  EXPECT_EQ(load(replace_prefetch(text, "[prefetch]\nenabled = false\n")).values, expected);
}

TEST_F(WriteToml, FoldersOfAFlagComeBeforeThoseOfTheKey) {
  ConfigurationSources sources;
  sources.working_directory = folder_;
  const std::vector<std::filesystem::path> flag = {folder_ / "mine", folder_ / "a" / ".." / "b"};
  const std::string first = (folder_ / "mine").string();
  const std::string second = (folder_ / "b").string();
  EXPECT_EQ(given_settings(load_configuration(sources), flag),
            "[plugins]\npath = [\"" + first + "\", \"" + second + "\"]\n");
  sources.flags.push_back({"plugins.path=[\"theirs\"]", {}});
  const std::string text = given_settings(load_configuration(sources), flag);
  EXPECT_EQ(load(text).values.plugins.path,
            (std::vector<std::filesystem::path>{first, second, folder_ / "theirs"}))
      << text;
}

TEST(SizeText, LargestUnitThatDivides) {
  EXPECT_EQ(size_text(16 * mebibyte), "16MiB");
  EXPECT_EQ(size_text(3 * mebibyte / 2), "1536KiB");
  EXPECT_EQ(size_text(1000), "1000B");
  EXPECT_EQ(size_text(0), "0B");
}

}  // namespace
}  // namespace tenon
