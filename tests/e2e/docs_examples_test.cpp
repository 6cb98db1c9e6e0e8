// What the docs show is what the program prints: every block that begins with "$ tenon" is run, and
// each of its further lines, apart from dots, has to be in the output as it stands.
#include <algorithm>
#include <filesystem>
#include <sstream>
#include <vector>

#include "e2e/expectations.hpp"

namespace tenon {
namespace {

struct Example {
  std::string page;
  std::string command;
  std::vector<std::string> lines;
};

Example read_example(const std::string& page, std::istream& text, std::string line) {
  Example example;
  example.page = page;
  while (line.ends_with('\\')) {
    example.command += line.substr(0, line.size() - 1);
    std::getline(text, line);
  }
  example.command = (example.command + line).substr(2);  // without "$ "
  while (std::getline(text, line) && !line.starts_with("```")) {
    if (!line.ends_with("...") && !line.empty()) example.lines.push_back(line);
  }
  return example;
}

std::vector<Example> examples_of(const std::filesystem::path& page) {
  std::vector<Example> examples;
  std::istringstream text(read_whole(page));
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with("```text")) continue;
    if (std::getline(text, line) && line.starts_with("$ tenon ")) {
      examples.push_back(read_example(page.filename().string(), text, line));
    }
  }
  return examples;
}

std::vector<std::filesystem::path> pages() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(source_folder() / "docs")) {
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

// Commands run in a folder that looks like the project's, and leave their files there.
class DocsExamples : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"configs", "examples", "tests"})
      std::filesystem::create_directory_symlink(source_folder() / name, folder_.path() / name);
    std::filesystem::create_directories(folder_.path() / "docs/pictures");
  }

  CommandResult run(const std::string& command) const {
    return run_command({"/bin/sh", "-c",
                        "cd '" + folder_.path().string() + "' && '" + tenon_binary() + "'" +
                            command.substr(std::string("tenon").size())});
  }

  TemporaryFolder folder_;
};

TEST_F(DocsExamples, ShowWhatIsPrinted) {
  size_t run_examples = 0;
  for (const std::filesystem::path& page : pages()) {
    for (const Example& example : examples_of(page)) {
      const CommandResult result = run(example.command);
      EXPECT_EQ(result.exit_code, 0) << example.page << ": " << example.command << "\n"
                                     << result.err;
      EXPECT_FALSE(example.lines.empty()) << example.page << ": " << example.command;
      for (const std::string& line : example.lines) {
        EXPECT_TRUE(contains("\n" + result.out, "\n" + line + "\n"))
            << example.page << ": " << example.command << "\ndoes not print\n"
            << line << "\nbut\n"
            << result.out.substr(0, 4000);
      }
      ++run_examples;
    }
  }
  EXPECT_GE(run_examples, 3U);
}

// Pictures are what the commands in the docs draw, bit for bit.
TEST_F(DocsExamples, DrawThePicturesThatAreShown) {
  const std::filesystem::path shown = source_folder() / "docs/pictures";
  for (const std::filesystem::path& page : pages()) {
    for (const Example& example : examples_of(page)) {
      if (contains(example.command, "docs/pictures/")) run(example.command);
    }
  }
  size_t drawn = 0;
  for (const auto& entry : std::filesystem::directory_iterator(shown)) {
    EXPECT_EQ(read_whole(folder_.path() / "docs/pictures" / entry.path().filename()),
              read_whole(entry.path()))
        << entry.path();
    ++drawn;
  }
  EXPECT_GE(drawn, 1U);
}

}  // namespace
}  // namespace tenon
