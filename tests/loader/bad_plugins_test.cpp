// Libraries that open, or nearly, and lie.
#include "device/table.hpp"
#include "loader_files.hpp"
#include "plugin/elf_file.hpp"

namespace tenon {
namespace {

TEST(BadPlugins, NotAPlugin) {
  const Refusal refusal = refusal_of(fixture("no_entry"));
  EXPECT_TRUE(has(refusal.text, "no Tenon plugin")) << refusal.text;
  EXPECT_EQ(refusal.why, PluginRefused::Why::not_this_kind);
}

TEST(BadPlugins, UndefinedSymbolWithTheSystemsWords) {
  const Refusal refusal = refusal_of(fixture("undefined_symbol"));
  EXPECT_TRUE(has(refusal.text, "a_function_that_nobody_defines")) << refusal.text;
  EXPECT_TRUE(has(refusal.system_message, "undefined symbol")) << refusal.system_message;
}

TEST(BadPlugins, WrongVersion) {
  const Refusal refusal = refusal_of(fixture("wrong_version"));
  EXPECT_TRUE(has(refusal.text, "speaks device API 7.0 only")) << refusal.text;
  const std::string expected = "expected device API " + version_text(TN_DEVICE_API_VERSION);
  EXPECT_TRUE(has(refusal.text, expected)) << refusal.text;
}

TEST(BadPlugins, AnswerAboveTheHostsVersion) {
  const std::string above = "found " + version_text(TN_DEVICE_API_VERSION + 1);
  EXPECT_TRUE(has(refusal_of(fixture("future_version")).text, above));
  EXPECT_TRUE(has(refusal_of(fixture("other_major")).text, "found 0.0"));
}

TEST(BadPlugins, OkWithoutATable) {
  EXPECT_TRUE(has(refusal_of(fixture("null_table")).text, "without a table"));
}

TEST(BadPlugins, SizesThatCannotBe) {
  EXPECT_TRUE(has(refusal_of(fixture("zero_size")).text, "found 0"));
  EXPECT_TRUE(has(refusal_of(fixture("huge_size")).text, "absurd"));
}

TEST(BadPlugins, HalfFilledTable) {
  EXPECT_TRUE(has(refusal_of(fixture("empty_slot")).text, "required slot 'fill'"));
  EXPECT_TRUE(has(refusal_of(fixture("short_table")).text, "required slot 'op_enqueue'"));
}

TEST(BadPlugins, FactsThatAreMissingOrUnusable) {
  EXPECT_TRUE(has(refusal_of(fixture("no_facts")).text, "no facts"));
  EXPECT_TRUE(has(refusal_of(fixture("bad_name")).text, "'Bad Name'"));
}

TEST(BadPlugins, AnExceptionIsCaught) {
  EXPECT_TRUE(has(refusal_of(fixture("throwing")).text, "thrown by the fixture"));
  EXPECT_TRUE(has(refusal_of(fixture("throwing_integer")).text, "no std::exception"));
}

TEST(BadPlugins, BuiltWithAddressSanitizer) {
  if (host_sanitizer() != TN_SANITIZER_NONE) GTEST_SKIP() << "the host has a sanitizer itself";
  const Refusal refusal = refusal_of(fixture("with_asan"));
  EXPECT_TRUE(has(refusal.text, "AddressSanitizer")) << refusal.text;
  EXPECT_EQ(refusal.system_message, "");  // it was not opened
}

TEST(BadPlugins, ADevicePluginIsNoModelPlugin) {
  PluginKind models = device_plugins();
  models.id = TN_PLUGIN_MODEL;
  models.name = "model";
  try {
    LoadedPlugin::load(fixture("c_backend"), models);
    FAIL();
  } catch (const PluginRefused& e) {
    EXPECT_EQ(e.why(), PluginRefused::Why::not_this_kind);
    EXPECT_TRUE(has(e.what(), "no model plugin")) << e.what();
    EXPECT_TRUE(has(e.what(), "holds a device plugin only")) << e.what();
  }
}

TEST(BadPlugins, AnOlderHostIsTold) {
  PluginKind old = device_plugins();
  old.version = TN_VERSION(0, 9);
  try {
    LoadedPlugin::load(fixture("c_backend"), old);
    FAIL();
  } catch (const PluginRefused& e) {
    EXPECT_TRUE(has(e.what(), "expected device API 0.9")) << e.what();
  }
}

TEST(BadPlugins, TheCleanOneLoads) {
  const auto plugin = LoadedPlugin::load(fixture("c_backend"), device_plugins());
  EXPECT_EQ(plugin->facts().name, "c_backend");
  EXPECT_EQ(plugin->facts().licence, "Apache-2.0");
  EXPECT_EQ(plugin->version(), static_cast<uint32_t>(TN_VERSION(1, 0)));
  EXPECT_FALSE(device_table(*plugin).offers("prefetch"));
}

}  // namespace
}  // namespace tenon
