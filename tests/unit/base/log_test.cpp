#include "base/log.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "base/error.hpp"

namespace tenon {
namespace {

class Log : public testing::Test {
 protected:
  const std::filesystem::path path =
      std::filesystem::path(testing::TempDir()) / ("tenon-log-" + std::to_string(::getpid()));
  ~Log() override {
    configure_log(LogLevel::warning);
    std::filesystem::remove(path);
  }
  std::string written() const {
    configure_log(LogLevel::warning);  // closes the file
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
};

TEST_F(Log, LinesBelowTheLevelAreDropped) {
  configure_log(LogLevel::info, path);
  EXPECT_EQ(log_level(), LogLevel::info);
  log(LogLevel::debug, "part", "hidden");
  log(LogLevel::info, "part", "shown");
  log(LogLevel::error, "part", "braces {} stay as they are");
  const std::string text = written();
  EXPECT_EQ(text.find("hidden"), std::string::npos);
  EXPECT_NE(text.find("[info] part: shown"), std::string::npos) << text;
  EXPECT_NE(text.find("[error] part: braces {} stay as they are"), std::string::npos) << text;
}

TEST_F(Log, AFileThatCannotBeOpenedIsTheUsersMistake) {
  EXPECT_THROW(configure_log(LogLevel::info, std::filesystem::path(testing::TempDir())), Error);
}

}  // namespace
}  // namespace tenon
