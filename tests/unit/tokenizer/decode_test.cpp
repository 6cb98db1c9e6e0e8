// Decoding with the shipped tokenizers and with small ones.
#include "fixture.hpp"

namespace tenon {
namespace {

using test::data_folder;
using test::read_json_lines;

TEST(Decode, DemoContinuationsAsHuggingFaceDecodesThem) {
  const auto tokenizer = Tokenizer::load(data_folder() / "demo-qwen3/tokenizer.json");
  for (const auto& line : read_json_lines(data_folder() / "demo-qwen3/goldens.jsonl")) {
    EXPECT_EQ(tokenizer.decode(line["ids"].get<std::vector<int32_t>>(), true),
              line["text"].get<std::string>());
  }
}

TEST(Decode, StoriesAsLlama2cPrintsThem) {
  const auto tokenizer = Tokenizer::load(data_folder() / "stories260K/tokenizer.json");
  for (const auto& line : read_json_lines(data_folder() / "stories260K/goldens.jsonl")) {
    const auto text = tokenizer.decode(line["ids"].get<std::vector<int32_t>>(), true);
    EXPECT_GT(text.size(), 20U);
    EXPECT_EQ(line["text_begins"].get<std::string>().substr(0, text.size()), text);
  }
}

TEST(Decode, UnknownIdIsNamed) {
  const auto tokenizer = Tokenizer::load(data_folder() / "demo-qwen3/tokenizer.json");
  for (const int32_t id : {-1, 2048, 1'000'000}) {
    const auto message = test::input_error([&] {
      tokenizer.decode(std::vector<int32_t>{399, id}, false);
    });
    EXPECT_NE(message.find("found " + std::to_string(id)), std::string::npos) << message;
  }
}

TEST(Decode, BrokenBytesBecomeReplacements) {
  const auto tokenizer = Tokenizer::load(data_folder() / "demo-qwen3/tokenizer.json");
  // 0xE4 as the byte-level character U+00E4, twice, then "a".
  const int32_t byte = tokenizer.find("\xC3\xA4").value();
  const int32_t a = tokenizer.find("a").value();
  EXPECT_EQ(tokenizer.decode(std::vector<int32_t>{byte, byte, a}, false),
            "\xEF\xBF\xBD\xEF\xBF\xBD"
            "a");
}

TEST(Decode, WithoutDecoderTokensAreJoinedWithSpaces) {
  auto file = test::small_tokenizer({"a", "b"});
  file["decoder"] = nullptr;
  EXPECT_EQ(test::load_json(file).decode(std::vector<int32_t>{0, 1, 0}, false), "a b a");
}

TEST(Decode, MetaspaceDropsTheFirstSpaceOnly) {
  auto file = test::small_tokenizer({"_a", "_b"});
  file["decoder"] = {{"type", "Metaspace"}, {"replacement", "_"}, {"prepend_scheme", "always"}};
  EXPECT_EQ(test::load_json(file).decode(std::vector<int32_t>{0, 1, 0}, false), "a b a");
  file["decoder"]["prepend_scheme"] = "never";
  EXPECT_EQ(test::load_json(file).decode(std::vector<int32_t>{0, 1}, false), " a b");
}

TEST(Decode, StripAtBothEndsOfTheWhole) {
  auto file = test::small_tokenizer({"-", "a"});
  file["decoder"] = {
      {"type", "Sequence"},
      {"decoders",
       {{{"type", "Fuse"}}, {{"type", "Strip"}, {"content", "-"}, {"start", 1}, {"stop", 2}}}}};
  const auto tokenizer = test::load_json(file);
  EXPECT_EQ(tokenizer.decode(std::vector<int32_t>{0, 0, 1, 0, 1, 0, 0, 0}, false), "-a-a-");
}

}  // namespace
}  // namespace tenon
