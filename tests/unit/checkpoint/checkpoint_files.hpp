// Makes checkpoints on the fly, and looks at the errors that bad ones give.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace tenon::test {

// A new empty folder, removed with everything in it at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }
  // Writes a file into the folder and returns its path.
  std::filesystem::path write(const std::string& name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

// The 8-byte length, the header and the data.
std::string safetensors_file(std::string_view header, std::string_view data = {});

// A valid file of float32 vectors: name and values of each.
using Vectors = std::vector<std::pair<std::string, std::vector<float>>>;
std::string vectors_file(const Vectors& vectors);

// The smallest config.json that a folder needs.
inline constexpr std::string_view small_config =
    R"({"architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "float32"})";

std::span<const std::byte> bytes_of(std::string_view text);
std::string read_whole(const std::filesystem::path& file);

// The message of the Error{input} that `action` throws; a test failure if it throws none.
std::string input_error(const std::function<void()>& action);

// EXPECT_PRED_FORMAT2(contains, text, part)
::testing::AssertionResult contains(const char*, const char*, const std::string& text,
                                    const std::string& part);

}  // namespace tenon::test

#define EXPECT_CONTAINS(text, part) EXPECT_PRED_FORMAT2(::tenon::test::contains, text, part)
