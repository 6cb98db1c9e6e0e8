// The reports for programs.
#include <gtest/gtest.h>

#include <deque>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "runner/report.hpp"
#include "unit/conformance/run_sample.hpp"

namespace tenon::conformance {
namespace {

class SampleFiles : public ::testing::Test {
 protected:
  std::string path(const char* name) const { return (folder_.path() / name).string(); }
  TemporaryFolder folder_;
};

// Checks what a parser checks first: elements nest, and text holds no bare '<' or '&'.
void expect_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  size_t at = xml.find("?>") + 2;
  while ((at = xml.find_first_of("<&", at)) != std::string::npos) {
    if (xml[at] == '&') {
      const size_t end = xml.find(';', at);
      ASSERT_TRUE(end != std::string::npos && end - at < 8) << xml.substr(at, 40);
      at = end;
      continue;
    }
    const size_t end = xml.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = xml.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(tag[0] == '/' ? 1 : 0, tag.find(' ') - 0);
    if (tag[0] == '/') {
      ASSERT_FALSE(open.empty());
      ASSERT_EQ(open.back(), tag.substr(1));
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(tag.substr(0, tag.find(' ')));
    }
    at = end;
  }
  EXPECT_TRUE(open.empty());
}

TEST_F(SampleFiles, JUnitIsWellFormedWhateverThePluginSays) {
  const CommandResult result = run_sample(
      {"--junit", path("r.xml"), "--timeout", "3", "--filter", "sample/*", "--filter", "-loops"});
  EXPECT_EQ(result.exit_code, 1);
  const std::string xml = read_whole(path("r.xml"));
  expect_well_formed(xml);
  EXPECT_TRUE(contains(xml, "<testcase classname=\"sample\" name=\"fails\"")) << xml;
  EXPECT_TRUE(contains(xml, "a &lt;call&gt; &amp; &quot;more&quot;; expected an \xEF\xBF\xBD"));
  EXPECT_TRUE(contains(xml, "<error type=\"crashed\"")) << xml;
  EXPECT_TRUE(contains(xml, "<skipped message=\"skipped: the backend has 1 of 1000 devices\"/>"));
  EXPECT_TRUE(contains(xml, "<property name=\"rules\" value=\"TN-MEM-1 TN-MEM-2\"/>"));
  EXPECT_TRUE(contains(xml, "<property name=\"plugin_name\" value=\"cpu_reference\"/>"));
  EXPECT_EQ(xml.find('\xff'), std::string::npos);
  EXPECT_EQ(xml.find('\x01'), std::string::npos);
}

TEST_F(SampleFiles, JsonHoldsWhatTheConsoleShows) {
  const CommandResult result =
      run_sample({"--json", path("r.json"), "--seed", "3", "--options", "threads=1", "--filter",
                  "sample/fails", "--filter", "sample/passes"});
  EXPECT_EQ(result.exit_code, 1);
  const auto report = nlohmann::json::parse(read_whole(path("r.json")));
  EXPECT_EQ(report["plugin"]["name"], "cpu_reference");
  EXPECT_EQ(report["mode"], "fast");
  EXPECT_EQ(report["seed"], 3);
  EXPECT_EQ(report["exit_code"], 1);
  EXPECT_EQ(report["options"][0], "threads=1");
  EXPECT_EQ(report["command"][0], TENON_SAMPLE);
  EXPECT_EQ(report["counts"]["ran"], 2);
  EXPECT_EQ(report["profiles"]["core"]["verdict"], "does not conform");
  ASSERT_EQ(report["tests"].size(), 2U);
  const auto& test = report["tests"][0];
  EXPECT_EQ(test["name"], "sample/fails");
  EXPECT_EQ(test["outcome"], "failed");
  EXPECT_EQ(test["rules"][1], "TN-MEM-2");
  EXPECT_EQ(test["finding"]["rule"], "TN-MEM-1");
  EXPECT_EQ(report["tests"][1]["outcome"], "passed");
}

// Tests of one profile and how they ended; what a device with these capabilities would be told.
class Verdicts : public ::testing::Test {
 protected:
  void add(const char* name, uint64_t profile, Outcome outcome, const char* reason = "",
           uint32_t devices = 1) {
    Requirements requirements{.rules = {"TN-EVT-1"}, .profile = profile, .devices = devices};
    tests_.push_back({name, requirements, {}});
    TestResult result;
    result.test = &tests_.back();
    result.outcome = outcome;
    result.reason = reason;
    report_.results.push_back(result);
  }
  void keep_no_contents() { report_.plugin.capabilities = TN_KEEPS_NO_CONTENTS; }
  ProfileVerdict verdict(uint64_t profile) {
    report_.plugin.profiles = ~uint64_t{0};
    report_.plugin.devices = {"the only one"};
    for (ProfileVerdict& one : profile_verdicts(report_))
      if (one.profile.bit == profile) return one;
    throw std::runtime_error("no such profile");
  }

