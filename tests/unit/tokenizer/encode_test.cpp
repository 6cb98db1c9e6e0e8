// Encoding with the shipped tokenizers, against what their makers' own programs give.
#include <thread>

#include "fixture.hpp"

namespace tenon {
namespace {

using test::data_folder;
using test::read_json_lines;

TEST(Encode, DemoPromptsAsHuggingFaceEncodesThem) {
  const auto tokenizer = Tokenizer::load(data_folder() / "demo-qwen3/tokenizer.json");
  EXPECT_EQ(tokenizer.size(), 2048);
  const auto lines = read_json_lines(data_folder() / "demo-qwen3/goldens.jsonl");
  ASSERT_EQ(lines.size(), 16U);
  for (const auto& line : lines) {
    const auto prompt = line["prompt"].get<std::string>();
    EXPECT_EQ(tokenizer.encode(prompt, false), line["prompt_ids"].get<std::vector<int32_t>>());
    EXPECT_EQ(tokenizer.encode(prompt, true), tokenizer.encode(prompt, false));  // no BOS
  }
}

TEST(Encode, StoriesPromptsAsLlama2cEncodesThem) {
  const auto tokenizer = Tokenizer::load(data_folder() / "stories260K/tokenizer.json");
  const auto lines = read_json_lines(data_folder() / "stories260K/goldens.jsonl");
  ASSERT_EQ(lines.size(), 3U);
  for (const auto& line : lines) {
    const auto ids = line["prompt_ids"].get<std::vector<int32_t>>();
    const auto prompt = line["prompt"].get<std::string>();
    EXPECT_EQ(tokenizer.encode(prompt, true), ids);
    EXPECT_EQ(tokenizer.encode(prompt, false), std::vector<int32_t>(ids.begin() + 1, ids.end()));
  }
}

// What survives a round trip does not depend on the vocabulary: the published texts do.
TEST(Encode, PublishedTextsSurviveARoundTrip) {
  const auto tokenizer = Tokenizer::load(data_folder() / "demo-qwen3/tokenizer.json");
  const std::string text = test::read_text(data_folder() / "vectors/ggml-vocab-qwen2.gguf.inp");
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(text, false), false), text);
}

TEST(Encode, EmptyTextHasNoTokens) {
  const auto demo = Tokenizer::load(data_folder() / "demo-qwen3/tokenizer.json");
  const auto stories = Tokenizer::load(data_folder() / "stories260K/tokenizer.json");
  EXPECT_TRUE(demo.encode("", true).empty());
  EXPECT_TRUE(stories.encode("", false).empty());
  EXPECT_EQ(stories.encode("", true), std::vector<int32_t>{1});
}

TEST(Encode, InvalidUtf8IsRefusedWithItsOffset) {
  const auto tokenizer = Tokenizer::load(data_folder() / "demo-qwen3/tokenizer.json");
  const std::string message = test::input_error([&] { tokenizer.encode("four\xC3(", false); });
  EXPECT_NE(message.find("at byte 4"), std::string::npos) << message;
  EXPECT_NE(message.find("0xC3"), std::string::npos) << message;
}

TEST(Encode, SpecialTokensInTheTextAreFound) {
  const auto tokenizer = Tokenizer::load(data_folder() / "demo-qwen3/tokenizer.json");
  const int32_t end = tokenizer.find("<|im_end|>").value();
  const auto ids = tokenizer.encode("a<|im_end|><|im_end|>", false);
  EXPECT_EQ(ids, (std::vector<int32_t>{tokenizer.find("a").value(), end, end}));
  EXPECT_TRUE(tokenizer.is_special(end));
  EXPECT_FALSE(tokenizer.is_special(ids[0]));
  EXPECT_FALSE(tokenizer.is_special(-1));
  EXPECT_FALSE(tokenizer.is_special(tokenizer.size()));
}

TEST(Encode, ManyThreadsAtOnceGetTheSameIds) {
  const auto tokenizer = Tokenizer::load(data_folder() / "demo-qwen3/tokenizer.json");
  const std::string text = test::read_text(data_folder() / "vectors/random_qwen3.jsonl");
  const auto expected = tokenizer.encode(text, false);
  std::vector<std::vector<int32_t>> results(4);
  std::vector<std::thread> threads;
  for (auto& result : results) {
    threads.emplace_back([&] { result = tokenizer.encode(text, false); });
  }
  for (auto& thread : threads)
    thread.join();
  for (const auto& result : results)
    EXPECT_EQ(result, expected);
}

}  // namespace
}  // namespace tenon
