// The reports for programs.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

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

TEST_F(SampleFiles, AReportThatCannotBeWrittenCostsNoRun) {
  const CommandResult result = run_sample({"--json", path("no/such/folder.json")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
}

}  // namespace
}  // namespace tenon::conformance
