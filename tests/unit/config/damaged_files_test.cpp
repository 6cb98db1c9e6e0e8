// Damaged files load or are refused with messages; nothing else happens. Meant for sanitizers.
#include <random>
#include <sstream>

#include "config/print_resolved.hpp"
#include "config_testing.hpp"

namespace tenon::damaged_files_test {
namespace {

std::string valid_file() {
  std::ifstream file(std::filesystem::path(TENON_TEST_DATA) / "config" / "every_table.toml",
                     std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class DamagedFiles : public testing::Test {
 protected:
  // Loads the text; true if it was accepted. Messages must be complete and printable.
  bool load(const std::string& text) {
    folder_.write("test.toml", text);
    try {
      const auto resolved = load_configuration({.file = "test.toml",
                                                .flags = {},
                                                .environment = {},
                                                .working_directory = folder_.path()});
      const auto again = print_resolved(resolved);
      EXPECT_FALSE(again.empty());
      return true;
    } catch (const ConfigurationError& error) {
      EXPECT_FALSE(error.diagnostics().empty());
      for (const Diagnostic& diagnostic : error.diagnostics()) {
        EXPECT_GT(diagnostic.position.line, 0) << diagnostic.text();
        EXPECT_GT(diagnostic.position.column, 0) << diagnostic.text();
        EXPECT_FALSE(diagnostic.what.empty()) << diagnostic.text();
        EXPECT_FALSE(find_invalid_utf8(diagnostic.text())) << diagnostic.text();
      }
      return false;
    }
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(DamagedFiles, TheSoundOneLoads) {
  ASSERT_GT(valid_file().size(), 500U);
  EXPECT_TRUE(load(valid_file()));
}

TEST_F(DamagedFiles, EveryTruncation) {
  const std::string text = valid_file();
  int refused = 0;
  for (size_t length = 0; length < text.size(); ++length)
    refused += load(text.substr(0, length)) ? 0 : 1;
  EXPECT_GT(refused, 100);
}

TEST_F(DamagedFiles, FlippedBytes) {
  const std::string text = valid_file();
  std::mt19937 random(20240601);
  std::uniform_int_distribution<size_t> place(0, text.size() - 1);
  std::uniform_int_distribution<int> byte(0, 255);
  int refused = 0;
  for (int round = 0; round < 1000; ++round) {
    std::string damaged = text;
    for (int flips = round % 3; flips >= 0; --flips)
      damaged[place(random)] = static_cast<char>(byte(random));
    refused += load(damaged) ? 0 : 1;
  }
  EXPECT_GT(refused, 500);
}

TEST_F(DamagedFiles, MovedPieces) {
  const std::string text = valid_file();
  std::mt19937 random(7);
  std::uniform_int_distribution<size_t> place(0, text.size() - 1);
  int refused = 0;
  for (int round = 0; round < 500; ++round) {
    std::string damaged = text;
    damaged.insert(place(random), text.substr(place(random), 1 + place(random) % 40));
    refused += load(damaged) ? 0 : 1;
  }
  EXPECT_GT(refused, 250);
}

}  // namespace
}  // namespace tenon::damaged_files_test
