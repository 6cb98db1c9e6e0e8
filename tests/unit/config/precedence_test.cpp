#include "config_testing.hpp"

namespace tenon::precedence_test {
namespace {

constexpr std::string_view file = "[engine]\ncontext = 100\n";
const Environment variable{{"TENON_ENGINE_CONTEXT", "200"}};
const std::vector<FlagSetting> flag{{"engine.context=300", ""}};

int64_t context(const ResolvedConfiguration& configuration) {
  return configuration.values.engine.context;
}

TEST(Precedence, DefaultWhenNothingIsGiven) {
  const auto resolved = load_text("");
  EXPECT_EQ(context(resolved), 0);
  EXPECT_EQ(resolved.find("engine.context")->origin.text(), "default");
  EXPECT_FALSE(resolved.is_given("engine.context"));
}

TEST(Precedence, FileBeatsDefault) {
  const auto resolved = load_text(file);
  EXPECT_EQ(context(resolved), 100);
  EXPECT_EQ(resolved.find("engine.context")->origin.text(), "test.toml:2");
  EXPECT_TRUE(resolved.is_given("engine.context"));
}

TEST(Precedence, EnvironmentBeatsDefault) {
  EXPECT_EQ(context(load_text("", {}, variable)), 200);
}

TEST(Precedence, FlagBeatsDefault) {
  EXPECT_EQ(context(load_text("", flag)), 300);
}

TEST(Precedence, EnvironmentBeatsFile) {
  const auto resolved = load_text(file, {}, variable);
  EXPECT_EQ(context(resolved), 200);
  EXPECT_EQ(resolved.find("engine.context")->origin.text(), "environment TENON_ENGINE_CONTEXT");
}

TEST(Precedence, FlagBeatsFile) {
  EXPECT_EQ(context(load_text(file, flag)), 300);
}

TEST(Precedence, FlagBeatsEnvironment) {
  const auto resolved = load_text("", flag, variable);
  EXPECT_EQ(context(resolved), 300);
  EXPECT_EQ(resolved.find("engine.context")->origin.text(), "flag --set engine.context=300");
}

TEST(Precedence, FlagBeatsAll) {
  EXPECT_EQ(context(load_text(file, flag, variable)), 300);
}

TEST(Precedence, LaterFlagBeatsEarlierFlag) {
  EXPECT_EQ(context(load_text("", {{"engine.context=1", ""}, {"engine.context=2", ""}})), 2);
  EXPECT_EQ(context(load_text("", {{"engine.context=2", ""}, {"engine.context=1", ""}})), 1);
}

TEST(Precedence, IsPerKeyAndNotPerTable) {
  const auto resolved = load_text("[prefetch]\nratio.attn.qkv = 0.5\n[engine]\nblock_size = 32\n",
                                  {{"prefetch.ratio.attn={o=0.25}", ""}}, variable);
  EXPECT_EQ(resolved.values.engine.block_size, 32);
  EXPECT_EQ(context(resolved), 200);
  EXPECT_EQ(resolved.values.prefetch.ratio.at("attn").at("qkv"), 0.5);
  EXPECT_EQ(resolved.values.prefetch.ratio.at("attn").at("o"), 0.25);
  EXPECT_EQ(resolved.values.prefetch.ratio.at("mlp").at("down"), 1.0);
}

// A value that a stronger source hides is still checked.
TEST(Precedence, HiddenMistakesAreReported) {
  EXPECT_EQ(mistakes_in("[engine]\ncontext = \"x\"\n", flag).size(), 1U);
}

TEST(Precedence, OptionsOfAnotherBackendAreLeftOutWithANote) {
  constexpr std::string_view text = "[device]\nbackend = \"one\"\n[device.options]\nspeed = 3\n";
  EXPECT_EQ(load_text(text).values.device.options.size(), 1U);
  EXPECT_EQ(load_text(text, {{"device.backend=one", ""}}).values.device.options.size(), 1U);
  const auto other = load_text(text, {{"device.backend=two", ""}, {"device.options.size=4", ""}});
  ASSERT_EQ(other.values.device.options.size(), 1U);
  EXPECT_EQ(std::get<int64_t>(other.values.device.options.at("size")), 4);
  ASSERT_EQ(other.notes.size(), 1U);
  EXPECT_EQ(other.notes.front(),
            "device.options.speed (test.toml:4) is left out: it was meant for one, and flag --set "
            "device.backend=two chose two");
  const auto by_variable = load_text(text, {}, {{"TENON_DEVICE_BACKEND", "two"}});
  EXPECT_TRUE(by_variable.values.device.options.empty());
}

TEST(Precedence, OptionsWithoutABackendInTheFileStay) {
  const auto resolved = load_text("[device.options]\nspeed = 3\n", {{"device.backend=two", ""}});
  EXPECT_EQ(resolved.values.device.options.size(), 1U);
  EXPECT_TRUE(resolved.notes.empty());
}

}  // namespace
}  // namespace tenon::precedence_test
