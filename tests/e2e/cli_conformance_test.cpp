// `tenon conformance`: hands over to the suite beside the program.
#include <gtest/gtest.h>

#include <filesystem>

#include "e2e/run_tenon.hpp"

namespace tenon {
namespace {

TEST(CliConformance, PassesEverythingOn) {
  const CommandResult version = run_tenon({"conformance", "--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_TRUE(version.out.starts_with("tenon-conformance ")) << version.out << version.err;
  const CommandResult none = run_tenon({"conformance", "no_such_plugin", "--seed", "3"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_NE(none.err.find("libno_such_plugin.so"), std::string::npos) << none.err;
}

TEST(CliConformance, SaysWhereTheSuiteShouldBe) {
  const TemporaryFolder folder;
  const std::filesystem::path copy = folder.path() / "tenon";
  std::filesystem::copy(tenon_binary(), copy);
  const CommandResult result = run_command({copy.string(), "conformance", "x"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("[tenon conformance] the suite cannot be started"), std::string::npos)
      << result.err;
  EXPECT_NE(result.err.find((folder.path() / "tenon-conformance").string()), std::string::npos)
      << result.err;
}

}  // namespace
}  // namespace tenon
