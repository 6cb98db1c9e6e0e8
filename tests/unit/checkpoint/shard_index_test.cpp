// Sharded folders.
#include <gtest/gtest.h>

#include "checkpoint/checkpoint.hpp"
#include "checkpoint_files.hpp"

namespace tenon::shard_index_test {
namespace {

using test::input_error;
using test::TemporaryFolder;
using test::vectors_file;

// Two shards: "a" and "c" in the first, "b" in the second.
class ShardIndexTest : public ::testing::Test {
 protected:
  ShardIndexTest() {
    folder.write("config.json", test::small_config);
    folder.write("one.safetensors", vectors_file({{"a", {1.0F}}, {"c", {2.0F, 3.0F}}}));
    folder.write("two.safetensors", vectors_file({{"b", {4.0F}}}));
  }

  void index(const std::string& text) const { folder.write("model.safetensors.index.json", text); }

  void weight_map(const std::string& entries) const {
    index(R"({"weight_map": {)" + entries + "}}");
  }

  std::string refusal() const {
    return input_error([&] { Checkpoint::open(folder.path()); });
  }

  static constexpr const char* right =
      R"("a": "one.safetensors", "b": "two.safetensors", "c": "one.safetensors")";
  TemporaryFolder folder;
};

TEST_F(ShardIndexTest, TensorsOfAllShardsAreFound) {
  index(std::string(R"({"metadata": {"total_size": 16}, "weight_map": {)") + right + "}}");
  const Checkpoint checkpoint = Checkpoint::open(folder.path());
  EXPECT_EQ(checkpoint.file_count(), 2U);
  EXPECT_EQ(checkpoint.tensors().size(), 3U);
  const TensorInfo& b = checkpoint.require("b");
  EXPECT_EQ(checkpoint.file_path(b.file).filename(), "two.safetensors");
  EXPECT_EQ(checkpoint.file_path(checkpoint.require("c").file).filename(), "one.safetensors");
  EXPECT_TRUE(checkpoint.notes().empty());
}

TEST_F(ShardIndexTest, TheTotalSizeIsOnlyInformation) {
  for (const char* size : {"-1", "17", "1e300", "\"16\"", "18446744073709551615", "[]", "16.0"}) {
    SCOPED_TRACE(size);
    index(std::string(R"({"metadata": {"total_size": )") + size + R"(}, "weight_map": {)" + right +
          "}}");
    const Checkpoint checkpoint = Checkpoint::open(folder.path());
    ASSERT_EQ(checkpoint.notes().size(), 1U);
    EXPECT_CONTAINS(checkpoint.notes().front(), "total_size");
  }
}

TEST_F(ShardIndexTest, AMissingShardIsNamed) {
  weight_map(std::string(right) + R"(, "d": "three.safetensors")");
  EXPECT_CONTAINS(refusal(), "'three.safetensors'");
}

TEST_F(ShardIndexTest, AListedTensorMustBeInItsFile) {
  weight_map(std::string(right) + R"(, "d": "two.safetensors")");
  EXPECT_CONTAINS(refusal(), "tensor 'd' is not in its file; expected it in 'two.safetensors'");
}

TEST_F(ShardIndexTest, ATensorInAnotherFileThanListedIsRefused) {
  weight_map(R"("a": "two.safetensors", "b": "two.safetensors", "c": "one.safetensors")");
  EXPECT_CONTAINS(refusal(), "tensor 'a' is in another file than listed");
}

TEST_F(ShardIndexTest, AnUnlistedTensorIsRefused) {
  weight_map(R"("a": "one.safetensors", "b": "two.safetensors")");
  EXPECT_CONTAINS(refusal(), "tensor 'c' of 'one.safetensors' is not listed");
}

TEST_F(ShardIndexTest, FileNamesArePlain) {
  for (const char* name : {"../one.safetensors", "/etc/passwd", "..", ".", "", "sub/one", "a\\\\b",
                           "one\\u0000.safetensors", "one\\n"}) {
    SCOPED_TRACE(name);
    weight_map(std::string(R"("a": ")") + name + "\"");
    EXPECT_CONTAINS(refusal(), "plain file name");
  }
}

TEST_F(ShardIndexTest, DuplicateNamesAreRefused) {
  weight_map(std::string(right) + R"(, "\u0061": "one.safetensors")");
  EXPECT_CONTAINS(refusal(), "'a' stands twice");
}

TEST_F(ShardIndexTest, WrongStructureIsRefused) {
  index("[]");
  EXPECT_CONTAINS(refusal(), "not an object");
  index("{}");
  EXPECT_CONTAINS(refusal(), "no usable weight_map");
  index(R"({"weight_map": {}})");
  EXPECT_CONTAINS(refusal(), "no usable weight_map");
  index(R"({"weight_map": {"a": 1}})");
  EXPECT_CONTAINS(refusal(), "is not text");
  index("{");
  EXPECT_CONTAINS(refusal(), "not valid JSON");
  index("");
  EXPECT_CONTAINS(refusal(), "not valid JSON");
}

TEST_F(ShardIndexTest, AShardThatIsAnLfsPointerIsRecognised) {
  weight_map(right);
  folder.write("two.safetensors", "version https://git-lfs.github.com/spec/v1\n");
  EXPECT_CONTAINS(refusal(), "two.safetensors] not a safetensors file");
}

TEST_F(ShardIndexTest, ASingleFileWinsWithANote) {
  weight_map(right);
  folder.write("model.safetensors", vectors_file({{"z", {1.0F}}}));
  const Checkpoint checkpoint = Checkpoint::open(folder.path());
  EXPECT_NE(checkpoint.find("z"), nullptr);
  ASSERT_EQ(checkpoint.notes().size(), 1U);
}

}  // namespace
}  // namespace tenon::shard_index_test
