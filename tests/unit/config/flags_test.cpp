#include "config_testing.hpp"

namespace tenon::flags_test {
namespace {

Configuration with(const std::string& setting) {
  return load_text("", {{setting, ""}}).values;
}

TEST(Flags, ValuesAreToml) {
  EXPECT_EQ(with("engine.context=4_096").engine.context, 4096);
  EXPECT_EQ(with("engine.context = 0x10 ").engine.context, 16);
  EXPECT_TRUE(with("engine.graphs=true").engine.graphs);
  EXPECT_EQ(with("sampling.temperature=1").sampling.temperature, 1.0);
  EXPECT_EQ(with("model.definition=\"quoted\"").model.definition, "quoted");
  EXPECT_EQ(with("model.definition='quoted'").model.definition, "quoted");
  EXPECT_EQ(with("plugins.path=[\"/a\", \"/b\"]").plugins.path.size(), 2U);
}

TEST(Flags, StringsNeedNoQuotes) {
  EXPECT_EQ(with("engine.kv_cache=4GiB").engine.kv_cache.bytes, int64_t{4} << 30);
  EXPECT_EQ(with("engine.kv_cache=0.5").engine.kv_cache.share, 0.5);
  EXPECT_EQ(with("model.activation_dtype=f32").model.activation_dtype,
            ModelConfiguration::ActivationDtype::f32);
  EXPECT_EQ(with("prefetch.max_bytes.attn=2MiB").prefetch.max_bytes.at("attn"), 2 << 20);
  EXPECT_EQ(with("prefetch.max_bytes.attn=2048").prefetch.max_bytes.at("attn"), 2048);
  EXPECT_EQ(with("plugins.path=/a").plugins.path, std::vector<std::filesystem::path>{"/a"});
  EXPECT_EQ(with("log.file=").log.file, "");
}

// A folder may be called like a number, a date or a boolean.
TEST(Flags, BareTextThatTomlReadsOtherwiseStaysText) {
  EXPECT_EQ(with("model.definition=2024-01-02").model.definition, "2024-01-02");
  EXPECT_EQ(with("model.definition=12").model.definition, "12");
  EXPECT_EQ(with("model.definition=true").model.definition, "true");
  EXPECT_EQ(with("model.definition=a=b").model.definition, "a=b");
}

TEST(Flags, OptionsTakeTheTypeTheyLookLike) {
  const auto option = [](const std::string& text) {
    return with("device.options.x=" + text).device.options.at("x");
  };
  EXPECT_EQ(option("2"), OptionValue(int64_t{2}));
  EXPECT_EQ(option("2.5"), OptionValue(2.5));
  EXPECT_EQ(option("true"), OptionValue(true));
  EXPECT_EQ(option("910B"), OptionValue(std::string("910B")));
  EXPECT_EQ(option("\"2\""), OptionValue(std::string("2")));
  EXPECT_EQ(option("2024-01-02"), OptionValue(std::string("2024-01-02")));
}

TEST(Flags, WholeTablesInline) {
  const auto c = with("prefetch={enabled=true, ratio.attn={qkv=0.5}}");
  EXPECT_TRUE(c.prefetch.enabled);
  EXPECT_EQ(c.prefetch.ratio.at("attn").at("qkv"), 0.5);
}

TEST(Flags, StringFlagKeepsAnyText) {
  const std::string text = "\"a\\b\x01\nc = true";
  const auto c = load_text("", {string_flag("model.definition", text, "--definition")}).values;
  EXPECT_EQ(c.model.definition, text);
}

TEST(Flags, RelativePathsStartAtTheWorkingFolder) {
  const TemporaryFolder folder;
  folder.write("deployments/test.toml", "");
  const auto c = load_configuration({.file = "deployments/test.toml",
                                     .flags = {{"model.path=models/x", ""}},
                                     .environment = {{"TENON_TRACE_FILE", "t.json"}},
                                     .working_directory = folder.path()})
                     .values;
  EXPECT_EQ(c.model.path, folder.path() / "models/x");
  EXPECT_EQ(c.trace.file, folder.path() / "t.json");
}

TEST(Flags, MistakesNameTheFlag) {
  EXPECT_EQ(only_mistake("", {{"sampling.temperature=-1", "--temperature -1"}}),
            "flag --temperature -1: error: [sampling.temperature] out of range; expected a number, "
            "0 to 100; found the integer -1");
  EXPECT_EQ(only_mistake("", {{"engine.context=many", ""}}),
            "flag --set engine.context=many: error: [engine.context] the value is not TOML: " +
                mistakes_in("", {{"engine.context=many", ""}}).front().what.substr(23) +
                "; expected an integer, 0 to 16777216; found 'many'");
  EXPECT_EQ(only_mistake("", {{"engine", ""}}),
            "flag --set engine: error: [--set] not a setting; expected dotted.key=value; found "
            "'engine'");
  EXPECT_EQ(mistakes_in("", {{"=5", ""}}).size(), 1U);
  EXPECT_EQ(mistakes_in("", {{"", ""}}).size(), 1U);
}

TEST(Flags, UnknownNames) {
  const auto key = mistakes_in("", {{"engine.contxt=5", ""}});
  ASSERT_EQ(key.size(), 1U);
  EXPECT_EQ(key.front().hint, "context");
  const auto table = mistakes_in("", {{"engin.context=5", ""}});
  ASSERT_EQ(table.size(), 1U);
  EXPECT_EQ(table.front().where, "engin");
  EXPECT_EQ(table.front().hint, "engine");
  const auto below = mistakes_in("", {{"engine.context.more=5", ""}});
  ASSERT_EQ(below.size(), 1U);
  EXPECT_EQ(below.front().hint, "engine.context");
  EXPECT_EQ(mistakes_in("", {{"engine..context=5", ""}}).size(), 1U);
  EXPECT_EQ(mistakes_in("", {{"engine.=5", ""}}).size(), 1U);
  EXPECT_EQ(mistakes_in("", {{".=5", ""}}).size(), 1U);
}

TEST(Flags, OneValueOnly) {
  EXPECT_EQ(mistakes_in("", {{"engine.context=5\nblock_size=3", ""}}).size(), 1U);
  EXPECT_EQ(mistakes_in("", {{"engine.context=", ""}}).size(), 1U);
  EXPECT_EQ(mistakes_in("", {{"model.path=\"open", ""}}).size(), 1U);
  EXPECT_EQ(mistakes_in("", {{"model.path={}", ""}}).size(), 1U);
  EXPECT_EQ(mistakes_in("", {{"engine=5", ""}}).size(), 1U);
  EXPECT_EQ(mistakes_in("", {{"model.path=a\xFF", ""}}).size(), 1U);
}

}  // namespace
}  // namespace tenon::flags_test
