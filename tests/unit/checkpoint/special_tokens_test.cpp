// bos and eos from config.json and generation_config.json.
#include <gtest/gtest.h>

#include "checkpoint/common_config.hpp"
#include "checkpoint_files.hpp"

namespace tenon::special_tokens_test {
namespace {

using Ids = std::vector<int64_t>;
using test::input_error;
using test::TemporaryFolder;

ModelConfig config(std::string_view text) {
  return ModelConfig::parse(text, "config.json");
}

TEST(SpecialTokens, EosIsOneIdOrAList) {
  const TemporaryFolder folder;
  EXPECT_EQ(eos_token_ids(config(R"({"eos_token_id": 2})"), folder.path()), Ids{2});
  EXPECT_EQ(eos_token_ids(config(R"({"eos_token_id": [2, 5]})"), folder.path()), (Ids{2, 5}));
  EXPECT_EQ(eos_token_ids(config("{}"), folder.path()), Ids{});
}

TEST(SpecialTokens, GenerationConfigWidensEos) {
  const TemporaryFolder folder;
  folder.write("generation_config.json", R"({"eos_token_id": [151645, 151643]})");
  EXPECT_EQ(eos_token_ids(config(R"({"eos_token_id": 151645})"), folder.path()),
            (Ids{151645, 151643}));
  EXPECT_EQ(eos_token_ids(config(R"({"eos_token_id": null})"), folder.path()),
            (Ids{151645, 151643}));
}

TEST(SpecialTokens, BosComesFromEitherFile) {
  const TemporaryFolder folder;
  EXPECT_EQ(bos_token_id(config("{}"), folder.path()), std::nullopt);
  folder.write("generation_config.json", R"({"bos_token_id": 9})");
  EXPECT_EQ(bos_token_id(config("{}"), folder.path()), 9);
  EXPECT_EQ(bos_token_id(config(R"({"bos_token_id": 1})"), folder.path()), 1);
}

TEST(SpecialTokens, NonsenseIsRefusedWithItsFile) {
  const TemporaryFolder folder;
  EXPECT_CONTAINS(
      input_error([&] { eos_token_ids(config(R"({"eos_token_id": -1})"), folder.path()); }),
      "eos_token_id");
  EXPECT_CONTAINS(
      input_error([&] { eos_token_ids(config(R"({"eos_token_id": [2, "x"]})"), folder.path()); }),
      "eos_token_id[1]");
  folder.write("generation_config.json", R"({"eos_token_id": 2.5})");
  EXPECT_CONTAINS(
      input_error([&] { eos_token_ids(config(R"({"eos_token_id": 2})"), folder.path()); }),
      "generation_config.json");
}

}  // namespace
}  // namespace tenon::special_tokens_test
