// Files that are whole or not there.
#include "base/output_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>

#include "base/error.hpp"

namespace tenon::output_file_test {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class OutputFileTest : public testing::Test {
 protected:
  OutputFileTest()
      : folder_(fs::path(testing::TempDir()) / ("output_file_" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }
  ~OutputFileTest() override { fs::remove_all(folder_); }

  fs::path in_folder(const std::string& name) const { return folder_ / name; }
  fs::path older() const {
    std::ofstream(in_folder("file")) << "older";
    return in_folder("file");
  }
  // Files of the folder.
  long count() const { return std::distance(fs::directory_iterator(folder_), {}); }
  std::string refusal(const fs::path& target) const {
    try {
      check_output_file("--output", target);
    } catch (const Error& checked) {
      try {
        const OutputFile file("--output", target);
      } catch (const Error& opened) {
        EXPECT_STREQ(checked.what(), opened.what());
        EXPECT_EQ(opened.kind(), ErrorKind::input);
        return opened.what();
      }
    }
    return "";
  }

 private:
  fs::path folder_;
};

TEST_F(OutputFileTest, TakesItsNameAtTheEnd) {
  const fs::path target = older();
  OutputFile file("--output", target);
  file.write("new ");
  file.stream() << 5;
  EXPECT_EQ(content_of(target), "older");
  file.finish();
  EXPECT_EQ(content_of(target), "new 5");
  EXPECT_EQ(count(), 1);
}

TEST_F(OutputFileTest, WithoutAnEndNothingStays) {
  const fs::path target = older();
  {
    OutputFile one("--output", target);
    OutputFile other("--output", target);  // neither writes into the other's
    one.write(std::string(100000, 'x'));
    other.write("y");
    EXPECT_EQ(count(), 3);
  }
  EXPECT_EQ(content_of(target), "older");
  EXPECT_EQ(count(), 1);
}

TEST_F(OutputFileTest, KeepsLinksAndPermissions) {
  const fs::path target = older();
  fs::permissions(target, fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink(target, in_folder("link"));
  write_output_file("--output", in_folder("link"), "new");
  EXPECT_TRUE(fs::is_symlink(in_folder("link")));
  EXPECT_EQ(content_of(target), "new");
  EXPECT_EQ(fs::status(target).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(OutputFileTest, RefusesWhereNoFileCanBe) {
  EXPECT_EQ(refusal(""), "[--output] the name of the file is empty; expected a file");
  const std::string folder = in_folder("").string();
  EXPECT_EQ(refusal(folder), "[--output] cannot write " + folder +
                                 "; expected a file in a folder where you may write; found a "
                                 "folder");
  EXPECT_NE(refusal(in_folder("none/file")).find("found no folder "), std::string::npos);
  EXPECT_NE(refusal(older() / "file").find("found "), std::string::npos);
  EXPECT_EQ(refusal(in_folder("new")), "");
  EXPECT_EQ(count(), 1) << "looking writes nothing";
}

TEST_F(OutputFileTest, DevicesAreWrittenDirectlyAndSayWhatIsWrong) {
  write_output_file("--output", "/dev/null", "gone");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  try {
    write_output_file("--output", "/dev/full", "does not fit");
    FAIL() << "a full disk was not noticed";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::failure);
    EXPECT_NE(std::string(error.what()).find("[/dev/full] cannot be written; found No space"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace tenon::output_file_test
