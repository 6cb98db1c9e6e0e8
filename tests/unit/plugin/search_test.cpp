// The order in which folders are searched.
#include "plugin/search.hpp"

#include <gtest/gtest.h>

namespace tenon {
namespace {

std::vector<std::string> origins(const SearchSettings& settings) {
  std::vector<std::string> result;
  for (const SearchFolder& folder : search_folders(settings)) {
    result.push_back(folder.origin + " " + folder.folder.string());
  }
  return result;
}

TEST(Search, FlagThenConfiguredThenInstalled) {
  const auto order =
      origins({{"/f1", "/f2"}, {"/e1", "/e2"}, "TENON_PLUGIN_PATH", "/opt/tenon/bin/tenon"});
  ASSERT_GE(order.size(), 6u);
  EXPECT_EQ(order[0], "--plugin-path /f1");
  EXPECT_EQ(order[1], "--plugin-path /f2");
  EXPECT_EQ(order[2], "TENON_PLUGIN_PATH /e1");
  EXPECT_EQ(order[3], "TENON_PLUGIN_PATH /e2");
  for (size_t i = 4; i < order.size(); ++i)
    EXPECT_EQ(order[i].find("installed /opt/tenon/"), 0u);
}

TEST(Search, InstalledFoldersLieBesideTheExecutable) {
  const auto order = origins({.flag = {}, .configured = {}, .executable = "/opt/tenon/bin/tenon"});
  EXPECT_NE(std::find(order.begin(), order.end(), "installed /opt/tenon/lib/tenon/plugins"),
            order.end());
  EXPECT_NE(std::find(order.begin(), order.end(), "installed /opt/tenon/lib64/tenon/plugins"),
            order.end());
}

TEST(Search, AnEmbeddedLibraryBringsItsFolder) {
  EXPECT_EQ(origins({.flag = {}, .configured = {}, .library = "/opt/t/lib/libtenon.so.0"}),
            (std::vector<std::string>{"installed /opt/t/lib/tenon/plugins"}));
  EXPECT_EQ(library_path(), std::filesystem::canonical(executable_path()));
}

TEST(Search, EmptyEntriesAreNotTheCurrentFolder) {
  EXPECT_TRUE(origins({.flag = {""}, .configured = {"", ""}}).empty());
  EXPECT_EQ(origins({.flag = {}, .configured = {"", "/t", ""}}),
            (std::vector<std::string>{"[plugins] path /t"}));
}

TEST(Search, AFolderIsSearchedOnce) {
  EXPECT_EQ(origins({.flag = {"/a/"}, .configured = {"/a", "/a/../a", "/a/."}}),
            (std::vector<std::string>{"--plugin-path /a"}));
}

TEST(Search, TellsPathsFromNames) {
  EXPECT_TRUE(is_plugin_path("./x"));
  EXPECT_TRUE(is_plugin_path("libx.so"));
  EXPECT_FALSE(is_plugin_path("cpu_reference"));
  EXPECT_FALSE(is_plugin_path("so"));
  EXPECT_EQ(plugin_file_name("cpu"), "libcpu.so");
}

TEST(Search, AFolderThatCannotBeReadSaysWhy) {
  std::string error;
  EXPECT_TRUE(plugin_candidates("/no/such/folder", error).empty());
  EXPECT_EQ(error, "No such file or directory");
}

TEST(Search, KnowsThisExecutable) {
  EXPECT_EQ(executable_path().filename(), "plugin_test");
}

}  // namespace
}  // namespace tenon
