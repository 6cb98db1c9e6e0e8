// Helpers of the loader's tests: fixtures by name, folders of their own, texts of refusals.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "plugin/plugin.hpp"

namespace tenon {

inline std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(TENON_FIXTURES) / name / ("lib" + name + ".so");
}

// An empty folder for the running test.
inline std::filesystem::path fresh_folder(const std::string& name) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const auto folder = std::filesystem::path(testing::TempDir()) /
                      (std::string(test->test_suite_name()) + "." + test->name()) / name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

// Puts a copy of a fixture into a folder, as lib<as>.so.
inline void put(const std::string& name, const std::filesystem::path& folder,
                const std::string& as) {
  std::filesystem::copy_file(fixture(name), folder / ("lib" + as + ".so"));
}

struct Refusal {
  std::string text;
  std::string system_message;
  PluginRefused::Why why = PluginRefused::Why::fault;
};

// Loads a file that must be refused.
inline Refusal refusal_of(const std::filesystem::path& path) {
  try {
    LoadedPlugin::load(path, device_plugins());
  } catch (const PluginRefused& e) {
    EXPECT_EQ(e.kind(), ErrorKind::input);
    return {e.what(), e.system_message(), e.why()};
  }
  ADD_FAILURE() << path << " was loaded";
  return {};
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace tenon
