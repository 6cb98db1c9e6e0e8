// Special tokens around the text.
#include "fixture.hpp"

namespace tenon {
namespace {

nlohmann::json special(const std::string& id) {
  return {{"SpecialToken", {{"id", id}}}};
}
nlohmann::json text(const std::string& id) {
  return {{"Sequence", {{"id", id}}}};
}

nlohmann::json with_template(const nlohmann::json& single) {
  auto file = test::small_tokenizer({"a", "<s>", "</s>"});
  file["post_processor"] = {{"type", "TemplateProcessing"},
                            {"single", single},
                            {"special_tokens",
                             {{"<s>", {{"id", "<s>"}, {"ids", {1}}, {"tokens", {"<s>"}}}},
                              {"</s>", {{"id", "</s>"}, {"ids", {2}}, {"tokens", {"</s>"}}}}}}};
  return file;
}

using Ids = std::vector<int32_t>;

TEST(PostProcessor, AddsOnlyWhenAsked) {
  const auto tokenizer =
      test::load_json(with_template({special("<s>"), text("A"), special("</s>")}));
  EXPECT_EQ(tokenizer.encode("aa", true), (Ids{1, 0, 0, 2}));
  EXPECT_EQ(tokenizer.encode("aa", false), (Ids{0, 0}));
}

TEST(PostProcessor, SequenceWithByteLevel) {
  auto file = with_template({special("<s>"), text("A")});
  file["post_processor"] = {{"type", "Sequence"},
                            {"processors", {{{"type", "ByteLevel"}}, file["post_processor"]}}};
  EXPECT_EQ(test::load_json(file).encode("a", true), (Ids{1, 0}));
}

TEST(PostProcessor, BadTemplatesAreRefused) {
  for (const auto& single : {nlohmann::json{special("<s>")}, nlohmann::json{text("B")},
                             nlohmann::json{text("A"), text("A")},
                             nlohmann::json{special("<x>"), text("A")}, nlohmann::json("$A")}) {
    const auto message = test::input_error([&] { test::load_json(with_template(single)); });
    EXPECT_NE(message.find("post_processor."), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace tenon
