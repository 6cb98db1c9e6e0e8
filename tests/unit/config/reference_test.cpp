#include "config/reference.hpp"

#include <cstdlib>
#include <sstream>

#include "config/schema.hpp"
#include "config_testing.hpp"

namespace tenon::reference_test {
namespace {

const std::filesystem::path page =
    std::filesystem::path(TENON_TEST_DATA) / ".." / ".." / "docs" / "configuration.md";

TEST(Reference, CommittedPageIsUpToDate) {
  if (std::getenv("UPDATE_CONFIGURATION_REFERENCE") != nullptr) {
    std::ofstream(page, std::ios::binary) << configuration_reference();
  }
  std::ifstream file(page, std::ios::binary);
  std::ostringstream committed;
  committed << file.rdbuf();
  EXPECT_TRUE(committed.str() == configuration_reference())
      << "docs/configuration.md differs from the schema; to write it again:\n"
         "UPDATE_CONFIGURATION_REFERENCE=1 bin/config_test --gtest_filter='Reference.*'";
}

TEST(Reference, NamesEveryKeyWithItsMeaning) {
  const std::string text = configuration_reference();
  for (const KeyDescription& key : configuration_schema()) {
    const std::string name(key.name.substr(key.name.find('.') + 1));
    EXPECT_NE(text.find("| `" + name + "` |"), std::string::npos) << key.name;
    EXPECT_NE(text.find(std::string(key.doc)), std::string::npos) << key.name;
    EXPECT_EQ(key.doc.find('|'), std::string_view::npos) << "breaks the table: " << key.name;
  }
}

// The example of the page is what the library says.
TEST(Reference, ShowsARealMessage) {
  const auto mistakes = mistakes_in("\n[engine]\n\ncontxt = 4096\n");
  ASSERT_EQ(mistakes.size(), 1U);
  const std::string message = mistakes.front().text().substr(std::string("test").size());
  EXPECT_NE(configuration_reference().find("serve" + message + "\n```"), std::string::npos)
      << message;
}

}  // namespace
}  // namespace tenon::reference_test
