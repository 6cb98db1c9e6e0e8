// The published vectors, with the full tokenizers of Qwen3 and of story-llama.
#include <sstream>

#include "fixture.hpp"
#include "tokenizer/stream_decoder.hpp"

namespace tenon {
namespace {

using test::data_folder;
using test::read_json_lines;
using test::read_text;

const std::filesystem::path tokenizers = TENON_TOKENIZER_VECTORS;

const Tokenizer& qwen3() {
  static const Tokenizer tokenizer = Tokenizer::load(tokenizers / "qwen3" / "tokenizer.json");
  return tokenizer;
}

std::string streamed(const Tokenizer& tokenizer, const std::vector<int32_t>& ids) {
  StreamDecoder stream(tokenizer, false);
  std::string text;
  for (const int32_t id : ids)
    text += stream.push(id);
  return text + stream.finish();
}

TEST(TokenizerVectors, QwenCasesOfLlamaCpp) {
  const std::string texts = read_text(data_folder() / "vectors/ggml-vocab-qwen2.gguf.inp");
  std::istringstream expected(read_text(data_folder() / "vectors/ggml-vocab-qwen2.gguf.out"));
  const std::string separator = "\n__ggml_vocab_test__\n";
  size_t begin = 0;
  int cases = 0;
  for (std::string line; begin <= texts.size() && std::getline(expected, line); ++cases) {
    const size_t end = std::min(texts.find(separator, begin), texts.size());
    std::istringstream words(line);
    const std::vector<int32_t> ids{std::istream_iterator<int32_t>(words), {}};
    const std::string text = texts.substr(begin, end - begin);
    EXPECT_EQ(qwen3().encode(text, false), ids) << "case " << cases << ": " << text;
    EXPECT_EQ(qwen3().decode(ids, false), text);
    begin = end + separator.size();
  }
  EXPECT_EQ(cases, 46);
}

TEST(TokenizerVectors, RandomTextsOfQwen3) {
  const auto lines = read_json_lines(data_folder() / "vectors/random_qwen3.jsonl");
  EXPECT_EQ(lines.size(), 300U);
  for (const auto& line : lines) {
    const auto text = line["text"].get<std::string>();
    const auto ids = line["ids"].get<std::vector<int32_t>>();
    EXPECT_EQ(qwen3().encode(text, false), ids) << text;
    EXPECT_EQ(streamed(qwen3(), ids), qwen3().decode(ids, false));
  }
}

TEST(TokenizerVectors, RandomTextsOfStoryLlama) {
  auto path = tokenizers / "story-llama" / "tokenizer.json";
  if (!exists(path)) path = tokenizers / ".." / "story-llama" / "tokenizer.json";
  if (!exists(path)) GTEST_SKIP() << "no story-llama/tokenizer.json in " << tokenizers;
  const Tokenizer tokenizer = Tokenizer::load(path);
  const auto lines = read_json_lines(data_folder() / "vectors/random_story-llama.jsonl");
  EXPECT_EQ(lines.size(), 200U);
  for (const auto& line : lines) {
    const auto text = line["text"].get<std::string>();
    const auto ids = line["ids"].get<std::vector<int32_t>>();
    EXPECT_EQ(tokenizer.encode(text, false), ids) << text;
    EXPECT_EQ(streamed(tokenizer, ids), tokenizer.decode(ids, false));
  }
}

}  // namespace
}  // namespace tenon
