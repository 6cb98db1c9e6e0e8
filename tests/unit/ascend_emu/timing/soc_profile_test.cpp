#include "ascend_emu/timing/soc_profile.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <tenon/plugin/failure.hpp>

#include "ascend_emu/timing/soc_profile_fields.hpp"

namespace tenon::ascend_emu::timing::soc_profile_test {
namespace {

const std::filesystem::path shipped = TENON_SOC_PROFILES;

class ProfileFile : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("soc_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::create_directories(folder_);
    std::filesystem::copy_file(shipped / "910c_die.toml", folder_ / "base.toml",
                               std::filesystem::copy_options::overwrite_existing);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& text, const char* name = "own.toml") {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  static std::string refusal(const std::filesystem::path& file) {
    try {
      read_soc_profile(file);
    } catch (const plugin::Failure& failure) {
      EXPECT_EQ(failure.status(), TN_INVALID_ARGUMENT);
      return failure.what();
    }
    return "read";
  }

  void expect_refusal(const std::string& text, const std::string& place, const std::string& part) {
    const std::string found = refusal(write(text));
    EXPECT_NE(found.find("own.toml" + place), std::string::npos) << found;
    EXPECT_NE(found.find(part), std::string::npos) << found;
  }

  std::filesystem::path folder_;
};

TEST_F(ProfileFile, EveryShippedProfileIsReadAndComplete) {
  int count = 0;
  for (const auto& file : std::filesystem::directory_iterator(shipped)) {
    if (file.path().extension() != ".toml") continue;
    const SocProfile profile = read_soc_profile(file.path());
    EXPECT_EQ(profile.name, file.path().stem().string());
    ++count;
  }
  EXPECT_EQ(count, 5);
}

TEST_F(ProfileFile, EveryConstantOfAShippedProfileNamesItsSource) {
  for (const auto& file : std::filesystem::directory_iterator(shipped)) {
    std::ifstream stream(file.path());
    std::string line;
    for (int number = 1; std::getline(stream, line); ++number) {
      if (line.find(" = ") == std::string::npos || line.starts_with("based_on")) continue;
      if (line.starts_with("#")) continue;
      EXPECT_NE(line.find(" # "), std::string::npos)
          << file.path() << ":" << number << ": " << line;
    }
  }
}

TEST_F(ProfileFile, OwnConstantsStandBeforeTheBases) {
  const SocProfile base = read_soc_profile(folder_ / "base.toml");
  const SocProfile own =
      read_soc_profile(write("based_on = \"base.toml\"\n[hbm]\ngigabytes_per_second = 5\n"));
  EXPECT_EQ(own.hbm.gigabytes_per_second, 5);
  EXPECT_EQ(own.hbm.efficiency, base.hbm.efficiency);
  EXPECT_EQ(own.op_fixed_us, base.op_fixed_us);
}

TEST_F(ProfileFile, RefusesWithThePlace) {
  expect_refusal("based_on = \"base.toml\"\n[hbm]\ngigabytes = 5\n", ":3",
                 "hbm.gigabytes is unknown");
  expect_refusal("based_on = \"base.toml\"\n[cube]\nefficiency = 1.5\n", ":3", "out of range");
  expect_refusal("based_on = \"base.toml\"\n[cube]\nefficiency = nan\n", ":3", "out of range");
  expect_refusal("based_on = \"base.toml\"\n[cube]\nint8_tops = 1e-9\n", ":3", "out of range");
  expect_refusal("based_on = \"base.toml\"\n[host]\nop_us = 1e7\n", ":3", "out of range");
  expect_refusal("based_on = \"base.toml\"\n[cube]\nefficiency = \"high\"\n", ":3", "is no number");
  expect_refusal("based_on = \"base.toml\"\n[link]\nfull_mesh_ranks = -1\n", ":3", "out of range");
  expect_refusal("based_on = \"base.toml\"\ncube = 3\n", ":2", "`cube` is no table");
  expect_refusal("based_on = 7\n", ":1", "based_on is no file name");
  expect_refusal("[cube]\nefficiency = 0.5\n", "", "is missing");
  expect_refusal("[cube]\nefficiency = 0.5\nefficiency = 0.6\n", ":3", "");
  expect_refusal("[cube\n", ":1", "");
  expect_refusal("based_on = \"own.toml\"\n", ":1", "based on one another");
  expect_refusal("based_on = \"base.toml\"\n" + std::string(100'000, '[') + "\n", ":2", "too long");
}

TEST_F(ProfileFile, RefusesAMissingFileAndAFolder) {
  EXPECT_NE(refusal(folder_ / "none.toml").find("cannot be read"), std::string::npos);
  EXPECT_NE(refusal(folder_).find("cannot be read"), std::string::npos);
}

}  // namespace
}  // namespace tenon::ascend_emu::timing::soc_profile_test
