// Folders with one file, and single files.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "checkpoint/checkpoint.hpp"
#include "checkpoint/read_values.hpp"
#include "checkpoint_files.hpp"

namespace tenon::checkpoint_folder_test {
namespace {

using test::input_error;
using test::small_config;
using test::TemporaryFolder;
using test::vectors_file;

std::string refusal(const std::filesystem::path& path) {
  return input_error([&] { Checkpoint::open(path); });
}

TEST(CheckpointFolder, ReadsConfigAndTensors) {
  const TemporaryFolder folder;
  folder.write("config.json", small_config);
  folder.write("model.safetensors", vectors_file({{"b", {1.5F, -2.0F}}, {"a", {3.0F}}}));
  const Checkpoint checkpoint = Checkpoint::open(folder.path());
  EXPECT_EQ(checkpoint.config().text("model_type"), "llama");
  EXPECT_EQ(checkpoint.tensors().size(), 2U);
  EXPECT_EQ(checkpoint.file_count(), 1U);
  EXPECT_EQ(checkpoint.total_bytes(), 12U);
  const TensorInfo& tensor = checkpoint.require("b");
  const std::vector<int64_t> shape = {2};
  EXPECT_TRUE(tensor.has_shape(shape));
  std::vector<float> values(2);
  widen_to_float(tensor.dtype, tensor.data, values);
  EXPECT_EQ(values, (std::vector<float>{1.5F, -2.0F}));
  EXPECT_EQ(checkpoint.find("c"), nullptr);
}

TEST(CheckpointFolder, DataStaysValidAfterAMoveAndARelease) {
  const TemporaryFolder folder;
  folder.write("config.json", small_config);
  folder.write("model.safetensors", vectors_file({{"a", std::vector<float>(10'000, 7.0F)}}));
  Checkpoint first = Checkpoint::open(folder.path());
  const TensorInfo* tensor = first.find("a");
  const Checkpoint second = std::move(first);
  second.release(*tensor);
  std::vector<float> values(10'000);
  widen_to_float(tensor->dtype, tensor->data, values);
  EXPECT_EQ(values, std::vector<float>(10'000, 7.0F));
  EXPECT_EQ(second.find("a"), tensor);
}

TEST(CheckpointFolder, ATiedMatrixIsFoundUnderEitherName) {
  const TemporaryFolder folder;
  const auto file = folder.write("tied.safetensors", vectors_file({{"lm_head.weight", {1.0F}}}));
  const Checkpoint checkpoint = Checkpoint::open(file);
  const TensorInfo* found = checkpoint.find_either("model.embed_tokens.weight", "lm_head.weight");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->name, "lm_head.weight");
  EXPECT_EQ(checkpoint.find_either("lm_head.weight", "model.embed_tokens.weight"), found);
  EXPECT_EQ(checkpoint.find_either("x", "y"), nullptr);
}

TEST(CheckpointFolder, ALoneFileHasNoConfig) {
  const TemporaryFolder folder;
  const auto file = folder.write("x.safetensors", vectors_file({{"a", {1.0F}}}));
  const Checkpoint checkpoint = Checkpoint::open(file);
  EXPECT_FALSE(checkpoint.has_config());
  EXPECT_CONTAINS(input_error([&] { checkpoint.config(); }), "no config.json");
}

TEST(CheckpointFolder, WhatIsMissingIsNamed) {
  const TemporaryFolder folder;
  EXPECT_CONTAINS(refusal(folder.path() / "nowhere"), "cannot open the checkpoint");
  EXPECT_CONTAINS(refusal(folder.path()), "no config.json");
  folder.write("config.json", small_config);
  EXPECT_CONTAINS(refusal(folder.path()), "found no weights");
  folder.write("pytorch_model.bin", "PK");
  EXPECT_CONTAINS(refusal(folder.path()), "found pytorch_model.bin");
}

TEST(CheckpointFolder, APipeIsRefusedWithoutWaiting) {
  const TemporaryFolder folder;
  const auto pipe = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_CONTAINS(refusal(pipe), "a special file");
}

TEST(CheckpointFolder, AnUnknownTensorNamesTheNearest) {
  const TemporaryFolder folder;
  const auto file =
      folder.write("x.safetensors", vectors_file({{"model.norm.weight", {1.0F}}, {"b", {1.0F}}}));
  const Checkpoint checkpoint = Checkpoint::open(file);
  EXPECT_CONTAINS(input_error([&] { checkpoint.require("model.norms.weight"); }),
                  "model.norm.weight");
  EXPECT_CONTAINS(input_error([&] { checkpoint.require("something.else"); }), "2 others");
}

TEST(CheckpointFolder, BrokenFilesAreNamed) {
  const TemporaryFolder folder;
  folder.write("config.json", small_config);
  const std::string whole = vectors_file({{"a", {1.0F, 2.0F}}});
  folder.write("model.safetensors", whole.substr(0, whole.size() - 1));
  EXPECT_CONTAINS(refusal(folder.path()), "model.safetensors] the file is cut short");
  folder.write("model.safetensors", "");
  EXPECT_CONTAINS(refusal(folder.path()), "model.safetensors] the file is empty");
}

TEST(CheckpointFolder, UnalignedDataIsRead) {
  const auto file = std::filesystem::path(TENON_TEST_DATA) / "checkpoint" / "safetensors-cases" /
                    "ok_unaligned_f32.safetensors";
  const Checkpoint checkpoint = Checkpoint::open(file);
  bool seen = false;
  for (const TensorInfo& tensor : checkpoint.tensors()) {
    if (tensor.dtype != StoredDtype::f32) continue;
    seen = reinterpret_cast<uintptr_t>(tensor.data.data()) % alignof(float) != 0;
    std::vector<float> values(tensor.elements());
    widen_to_float(tensor.dtype, tensor.data, values);
    EXPECT_FALSE(values.empty());
  }
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace tenon::checkpoint_folder_test
