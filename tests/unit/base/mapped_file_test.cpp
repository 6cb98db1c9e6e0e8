#include "base/mapped_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <utility>

#include "base/error.hpp"

namespace tenon {
namespace {

std::filesystem::path temporary(const std::string& name, const std::string& content) {
  const auto path =
      std::filesystem::path(testing::TempDir()) / (std::to_string(::getpid()) + "-" + name);
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

std::string text_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

TEST(MappedFileTest, HoldsTheBytes) {
  const MappedFile file(temporary("bytes", "some bytes"));
  EXPECT_EQ(text_of(file), "some bytes");
}

TEST(MappedFileTest, AnEmptyFileIsEmpty) {
  EXPECT_TRUE(MappedFile(temporary("empty", "")).bytes().empty());
}

TEST(MappedFileTest, MovingKeepsTheBytes) {
  MappedFile first(temporary("move", "moved"));
  MappedFile second(std::move(first));
  EXPECT_EQ(text_of(second), "moved");
  MappedFile third(temporary("other", "other"));
  third = std::move(second);
  EXPECT_EQ(text_of(third), "moved");
}

TEST(MappedFileTest, ReleasedPagesCanBeReadAgain) {
  const std::string content(3 * 4096 + 17, 'x');
  const MappedFile file(temporary("released", content));
  file.release_pages(file.bytes());
  EXPECT_EQ(text_of(file), content);
}

TEST(MappedFileTest, MissingFilesAndFoldersAreTheUsersMistake) {
  for (const auto& path :
       {std::filesystem::path("/nowhere/at/all"), std::filesystem::path(testing::TempDir())}) {
    try {
      const MappedFile file(path);
      FAIL() << path;
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::input);
      EXPECT_NE(std::string(e.what()).find(path.string()), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace tenon
