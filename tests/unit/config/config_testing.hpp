// Helpers of the configuration's tests.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"

namespace tenon {

// A folder that is removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "tenon-config-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

  void write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
  }

 private:
  std::filesystem::path path_;
};

// Loads `text` as "test.toml" with these flags and variables.
inline ResolvedConfiguration load_text(std::string_view text, std::vector<FlagSetting> flags = {},
                                       Environment environment = {}) {
  const TemporaryFolder folder;
  folder.write("test.toml", text);
  return load_configuration({.file = "test.toml",
                             .flags = std::move(flags),
                             .environment = std::move(environment),
                             .working_directory = folder.path()});
}

// The mistakes in them; none if they load.
inline std::vector<Diagnostic> mistakes_in(std::string_view text,
                                           std::vector<FlagSetting> flags = {},
                                           Environment environment = {}) {
  try {
    load_text(text, std::move(flags), std::move(environment));
  } catch (const ConfigurationError& error) {
    return error.diagnostics();
  }
  return {};
}

// The message of the only mistake; a failure if there is not exactly one.
inline std::string only_mistake(std::string_view text, std::vector<FlagSetting> flags = {},
                                Environment environment = {}) {
  const auto mistakes = mistakes_in(text, std::move(flags), std::move(environment));
  EXPECT_EQ(mistakes.size(), 1U) << text;
  return mistakes.size() == 1 ? mistakes.front().message() : "";
}

}  // namespace tenon
