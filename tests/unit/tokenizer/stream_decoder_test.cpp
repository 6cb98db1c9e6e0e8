// Streams give out whole characters, and in all what decode gives.
#include "tokenizer/stream_decoder.hpp"

#include <random>

#include "fixture.hpp"
#include "tokenizer/utf8.hpp"

namespace tenon {
namespace {

using test::data_folder;

std::string streamed(const Tokenizer& tokenizer, const std::vector<int32_t>& ids, bool skip) {
  StreamDecoder stream(tokenizer, skip);
  std::string text;
  for (const int32_t id : ids) {
    const std::string piece = stream.push(id);
    EXPECT_FALSE(tok::first_invalid_utf8(piece));
    text += piece;
  }
  const std::string rest = stream.finish();
  EXPECT_FALSE(tok::first_invalid_utf8(rest));
  return text + rest;
}

TEST(StreamDecoder, RandomIdsOfAByteLevelVocabularyEqualDecode) {
  const auto tokenizer = Tokenizer::load(data_folder() / "demo-qwen3/tokenizer.json");
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    std::vector<int32_t> ids(random() % 40);
    for (auto& id : ids)
      id = static_cast<int32_t>(random() % (round % 2 ? 2048 : 300));
    const bool skip = round % 3 == 0;
    ASSERT_EQ(streamed(tokenizer, ids, skip), tokenizer.decode(ids, skip));
  }
}

TEST(StreamDecoder, PublishedTextsArriveWhole) {
  const auto tokenizer = Tokenizer::load(data_folder() / "demo-qwen3/tokenizer.json");
  const std::string text = test::read_text(data_folder() / "vectors/ggml-vocab-qwen2.gguf.inp");
  EXPECT_EQ(streamed(tokenizer, tokenizer.encode(text, false), false), text);
}

TEST(StreamDecoder, LeadingSpaceIsStrippedAtTheVeryStartOnly) {
  const auto tokenizer = Tokenizer::load(data_folder() / "stories260K/tokenizer.json");
  const auto ids = tokenizer.encode("Once upon  a time", true);
  EXPECT_EQ(streamed(tokenizer, ids, true), "Once upon  a time");
  // A stream that starts in the middle is a text of its own, as decode sees it.
  const std::vector<int32_t> tail(ids.end() - 2, ids.end());
  EXPECT_EQ(streamed(tokenizer, tail, true), tokenizer.decode(tail, true));
}

TEST(StreamDecoder, StripAtTheEndIsHeldBack) {
  auto file = test::small_tokenizer({"-", "a"});
  file["decoder"] = {
      {"type", "Sequence"},
      {"decoders",
       {{{"type", "Fuse"}}, {{"type", "Strip"}, {"content", "-"}, {"start", 0}, {"stop", 1}}}}};
  StreamDecoder stream(test::load_json(file), false);
  EXPECT_EQ(stream.push(1), "a");
  EXPECT_EQ(stream.push(0), "");
  EXPECT_EQ(stream.push(0), "-");
  EXPECT_EQ(stream.push(1), "-a");
  EXPECT_EQ(stream.push(0), "");
  EXPECT_EQ(stream.finish(), "");
}

TEST(StreamDecoder, IsAsNewAfterFinish) {
  const auto tokenizer = Tokenizer::load(data_folder() / "stories260K/tokenizer.json");
  StreamDecoder stream(tokenizer, true);
  const int32_t once = tokenizer.encode("Once", false).front();
  const std::string first = stream.push(once) + stream.finish();
  EXPECT_EQ(stream.push(once) + stream.finish(), first);
  EXPECT_NE(first.front(), ' ');
}

TEST(StreamDecoder, UnknownIdIsNamed) {
  StreamDecoder stream(Tokenizer::load(data_folder() / "demo-qwen3/tokenizer.json"), true);
  const auto message = test::input_error([&] { stream.push(99999); });
  EXPECT_NE(message.find("99999"), std::string::npos) << message;
}

}  // namespace
}  // namespace tenon
