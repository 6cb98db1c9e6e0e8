// Malformed tokenizer files are refused with the place that is wrong.
#include "fixture.hpp"

namespace tenon {
namespace {

using nlohmann::json;

void expect_text_refused(const std::string& text, const std::string& place) {
  const auto message = test::input_error([&] { test::load_text(text); });
  EXPECT_NE(message.find(place), std::string::npos) << message;
  EXPECT_NE(message.find("tokenizer.json"), std::string::npos) << message;
}

void expect_refused(const json& file, const std::string& place) {
  expect_text_refused(file.dump(), place);
}

json good() {
  return test::small_tokenizer({"a", "b", "c"}, {"a b", "ab c"});
}

TEST(MalformedFile, TheGoodOneLoads) {
  EXPECT_EQ(test::load_json(good()).size(), 5);
}

TEST(MalformedFile, NotJson) {
  expect_text_refused("", "empty");
  expect_text_refused("<html>", "not valid JSON");
  expect_text_refused(good().dump() + "x", "not valid JSON");
  expect_text_refused("{\"model\": {\"vocab\": {\"a\xFF\": 1}}}", "not valid JSON");
  expect_text_refused("[]", "expected an object");
  expect_text_refused("null", "expected an object");
  expect_text_refused(std::string(100'000, '['), "deeply nested");
  expect_text_refused(R"({"model": null, "model": null})", "appears twice");
}

TEST(MalformedFile, MissingFileAndFolder) {
  const test::TemporaryFolder folder;
  const auto missing =
      test::input_error([&] { Tokenizer::load(folder.path() / "tokenizer.json"); });
  EXPECT_NE(missing.find("tokenizer.json"), std::string::npos) << missing;
  EXPECT_NE(missing.find("no such file"), std::string::npos) << missing;
  const auto directory = test::input_error([&] { Tokenizer::load(folder.path()); });
  EXPECT_NE(directory.find("a directory"), std::string::npos) << directory;
}

TEST(MalformedFile, Model) {
  auto file = good();
  file.erase("model");
  expect_refused(file, "\"model\" is missing");
  file = good();
  file["model"] = 3;
  expect_refused(file, "model] wrong type");
  file = good();
  file["model"]["type"] = "Unigram";
  expect_refused(file, "model.type");
  for (const char* field : {"vocab", "merges"}) {
    file = good();
    file["model"].erase(field);
    expect_refused(file, std::string("\"") + field + "\" is missing");
    file["model"][field] = "x";
    expect_refused(file, std::string("model.") + field);
  }
  file = good();
  file["model"]["vocab"] = json::array();
  expect_refused(file, "model.vocab");
  file["model"]["vocab"] = json::object();
  expect_refused(file, "model.vocab");
}

TEST(MalformedFile, ModelOptions) {
  for (const auto& [field, value] : {std::pair<const char*, json>{"dropout", 0.1},
                                     {"continuing_subword_prefix", "##"},
                                     {"end_of_word_suffix", "</w>"},
                                     {"fuse_unk", 1},
                                     {"byte_fallback", "yes"},
                                     {"ignore_merges", 0},
                                     {"unk_token", "<unk>"},
                                     {"unk_token", 0}}) {
    auto file = good();
    file["model"][field] = value;
    expect_refused(file, std::string("model.") + field);
  }
}

TEST(MalformedFile, VocabularyIds) {
  for (const json& id : {json(-1), json(1.5), json("1"), json(nullptr), json(1 << 24),
                         json(UINT64_MAX), json::array(), json::object()}) {
    auto file = good();
    file["model"]["vocab"]["a"] = id;
    expect_refused(file, "model.vocab[\"a\"]");
  }
  auto file = good();
  file["model"]["vocab"]["a"] = 1;
  expect_refused(file, "the id 1 belongs to two tokens");
  expect_text_refused(R"({"model": {"vocab": {"a": 0, "a": 1}, "merges": []}})", "appears twice");
}

TEST(MalformedFile, Merges) {
  for (const json& merge :
       {json("ab"), json("a b c"), json({"a"}), json({"a", "b", "c"}), json(7), json({"a", 1}),
        json(nullptr), json({{"a", "b"}}), json("a x"), json("x a"), json("b c"), json({"", "a"}),
        json({"a", json::array()})}) {
    auto file = good();
    file["model"]["merges"][1] = merge;
    expect_refused(file, "model.merges[1]");
  }
}

TEST(MalformedFile, AddedTokens) {
  auto file = good();
  file["added_tokens"] = 1;
  expect_refused(file, "added_tokens");
  for (const json& token :
       {json{{"id", 9}}, json{{"content", "x"}}, json{{"id", -1}, {"content", "x"}},
        json{{"id", 9}, {"content", ""}}, json{{"id", 9}, {"content", 1}},
        json{{"id", 9}, {"content", "x"}, {"special", 1}}, json{{"id", 1}, {"content", "x"}},
        json{{"id", 9}, {"content", "a"}}, json{{"id", 1 << 24}, {"content", "x"}}, json(1)}) {
    file = good();
    file["added_tokens"].push_back(token);
    expect_refused(file, "added_tokens[0]");
  }
}

TEST(MalformedFile, Components) {
  for (const char* section : {"normalizer", "pre_tokenizer", "post_processor", "decoder"}) {
    for (const json& component : {json{{"type", "NoSuch"}}, json{{"type", 1}}, json::object(),
                                  json(1), json{{"type", "Sequence"}}, json{{"type", "Replace"}}}) {
      auto file = good();
      file[section] = component;
      expect_refused(file, section);
    }
  }
}

TEST(MalformedFile, ComponentDetails) {
  const auto refuse = [](const char* section, const json& component, const std::string& place) {
    auto file = good();
    file[section] = component;
    expect_refused(file, place);
  };
  const json pattern = {{"String", "a"}};
  refuse("pre_tokenizer", {{"type", "Split"}, {"pattern", pattern}, {"behavior", "Gone"}},
         "pre_tokenizer.behavior");
  refuse("pre_tokenizer",
         {{"type", "Split"}, {"pattern", {{"Glob", "*"}}}, {"behavior", "Removed"}},
         "pre_tokenizer.pattern");
  refuse("pre_tokenizer",
         {{"type", "Split"}, {"pattern", {{"Regex", "(a"}}}, {"behavior", "Removed"}},
         "pre_tokenizer.pattern.Regex");
  refuse("pre_tokenizer", {{"type", "Metaspace"}, {"replacement", "_"}, {"prepend_scheme", "x"}},
         "pre_tokenizer.prepend_scheme");
  refuse("pre_tokenizer", {{"type", "Metaspace"}, {"replacement", ""}},
         "pre_tokenizer.replacement");
  refuse("decoder", {{"type", "Strip"}, {"content", "ab"}, {"start", 1}, {"stop", 0}},
         "decoder.content");
  refuse("decoder", {{"type", "Strip"}, {"content", "a"}, {"start", -1}, {"stop", 0}},
         "decoder.start");
  refuse("decoder",
         {{"type", "Sequence"},
          {"decoders",
           {{{"type", "Fuse"}}, {{"type", "Replace"}, {"pattern", pattern}, {"content", ""}}}}},
         "decoder.decoders[1]");
}

// Every cut of a good file, and every single damaged byte, is refused or loads; it never crashes.
TEST(MalformedFile, DamagedFilesNeverCrash) {
  const std::string text = good().dump();
  int refused = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    std::string damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x11);
    for (const std::string& file : {text.substr(0, i), damaged}) {
      try {
        test::load_text(file);
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::input) << error.what();
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, static_cast<int>(text.size()));
}

}  // namespace
}  // namespace tenon
