// What the tokenizer tests share: test data, and tokenizers written on the spot.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "tokenizer/tokenizer.hpp"

namespace tenon::test {

inline std::filesystem::path data_folder() {
  return std::filesystem::path(TENON_TEST_DATA) / "tokenizer";
}

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::vector<nlohmann::json> read_json_lines(const std::filesystem::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(file, line);)
    lines.push_back(nlohmann::json::parse(line));
  return lines;
}

// A folder of this test's own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "tenon-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("cannot make " + name);
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline Tokenizer load_text(const std::string& tokenizer_json) {
  const TemporaryFolder folder;
  return Tokenizer::load(folder.write("tokenizer.json", tokenizer_json));
}

inline Tokenizer load_json(const nlohmann::json& tokenizer) {
  return load_text(tokenizer.dump());
}

// A tokenizer over single characters: vocab is the characters of `alphabet`, in order, then
// `merges` ("a b") with the tokens they make.
inline nlohmann::json small_tokenizer(const std::vector<std::string>& alphabet,
                                      const std::vector<std::string>& merges = {}) {
  nlohmann::json vocab = nlohmann::json::object();
  for (const std::string& token : alphabet)
    vocab.emplace(token, vocab.size());
  for (const std::string& merge : merges) {
    const size_t space = merge.find(' ');
    vocab.emplace(merge.substr(0, space) + merge.substr(space + 1), vocab.size());
  }
  return {{"added_tokens", nlohmann::json::array()},
          {"normalizer", nullptr},
          {"pre_tokenizer", nullptr},
          {"post_processor", nullptr},
          {"decoder", {{"type", "Fuse"}}},
          {"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", merges}}}};
}

// The tokens' texts instead of their ids.
inline std::vector<std::string> tokens_of(const Tokenizer& tokenizer, const std::string& text) {
  std::vector<std::string> tokens;
  for (const int32_t id : tokenizer.encode(text, false)) {
    tokens.emplace_back(tokenizer.token(id).value());
  }
  return tokens;
}

// Runs `action`, which must throw Error{input}, and returns the message.
inline std::string input_error(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

}  // namespace tenon::test
