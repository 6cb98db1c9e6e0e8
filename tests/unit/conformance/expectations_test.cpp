#include "runner/expectations.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "unit/conformance/run_sample.hpp"

namespace tenon::conformance {
namespace {

std::string mistake_in(const std::string& text) {
  try {
    parse_expectations(text, "a.toml");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    return error.what();
  }
  return "none";
}

TEST(Expectations, AreReadWithTheirPlace) {
  const auto entries = parse_expectations(
      "[[xfail]]\ntest = \"a/b\"\nreason = \"why\"\n\n"
      "[[unsupported]]\ntest = \"c/*\"\nreason = \"because\"\n",
      "a.toml");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].kind, ExpectationKind::xfail);
  EXPECT_EQ(entries[0].test, "a/b");
  EXPECT_EQ(entries[0].reason, "why");
  EXPECT_EQ(entries[0].where, "a.toml:1:1");
  EXPECT_EQ(entries[1].kind, ExpectationKind::unsupported);
}

TEST(Expectations, MistakesAreNamedWithTheirPlace) {
  EXPECT_TRUE(
      mistake_in("[[xfail]]\ntest = \"a\"\n").starts_with("[a.toml:1:1] \"a\" has no reas"));
  EXPECT_TRUE(mistake_in("[[xfail]]\nreason = \"a\"\n").starts_with("[a.toml:1:1]"));
  EXPECT_TRUE(mistake_in("[[xfail]]\ntest = \"a\"\nreason = \"\"\n").starts_with("[a.toml:3:10]"));
  EXPECT_TRUE(mistake_in("[[xfail]]\ntest = 5\n").starts_with("[a.toml:2:8]"));
  EXPECT_TRUE(mistake_in("[[xfail]]\ntest = \"a\"\nwhy = \"b\"\n")
                  .starts_with("[a.toml:3:1] unknown key \"why\""));
  EXPECT_TRUE(mistake_in("\n[[skip]]\n").starts_with("[a.toml:2:3] unknown key \"skip\""));
  EXPECT_TRUE(mistake_in("xfail = 1\n").starts_with("[a.toml:1:1]"));
  EXPECT_TRUE(mistake_in("xfail = [1]\n").starts_with("[a.toml:1:10]"));
  EXPECT_TRUE(mistake_in("[[xfail]\n").starts_with("[a.toml:1:"));
}

TEST(Expectations, DefaultFileLiesBesideThePlugin) {
  EXPECT_EQ(default_expectation_file("folder/libmine.so"), "folder/libmine.conformance.toml");
}

class SampleExpectations : public ::testing::Test {
 protected:
  CommandResult run(const std::string& text, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--expect", folder_.file("expect.toml", text)});
    return run_sample(std::move(arguments));
  }
  TemporaryFolder folder_;
};

TEST_F(SampleExpectations, AnExpectedFailureIsNoFailure) {
  const CommandResult result = run("[[xfail]]\ntest = \"sample/*s\"\nreason = \"known, issue 3\"\n",
                                   {"--filter", "sample/fails", "--filter", "sample/exits"});
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_TRUE(contains(result.out, "xfail       sample/fails (known, issue 3)")) << result.out;
  EXPECT_TRUE(contains(result.out, "xfail 2")) << result.out;
  EXPECT_TRUE(contains(result.out, "core         does not conform")) << result.out;
}

TEST_F(SampleExpectations, AnUnexpectedPassFails) {
  for (const char* kind : {"xfail", "unsupported"}) {
    const CommandResult result =
        run(std::string("[[") + kind + "]]\ntest = \"sample/passes\"\nreason = \"once\"\n",
            {"--filter", "sample/passes"});
    EXPECT_EQ(result.exit_code, 1) << result.out;
    EXPECT_TRUE(contains(result.out, "xpass       sample/passes (it passes, and")) << result.out;
  }
}

TEST_F(SampleExpectations, UnsupportedCoversNoFailure) {
  const CommandResult result = run("[[unsupported]]\ntest = \"sample/fails\"\nreason = \"no\"\n",
                                   {"--filter", "sample/fails"});
  EXPECT_EQ(result.exit_code, 1) << result.out;
  EXPECT_TRUE(contains(result.out, "failed      sample/fails")) << result.out;
}

TEST_F(SampleExpectations, WhatIsNotTestedMayBeExpected) {
  const CommandResult result = run(
      "[[unsupported]]\ntest = \"sample/unsupported\"\nreason = \"no kernel\"\n"
      "[[unsupported]]\ntest = \"sample/skips\"\nreason = \"one card\"\n",
      {"--filter", "sample/unsupported", "--filter", "sample/skips", "--filter", "sample/passes"});
  EXPECT_EQ(result.exit_code, 0) << result.out;
}

TEST_F(SampleExpectations, AnEntryThatMatchesNothingFails) {
  const CommandResult result = run("\n[[xfail]]\ntest = \"sample/gone\"\nreason = \"was here\"\n",
                                   {"--filter", "sample/passes"});
  EXPECT_EQ(result.exit_code, 1) << result.out;
  EXPECT_TRUE(contains(result.out, "expect.toml:2:1] the expectation matches no test"))
      << result.out;
}

TEST_F(SampleExpectations, AnEntryThatTheFilterLeavesOutIsFine) {
  const CommandResult result =
      run("[[xfail]]\ntest = \"sample/fails\"\nreason = \"known\"\n"
          "[[xfail]]\ntest = \"sample/long_one\"\nreason = \"known\"\n",
          {"--filter", "sample/passes"});
  EXPECT_EQ(result.exit_code, 0) << result.out;
}

TEST_F(SampleExpectations, AMistakeInTheFileEndsTheRun) {
  const CommandResult result = run("[[xfail]]\ntest = \"a\"\n", {});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(contains(result.err, "expect.toml:1:1] \"a\" has no reason")) << result.err;
}

TEST_F(SampleExpectations, TheFileBesideThePluginIsRead) {
  std::filesystem::copy(TENON_REFERENCE, folder_.path() / "libmine.so");
  folder_.file("libmine.conformance.toml",
               "[[xfail]]\ntest = \"sample/fails\"\nreason = \"known\"\n");
  const CommandResult result =
      run_sample((folder_.path() / "libmine.so").string(), {"--filter", "sample/fails"});
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_TRUE(contains(result.out, "libmine.conformance.toml")) << result.out;
}

}  // namespace
}  // namespace tenon::conformance
