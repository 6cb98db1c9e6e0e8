// `tenon list`.
#include "e2e/expectations.hpp"

namespace tenon {
namespace {

TEST(CliList, WhatIsMissingOrUnknown) {
  expect_refused(run_tenon({"list"}), {"nothing to list is named", "devices, models or plugins"});
  expect_refused(run_tenon({"list", "modles"}), {"\"modles\"", "did you mean \"models\"?"});
}

TEST(CliList, ExplainNamesAnEmptyPluginFolder) {
  const TemporaryFolder folder;
  const CommandResult result =
      run_tenon({"list", "plugins", "--explain", "--plugin-path", folder.path()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, folder.path().string())) << result.out;
  const CommandResult silent = run_tenon({"list", "plugins", "--plugin-path", folder.path()});
  EXPECT_EQ(silent.exit_code, 0) << silent.err;
  EXPECT_FALSE(contains(silent.out, folder.path().string())) << silent.out;
}

TEST(CliList, EveryKindIsListed) {
  for (const char* what : {"devices", "models", "plugins"}) {
    const CommandResult result = run_tenon({"list", what});
    EXPECT_EQ(result.exit_code, 0) << what << result.err;
    EXPECT_FALSE(result.out.empty()) << what;
  }
}

}  // namespace
}  // namespace tenon
