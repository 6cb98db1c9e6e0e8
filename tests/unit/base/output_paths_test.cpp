// No output over an input or another output.
#include "base/output_paths.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <vector>

#include "base/error.hpp"

namespace tenon::output_paths_test {
namespace {

namespace fs = std::filesystem;

class OutputPaths : public testing::Test {
 protected:
  OutputPaths()
      : folder_(fs::path(testing::TempDir()) / ("output_paths_" + std::to_string(getpid()))) {
    fs::create_directories(folder_ / "inner");
    std::ofstream(config()) << "[model]";
  }
  ~OutputPaths() override { fs::remove_all(folder_); }

  fs::path config() const { return folder_ / "config.toml"; }
  fs::path in_folder(const std::string& name) const { return folder_ / name; }
  std::string refusal(const std::vector<NamedPath>& outputs) const {
    const std::vector<NamedPath> inputs = {{"CONFIG", config()}, {"nothing", ""}};
    try {
      check_output_paths(inputs, outputs);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::input);
      return error.what();
    }
    return "";
  }

 private:
  fs::path folder_;
};

TEST_F(OutputPaths, NeverTheInput) {
  const std::string same = in_folder("inner/../config.toml").string();
  EXPECT_EQ(refusal({{"--svg", same}}),
            "[--svg] this would overwrite CONFIG; expected another file; found " + same);
  fs::create_symlink(config(), in_folder("link.toml"));
  EXPECT_NE(refusal({{"--svg", in_folder("link.toml")}}), "");
  fs::create_hard_link(config(), in_folder("hard.toml"));
  EXPECT_NE(refusal({{"--svg", in_folder("hard.toml")}}), "");
}

TEST_F(OutputPaths, NeverEachOther) {
  const std::string same = in_folder("inner/../x").string();
  EXPECT_EQ(refusal({{"--output", in_folder("x")}, {"--svg", same}}),
            "[--svg] the same file is written by --output; expected another file; found " + same);
  fs::create_directory_symlink(in_folder("inner"), in_folder("door"));
  EXPECT_NE(refusal({{"--output", in_folder("inner/x")}, {"--svg", in_folder("door/x")}}), "");
  EXPECT_EQ(refusal({{"--output", in_folder("x")}, {"--svg", in_folder("y")}}), "");
  EXPECT_EQ(refusal({{"--output", "/dev/null"}, {"--svg", "/dev/null"}}), "");
}

TEST_F(OutputPaths, AndAPlaceThatCanBeWritten) {
  EXPECT_NE(refusal({{"--output", in_folder("none/x")}}).find("cannot write"), std::string::npos);
  EXPECT_NE(refusal({{"--output", ""}}).find("the name of the file is empty"), std::string::npos);
}

}  // namespace
}  // namespace tenon::output_paths_test
