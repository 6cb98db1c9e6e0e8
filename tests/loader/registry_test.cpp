// Search by name and path, one test for each line of the search order.
#include "plugin/registry.hpp"

#include "loader_files.hpp"

namespace tenon {
namespace {

std::string failure(PluginRegistry& registry, const std::string& name) {
  try {
    registry.load(device_plugins(), name);
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::input);
    return e.what();
  }
  ADD_FAILURE() << name << " was found";
  return "";
}

TEST(Registry, APathSearchesNothing) {
  const auto folder = fresh_folder("a");
  put("c_backend_other", folder, "c_backend");
  PluginRegistry registry({{folder, "--plugin-path"}});
  EXPECT_EQ(registry.load(device_plugins(), fixture("c_backend").string())->facts().name,
            "c_backend");
}

TEST(Registry, AFileNameIsRelativeToTheCurrentFolderAndNowhereElse) {
  const auto folder = fresh_folder("a");
  put("c_backend", folder, "c_backend");
  PluginRegistry registry({{folder, "--plugin-path"}});
  EXPECT_TRUE(has(failure(registry, "libc_backend.so"), "cannot be found"));
}

TEST(Registry, TheFirstFolderWins) {
  const auto first = fresh_folder("first");
  const auto second = fresh_folder("second");
  put("c_backend", first, "c_backend");
  put("c_backend", second, "c_backend");
  PluginRegistry registry(search_folders({.flag = {first}, .configured = {second}}));
  EXPECT_EQ(registry.load(device_plugins(), "c_backend")->path().parent_path(),
            std::filesystem::canonical(first));
}

TEST(Registry, ConfiguredBeforeInstalled) {
  const auto toml = fresh_folder("toml");
  const auto prefix = fresh_folder("prefix");
  std::filesystem::create_directories(prefix / "lib/tenon/plugins");
  put("c_backend", toml, "c_backend");
  put("c_backend", prefix / "lib/tenon/plugins", "c_backend");
  PluginRegistry registry(
      search_folders({.flag = {}, .configured = {toml}, .executable = prefix / "bin/tenon"}));
  EXPECT_EQ(registry.load(device_plugins(), "c_backend")->path().parent_path(),
            std::filesystem::canonical(toml));
}

TEST(Registry, InstalledBesideTheExecutable) {
  const auto prefix = fresh_folder("prefix");
  std::filesystem::create_directories(prefix / "lib64/tenon/plugins");
  put("c_backend", prefix / "lib64/tenon/plugins", "c_backend");
  PluginRegistry registry(
      search_folders({.flag = {}, .configured = {}, .executable = prefix / "bin/tenon"}));
  EXPECT_EQ(registry.load(device_plugins(), "c_backend")->facts().name, "c_backend");
}

TEST(Registry, NeitherTheCurrentFolderNorASystemFolder) {
  PluginRegistry registry(search_folders({}));
  EXPECT_TRUE(has(failure(registry, "c_backend"), "no folder to search"));
  PluginRegistry libraries(search_folders({}));
  EXPECT_TRUE(has(failure(libraries, "m"), "no folder to search"));
}

TEST(Registry, AFolderOfPluginsIsOpenedByNameOnly) {
  const auto folder = fresh_folder("a");
  put("undefined_symbol", folder, "broken_neighbour");
  put("c_backend", folder, "c_backend");
  PluginRegistry registry({{folder, "--plugin-path"}});
  registry.load(device_plugins(), "c_backend");
  ASSERT_EQ(registry.transcript().entries().size(), 1u);
}

TEST(Registry, ABrokenOneInTheFirstFolderDoesNotHideAGoodOne) {
  const auto first = fresh_folder("first");
  const auto second = fresh_folder("second");
  put("empty_slot", first, "c_backend");
  put("c_backend", second, "c_backend");
  PluginRegistry registry({{first, "--plugin-path"}, {second, "--plugin-path"}});
  EXPECT_EQ(registry.load(device_plugins(), "c_backend")->path().parent_path(),
            std::filesystem::canonical(second));
  EXPECT_EQ(registry.transcript().entries()[0].outcome, LoadOutcome::refused);
}

TEST(Registry, FindsAPluginByTheNameItGivesItself) {
  const auto folder = fresh_folder("a");
  put("misnamed", folder, "misnamed");
  PluginRegistry registry({{folder, "--plugin-path"}});
  EXPECT_EQ(registry.load(device_plugins(), "true_name")->facts().name, "true_name");
}

TEST(Registry, AFileNameAloneIsNoName) {
  const auto folder = fresh_folder("a");
  put("misnamed", folder, "misnamed");
  PluginRegistry registry({{folder, "--plugin-path"}});
  const std::string text = failure(registry, "misnamed");
  EXPECT_TRUE(has(text, "it calls itself 'true_name'")) << text;
}

TEST(Registry, AnUnknownNameGetsTheNearestAndTheTranscript) {
  const auto folder = fresh_folder("a");
  put("c_backend", folder, "c_backend");
  put("no_entry", folder, "no_entry");
  put("undefined_symbol", folder, "undefined");
  PluginRegistry registry({{folder, "--plugin-path"}, {"/no/such", "[plugins] path"}});
  const std::string text = failure(registry, "c_backnd");
  EXPECT_TRUE(has(text, "did you mean 'c_backend'?")) << text;
  EXPECT_TRUE(has(text, "folder " + folder.string() + " (--plugin-path)")) << text;
  EXPECT_TRUE(has(text, "libc_backend.so: loaded as 'c_backend'")) << text;
  EXPECT_TRUE(has(text, "libno_entry.so: skipped")) << text;
  EXPECT_TRUE(has(text, "libundefined.so: refused")) << text;
  EXPECT_TRUE(has(text, "dlerror: ")) << text;
  EXPECT_TRUE(has(text, "No such file or directory")) << text;
}

TEST(Registry, LoadsAllAndSkipsDuplicates) {
  const auto first = fresh_folder("first");
  const auto second = fresh_folder("second");
  put("c_backend", first, "c_backend");
  put("c_backend_other", first, "c_backend_other");
  put("c_backend", second, "c_backend");
  put("counter", second, "counter");
  PluginRegistry registry({{first, "--plugin-path"}, {second, "--plugin-path"}});
  const auto plugins = registry.load_all(device_plugins());
  ASSERT_EQ(plugins.size(), 2u);
  EXPECT_EQ(plugins[0]->facts().name, "c_backend");
  EXPECT_EQ(plugins[1]->facts().name, "c_backend_other");
  const std::string text = registry.transcript().text();
  EXPECT_TRUE(
      has(text, "'c_backend' was found before, in " + std::filesystem::canonical(first).string()))
      << text;
  EXPECT_TRUE(has(text, "libcounter.so: skipped")) << text;
}

TEST(Registry, OtherFilesAreNotTouched) {
  const auto folder = fresh_folder("a");
  std::filesystem::copy_file(fixture("undefined_symbol"), folder / "README.so");
  std::filesystem::copy_file(fixture("undefined_symbol"), folder / "libx.so.1");
  PluginRegistry registry({{folder, "--plugin-path"}});
  EXPECT_TRUE(registry.load_all(device_plugins()).empty());
  EXPECT_TRUE(has(registry.transcript().text(), "holds no lib*.so"));
}

TEST(Registry, TheSameFileIsThePluginItWas) {
  PluginRegistry registry({});
  const auto first = registry.load(device_plugins(), fixture("c_backend").string());
  EXPECT_EQ(registry.load(device_plugins(), fixture("c_backend").string()), first);
}

}  // namespace
}  // namespace tenon
