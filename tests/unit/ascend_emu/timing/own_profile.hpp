// A profile of its own for a test: the shipped 910C die with other constants.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "timed_calls.hpp"

namespace ascend_test {

class OwnProfile {
 public:
  // `constants` in TOML.
  explicit OwnProfile(const std::string& constants)
      : folder_(std::filesystem::path(testing::TempDir()) / ("profile_" + test_name())) {
    std::filesystem::create_directories(folder_);
    std::filesystem::copy_file(profile_file, folder_ / "base.toml",
                               std::filesystem::copy_options::overwrite_existing);
    std::ofstream(file()) << "based_on = \"base.toml\"\n" << constants;
  }
  ~OwnProfile() { std::filesystem::remove_all(folder_); }
  OwnProfile(const OwnProfile&) = delete;
  OwnProfile& operator=(const OwnProfile&) = delete;

  std::string file() const { return (folder_ / "own.toml").string(); }

 private:
  static std::string test_name() {
    const testing::TestInfo& test = *testing::UnitTest::GetInstance()->current_test_info();
    return std::string(test.test_suite_name()) + "_" + test.name();
  }

  std::filesystem::path folder_;
};

}  // namespace ascend_test
