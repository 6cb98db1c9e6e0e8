// Tokens <0xXX> for characters that the vocabulary lacks, both ways.
#include "fixture.hpp"
#include "tokenizer/stream_decoder.hpp"

namespace tenon {
namespace {

using Tokens = std::vector<std::string>;

Tokenizer byte_tokenizer() {
  auto file =
      test::small_tokenizer({"<unk>", "a", "<0xC3>", "<0xA9>", "<0xE4>", "<0xBD>", "<0xA0>"});
  file["model"]["byte_fallback"] = true;
  file["model"]["unk_token"] = "<unk>";
  file["model"]["fuse_unk"] = true;
  file["decoder"] = {{"type", "Sequence"},
                     {"decoders", {{{"type", "ByteFallback"}}, {{"type", "Fuse"}}}}};
  return test::load_json(file);
}

TEST(ByteFallback, AllBytesOrUnknown) {
  const auto tokenizer = byte_tokenizer();
  EXPECT_EQ(test::tokens_of(tokenizer, "a\xC3\xA9"), (Tokens{"a", "<0xC3>", "<0xA9>"}));
  // U+00E8 needs <0xA8>, which is not there.
  EXPECT_EQ(test::tokens_of(tokenizer,
                            "\xC3\xA8"
                            "a"),
            (Tokens{"<unk>", "a"}));
}

TEST(ByteFallback, RunsOfBytesAreDecodedTogether) {
  const auto tokenizer = byte_tokenizer();
  EXPECT_EQ(tokenizer.decode(std::vector<int32_t>{1, 4, 5, 6, 2, 3, 1}, false),
            "a\xE4\xBD\xA0\xC3\xA9"
            "a");
  // A run that is not UTF-8 becomes one replacement for each of its bytes.
  EXPECT_EQ(tokenizer.decode(std::vector<int32_t>{2, 3, 4, 1}, false),
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
            "a");
}

TEST(ByteFallback, StreamGivesWholeCharactersAtOnce) {
  StreamDecoder stream(byte_tokenizer(), false);
  EXPECT_EQ(stream.push(4), "");
  EXPECT_EQ(stream.push(5), "");
  EXPECT_EQ(stream.push(6), "\xE4\xBD\xA0");
  EXPECT_EQ(stream.push(2), "");
  EXPECT_EQ(stream.push(1),
            "\xEF\xBF\xBD"
            "a");
  EXPECT_EQ(stream.push(2), "");
  EXPECT_EQ(stream.finish(), "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace tenon
