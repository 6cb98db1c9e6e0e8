// `tenon tokenize` both ways.
#include <nlohmann/json.hpp>
#include <sstream>

#include "e2e/expectations.hpp"

namespace tenon {
namespace {

// A folder that holds tokenizer.json and little else.
const std::filesystem::path model = std::filesystem::path(TENON_TEST_DATA) / "tokenizer/demo-qwen3";

CommandResult tokenize(std::vector<std::string> flags, const std::string& input) {
  flags.insert(flags.begin(), {"tokenize", "--model", model.string()});
  return run_tenon(std::move(flags), input);
}

std::string joined(const nlohmann::json& ids) {
  std::string text;
  for (const int id : ids)
    text += (text.empty() ? "" : " ") + std::to_string(id);
  return text;
}

TEST(CliTokenize, AgreesWithTheReferences) {
  std::istringstream goldens(read_whole(model / "goldens.jsonl"));
  int checked = 0;
  for (std::string line; std::getline(goldens, line) && checked < 8; ++checked) {
    const auto golden = nlohmann::json::parse(line);
    const CommandResult result = tokenize({}, golden.at("prompt"));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, joined(golden.at("prompt_ids")) + "\n");
    EXPECT_EQ(tokenize({"--decode"}, joined(golden.at("ids"))).out, golden.at("text"));
  }
  EXPECT_EQ(checked, 8);
}

TEST(CliTokenize, InputIsTakenByteForByte) {
  for (const std::string text : {"a", "a\n", "\n\n", " a ", "a\r\nb\n", "\xc3\xa9\xf0\x9f\x98\x80",
                                 "tab\tand\x01 control"}) {
    const CommandResult ids = tokenize({}, text);
    ASSERT_EQ(ids.exit_code, 0) << ids.err;
    const CommandResult back = tokenize({"--decode"}, ids.out);
    EXPECT_EQ(back.exit_code, 0) << back.err;
    EXPECT_EQ(back.out, text);
  }
}

TEST(CliTokenize, EmptyInput) {
  EXPECT_EQ(tokenize({}, "").out, "\n");
  const CommandResult back = tokenize({"--decode"}, "");
  EXPECT_EQ(back.exit_code, 0);
  EXPECT_EQ(back.out, "");
}

TEST(CliTokenize, IdsMayStandOnSeveralLines) {
  EXPECT_EQ(tokenize({"--decode"}, "399 407\n261\t378\r\n").out, "Once upon a time");
}

TEST(CliTokenize, BadIds) {
  expect_refused(tokenize({"--decode"}, "399\n407 x"), {"standard input:2", "\"x\""});
  EXPECT_EQ(tokenize({"--decode"}, "399 2000000000").exit_code, 2);
}

TEST(CliTokenize, JsonLines) {
  const CommandResult ids = tokenize({"--jsonl"}, "\"Once upon a time\"\n\"\"\n\"a\\nb\"");
  EXPECT_EQ(ids.exit_code, 0) << ids.err;
  EXPECT_TRUE(ids.out.starts_with("399 407 261 378\n\n")) << ids.out;
  const CommandResult back = tokenize({"--jsonl", "--decode"}, ids.out);
  EXPECT_EQ(back.exit_code, 0) << back.err;
  EXPECT_EQ(back.out, "\"Once upon a time\"\n\"\"\n\"a\\nb\"\n");
}

TEST(CliTokenize, BadJsonLinesAreNumbered) {
  for (const std::string bad : {"plain", "", "[1]", "\"a\" b", "\"\\ud800\"", "3"}) {
    const CommandResult result = tokenize({"--jsonl"}, "\"a\"\n" + bad + "\n");
    EXPECT_EQ(result.exit_code, 2) << bad;
    EXPECT_TRUE(contains(result.err, "standard input:2] not a JSON string")) << result.err;
  }
}

TEST(CliTokenize, BadBytes) {
  const CommandResult result = tokenize({}, "a\xff");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_FALSE(result.err.empty());
}

TEST(CliTokenize, SpecialTokens) {
  const std::string text = "<|endoftext|>";
  const std::string ids = tokenize({}, text).out;
  EXPECT_EQ(ids, "0\n");
  EXPECT_EQ(tokenize({"--decode", "--special"}, ids).out, text);
  EXPECT_EQ(tokenize({"--decode"}, ids).out, "");
}

TEST(CliTokenize, ModelFromTheConfiguration) {
  const TemporaryFolder folder;
  const std::string config = folder.file("a.toml", "[model]\npath = \"" + model.string() + "\"\n");
  EXPECT_EQ(run_tenon({"tokenize", config}, "Once upon a time").out, "399 407 261 378\n");
}

TEST(CliTokenize, ModelFlagMayHoldAnyCharacter) {
  const TemporaryFolder folder;
  const std::filesystem::path odd = folder.path() / "a \"b\" \\c\n'd'";
  std::filesystem::create_directory(odd);
  std::filesystem::copy_file(model / "tokenizer.json", odd / "tokenizer.json");
  const CommandResult result = run_tenon({"tokenize", "--model", odd}, "Once upon a time");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "399 407 261 378\n");
}

}  // namespace
}  // namespace tenon
