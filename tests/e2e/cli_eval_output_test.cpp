// What `tenon eval` writes, with the demo checkpoint. Its numbers are tested elsewhere.
#include <cmath>
#include <nlohmann/json.hpp>

#include "e2e/expectations.hpp"

namespace tenon {
namespace {

CommandResult eval_demo(std::vector<std::string> flags) {
  flags.insert(flags.begin(), {"eval", "--model", demo_model().string(), "--quiet"});
  return run_tenon(std::move(flags));
}

TEST(CliEvalOutput, TextAndIdsAgree) {
  const TemporaryFolder folder;
  const CommandResult by_text =
      eval_demo({"--json", "--text", folder.file("text", "Once upon a time")});
  const CommandResult by_ids =
      eval_demo({"--json", "--ids", folder.file("ids", "399 407\n261 378\n")});
  ASSERT_EQ(by_text.exit_code, 0) << by_text.err;
  EXPECT_EQ(by_text.out, by_ids.out);
  const auto object = nlohmann::json::parse(by_ids.out);
  EXPECT_EQ(object.at("tokens"), 4);
  EXPECT_EQ(object.at("predicted"), 3);
  EXPECT_GT(object.at("nll"), 0.0);
  EXPECT_NEAR(object.at("perplexity"), std::exp(object.at("nll").get<double>()), 1e-9);
}

TEST(CliEvalOutput, WindowsAndTokens) {
  const TemporaryFolder folder;
  const std::string ids = folder.file("ids", "399 407 261 378 14 385 282");
  const auto counts = [&](std::vector<std::string> flags) {
    flags.insert(flags.end(), {"--json", "--ids", ids});
    const CommandResult result = eval_demo(std::move(flags));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const auto object = nlohmann::json::parse(result.out);
    return std::pair<int, int>(object.at("tokens"), object.at("predicted"));
  };
  EXPECT_EQ(counts({}), std::pair(7, 6));
  EXPECT_EQ(counts({"--tokens", "5"}), std::pair(5, 4));
  EXPECT_EQ(counts({"--window", "3"}), std::pair(7, 4));
}

TEST(CliEvalOutput, MoreTokensThanThereAreIsSaid) {
  const TemporaryFolder folder;
  const CommandResult result =
      eval_demo({"--ids", folder.file("ids", "399 407 261"), "--tokens", "50"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(contains(result.err, "holds only 3 tokens")) << result.err;
  EXPECT_TRUE(contains(result.out, "tokens     3\n")) << result.out;
}

TEST(CliEvalOutput, NothingPredictedIsNoNumber) {
  const TemporaryFolder folder;
  const CommandResult result = eval_demo({"--json", "--ids", folder.file("ids", "399")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(nlohmann::json::parse(result.out).at("nll").is_null());
}

TEST(CliEvalOutput, LogitsAreANumpyFile) {
  const TemporaryFolder folder;
  const std::string target = folder.file("logits.npy", "old");
  const CommandResult result = eval_demo(
      {"--ids", folder.file("ids", "399 407 261 378 14"), "--window", "2", "--logits", target});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string file = read_whole(target);
  ASSERT_GT(file.size(), 128U);
  EXPECT_EQ(file.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  const size_t header =
      static_cast<unsigned char>(file[8]) + 256U * static_cast<unsigned char>(file[9]);
  EXPECT_EQ((10 + header) % 64, 0U);
  EXPECT_EQ(file[10 + header - 1], '\n');
  const std::string dictionary = file.substr(10, header);
  EXPECT_TRUE(contains(dictionary, "'descr': '<f4'")) << dictionary;
  EXPECT_TRUE(contains(dictionary, "'fortran_order': False")) << dictionary;
  const auto config = nlohmann::json::parse(read_whole(demo_model() / "config.json"));
  const auto vocabulary = config.at("vocab_size").get<size_t>();
  EXPECT_TRUE(contains(dictionary, "'shape': (5, " + std::to_string(vocabulary) + ")"))
      << dictionary;
  EXPECT_EQ(file.size(), 10 + header + 5 * vocabulary * sizeof(float));
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    EXPECT_FALSE(contains(entry.path().string(), "partial")) << entry.path();
  }
}

TEST(CliEvalOutput, IdsOutsideTheVocabulary) {
  const TemporaryFolder folder;
  const CommandResult result = eval_demo({"--ids", folder.file("ids", "399 2000000000")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(contains(result.err, "2000000000")) << result.err;
}

TEST(CliEvalOutput, ProgressOnRequest) {
  const TemporaryFolder folder;
  const CommandResult result =
      eval_demo({"--progress", "--ids", folder.file("ids", "399 407 261 378")});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(contains(result.err, "100%  4/4 tokens")) << result.err;
}

}  // namespace
}  // namespace tenon