 private:
  std::deque<TestCase> tests_;
  Report report_;
};

TEST_F(Verdicts, AProfileConformsWhenEachOfItsGroupsRan) {
  add("events/one", TN_PROFILE_CORE, Outcome::passed);
  add("events/two", TN_PROFILE_CORE, Outcome::skipped, "TN_CAN_CALL_HOST is clear");
  add("profiling/one", TN_PROFILE_CORE, Outcome::skipped, "TN_CAN_PROFILE is clear");
  add("ops/copy_cast/values", TN_PROFILE_CORE, Outcome::passed);
  const ProfileVerdict found = verdict(TN_PROFILE_CORE);
  EXPECT_EQ(found.verdict, "conforms");
  EXPECT_TRUE(found.untested.empty());
  EXPECT_EQ(found.not_run.at("TN_CAN_CALL_HOST is clear"), 1U);
}

TEST_F(Verdicts, AGroupOfUnsupportedFormsLeavesTheProfileOpen) {
  add("ops/add/values", TN_PROFILE_DENSE, Outcome::passed);
  add("ops/mul/values", TN_PROFILE_DENSE, Outcome::unsupported, "no mul");
  add("ops/mul/out_node", TN_PROFILE_DENSE, Outcome::skipped, "TN_CAN_CALL_HOST is clear");
  const ProfileVerdict found = verdict(TN_PROFILE_DENSE);
  EXPECT_EQ(found.verdict, "partly run");
  EXPECT_EQ(found.untested, std::vector<std::string>{"ops/mul"});
}

// Profiles that are about all ops in one respect need some op, not each.
TEST_F(Verdicts, GraphsNeedNotCaptureEveryOp) {
  add("ops/add/captured_equals_eager", TN_PROFILE_GRAPH, Outcome::passed);
  add("ops/mul/captured_equals_eager", TN_PROFILE_GRAPH, Outcome::unsupported, "no mul");
  EXPECT_EQ(verdict(TN_PROFILE_GRAPH).verdict, "conforms");
}

TEST_F(Verdicts, TooFewDevicesLeaveTheProfileOpen) {
  const char* reason = "the backend has 1 of 2 devices";
  add("collectives/one", TN_PROFILE_COLLECTIVES, Outcome::passed);
  add("ops/all_reduce/values", TN_PROFILE_COLLECTIVES, Outcome::skipped, reason, 2);
  const ProfileVerdict found = verdict(TN_PROFILE_COLLECTIVES);
  EXPECT_EQ(found.verdict, "partly run");
  EXPECT_EQ(found.not_run.at(reason), 1U);
}

TEST_F(Verdicts, SkippingEverythingConformsToNothing) {
  add("prefetch/one", TN_PROFILE_PREFETCH, Outcome::skipped, "TN_CAN_PREFETCH is clear");
  EXPECT_EQ(verdict(TN_PROFILE_PREFETCH).verdict, "no test ran");
}

// A claim that it should not make does not become true.
TEST_F(Verdicts, WithoutContentsNothingConforms) {
  add("events/one", TN_PROFILE_CORE, Outcome::passed);
  keep_no_contents();
  EXPECT_EQ(verdict(TN_PROFILE_CORE).verdict, "not judged");
}

TEST(SampleReport, SaysWhatDidNotRun) {
  const CommandResult result = run_sample(
      {"--filter", "sample/passes", "--filter", "sample/skips", "--filter", "sample/unsupported"});
  EXPECT_TRUE(contains(result.out,
                       "core         skipped: no such form (1), the backend has 1 of "
                       "1000 devices (1)\n"))
      << result.out;
}

TEST_F(SampleFiles, AReportThatCannotBeWrittenCostsNoRun) {
  const CommandResult result = run_sample({"--json", path("no/such/folder.json")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
}

}  // namespace
}  // namespace tenon::conformance
