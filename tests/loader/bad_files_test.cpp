// Files that are no libraries, or none for this machine: a sentence for each, before dlopen.
#include <fstream>

#include "loader_files.hpp"

namespace tenon {
namespace {

std::filesystem::path written(const std::string& bytes) {
  const auto path = fresh_folder("file") / "libbad.so";
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

TEST(BadFiles, Missing) {
  EXPECT_TRUE(has(refusal_of("/no/such/libx.so").text, "cannot be found"));
}
TEST(BadFiles, Directory) {
  EXPECT_TRUE(has(refusal_of(fresh_folder("d")).text, "a directory"));
}
TEST(BadFiles, Empty) {
  EXPECT_TRUE(has(refusal_of(written("")).text, "is empty"));
}
TEST(BadFiles, Text) {
  EXPECT_TRUE(has(refusal_of(written("# not a library\n")).text, "no shared library"));
}
TEST(BadFiles, WindowsLibrary) {
  EXPECT_TRUE(has(refusal_of(written("MZ\x90")).text, "Windows library"));
}
TEST(BadFiles, Elf32) {
  const std::string header(
      "\x7f"
      "ELF\x01\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x03\0",
      20);
  EXPECT_TRUE(has(refusal_of(written(header)).text, "32-bit ELF"));
}
TEST(BadFiles, HalfADownload) {
  std::ifstream file(fixture("c_backend"), std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(file), {});
  EXPECT_TRUE(has(refusal_of(written(whole.substr(0, 700))).text, "damaged"));
}
TEST(BadFiles, RefusedTextsSayWhere) {
  const auto path = written("");
  EXPECT_EQ(refusal_of(path).text.find("[" + std::filesystem::canonical(path).string() + "]"), 0u);
}

}  // namespace
}  // namespace tenon
