#include <cstdlib>
#include <set>

#include "config/schema_match.hpp"
#include "config_testing.hpp"

namespace tenon::environment_test {
namespace {

Configuration with(const std::string& name, const std::string& text) {
  return load_text("", {}, {{name, text}}).values;
}

TEST(EnvironmentVariables, SetTheirKeys) {
  EXPECT_EQ(with("TENON_ENGINE_CONTEXT", "128").engine.context, 128);
  EXPECT_EQ(with("TENON_DEVICE_FALLBACK_BACKEND", "other").device.fallback_backend, "other");
  EXPECT_EQ(with("TENON_ENGINE_KV_CACHE", "1GiB").engine.kv_cache.bytes, int64_t{1} << 30);
  EXPECT_TRUE(with("TENON_PREFETCH_ENABLED", "true").prefetch.enabled);
}

TEST(EnvironmentVariables, EachKeyHasAtMostOneAndNoTwoShareOne) {
  std::set<std::string> names;
  for (const KeyDescription& key : configuration_schema()) {
    const std::string name = environment_name(key);
    if (name.empty()) {
      EXPECT_TRUE(has_placeholder(key));
    } else {
      EXPECT_TRUE(names.insert(name).second) << name;
    }
  }
  EXPECT_TRUE(names.contains("TENON_PLUGIN_PATH"));
}

TEST(EnvironmentVariables, PluginPathIsAListOfFolders) {
  const std::vector<std::filesystem::path> both{"/a", "/b c"};
  EXPECT_EQ(with("TENON_PLUGIN_PATH", "/a:/b c").plugins.path, both);
  EXPECT_EQ(with("TENON_PLUGIN_PATH", ":/a::/b c:").plugins.path, both);
  EXPECT_TRUE(with("TENON_PLUGIN_PATH", "").plugins.path.empty());
}

TEST(EnvironmentVariables, MistakesNameTheVariable) {
  EXPECT_EQ(only_mistake("", {}, {{"TENON_DEVICE_COUNT", "0"}}),
            "environment TENON_DEVICE_COUNT: error: [device.count] out of range; expected an "
            "integer, 1 to 4096; found the integer 0");
  EXPECT_EQ(mistakes_in("", {}, {{"TENON_DEVICE_COUNT", ""}}).size(), 1U);
}

TEST(EnvironmentVariables, UnknownOnesOfKnownTablesAreMistakes) {
  const auto nearest = [](const std::string& name) {
    const auto mistakes = mistakes_in("", {}, {{name, "1"}});
    EXPECT_EQ(mistakes.size(), 1U) << name;
    return mistakes.empty() ? "" : mistakes.front().hint;
  };
  EXPECT_EQ(nearest("TENON_ENGINE_CONTXT"), "TENON_ENGINE_CONTEXT");
  EXPECT_EQ(nearest("TENON_ENGIN_CONTEXT"), "TENON_ENGINE_CONTEXT");
  EXPECT_EQ(nearest("TENON_PLUGINS_PATH"), "TENON_PLUGIN_PATH");
  EXPECT_EQ(nearest("TENON_ENGINE"), "");
  EXPECT_EQ(nearest("TENON_SAMPLING_WHATEVER_ELSE"), "");
}

TEST(EnvironmentVariables, FreeNamesHaveNone) {
  const std::string message = only_mistake("", {}, {{"TENON_PREFETCH_RATIO_ATTN_QKV", "0.5"}});
  EXPECT_NE(message.find("--set prefetch.ratio.NAME=VALUE"), std::string::npos) << message;
  EXPECT_EQ(mistakes_in("", {}, {{"TENON_DEVICE_OPTIONS_SOC", "x"}}).size(), 1U);
}

TEST(EnvironmentVariables, OthersAreNotOurs) {
  EXPECT_TRUE(
      mistakes_in("", {}, {{"TENON_HOME", "x"}, {"ENGINE_CONTEXT", "x"}, {"PATH", "x"}}).empty());
}

TEST(EnvironmentVariables, OfTheProcess) {
  ASSERT_EQ(::setenv("TENON_ENGINE_CONTEXT", "a=b", 1), 0);
  const Environment environment = process_environment();
  EXPECT_EQ(environment.at("TENON_ENGINE_CONTEXT"), "a=b");
  EXPECT_FALSE(environment.contains("PATH"));
  ASSERT_EQ(::unsetenv("TENON_ENGINE_CONTEXT"), 0);
  EXPECT_FALSE(process_environment().contains("TENON_ENGINE_CONTEXT"));
}

}  // namespace
}  // namespace tenon::environment_test
