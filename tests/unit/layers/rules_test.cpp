// Every rule id in code has its form and is used once.
#include "layers/rules.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace tenon {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST(Rules, EveryIdStandsInTheRulesOfTheDeviceApi) {
  const std::string root = std::string(TENON_TEST_DATA) + "/../../";
  const std::string code = text_of(root + "core/layers/rules.hpp");
  const std::string page = text_of(root + "device_api/RULES.md");
  ASSERT_FALSE(page.empty());
  const std::regex id("\"(TN-[A-Z]+-[0-9]+)\"");
  std::set<std::string> seen;
  for (std::sregex_iterator at(code.begin(), code.end(), id), end; at != end; ++at) {
    const std::string rule = (*at)[1];
    EXPECT_TRUE(seen.insert(rule).second) << rule << " stands twice";
    EXPECT_NE(page.find("| " + rule + " |"), std::string::npos) << rule;
  }
  EXPECT_GE(seen.size(), 30u);
  EXPECT_TRUE(seen.contains(std::string(rules::known_handle.id)));
}

}  // namespace
}  // namespace tenon
