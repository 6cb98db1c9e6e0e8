#include "config/semantics.hpp"

#include "config_testing.hpp"

namespace tenon::semantics_test {
namespace {

std::vector<Diagnostic> check(std::string_view text, std::vector<FlagSetting> flags = {}) {
  return check_semantics(load_text(text, std::move(flags)), {});
}

TEST(Semantics, DefaultsAreSound) {
  EXPECT_TRUE(check("").empty());
}

TEST(Semantics, ModelPathWhenItIsNeeded) {
  const auto mistakes = check_semantics(load_text(""), {.needs_model = true});
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(mistakes.front().where, "model.path");
  EXPECT_TRUE(check_semantics(load_text("[model]\npath = \"m\"\n"), {.needs_model = true}).empty());
}

TEST(Semantics, TokensForEverySequence) {
  const auto mistakes = check("[engine]\nmax_num_seqs = 8\nmax_num_batched_tokens = 7\n");
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(mistakes.front().message(),
            "test.toml:3:26: error: [engine.max_num_batched_tokens] a step has fewer tokens than "
            "sequences; expected engine.max_num_batched_tokens of at least engine.max_num_seqs; "
            "found 7 tokens for 8 sequences");
  EXPECT_EQ(mistakes.front().source_line, "max_num_batched_tokens = 7");
  EXPECT_TRUE(check("[engine]\nmax_num_seqs = 8\nmax_num_batched_tokens = 8\n").empty());
  const auto by_default = check("[engine]\nmax_num_seqs = 4096\n");
  ASSERT_EQ(by_default.size(), 1U);
  EXPECT_EQ(by_default.front().place(), "test.toml:2:16");
}

TEST(Semantics, BlockSizes) {
  for (const int good : {1, 2, 8, 16, 48, 128, 4096}) {
    EXPECT_TRUE(check("[engine]\nblock_size = " + std::to_string(good) + "\n").empty()) << good;
  }
  for (const int bad : {3, 12, 24, 100}) {
    EXPECT_EQ(check("[engine]\nblock_size = " + std::to_string(bad) + "\n").size(), 1U) << bad;
  }
}

TEST(Semantics, HeadAloneIsNotQuantised) {
  const auto mistakes = check("", {{"weights.quantize_lm_head=true", ""}});
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(mistakes.front().place(), "flag --set weights.quantize_lm_head=true");
  EXPECT_TRUE(check("[weights]\nquantize = \"w8a8\"\nquantize_lm_head = true\n").empty());
}

TEST(Semantics, PrefetchTokens) {
  const auto mistakes = check("[prefetch]\nmin_tokens.mlp = 501\n");
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(mistakes.front().where, "prefetch.min_tokens.mlp");
  EXPECT_EQ(mistakes.front().place(), "test.toml:2:18");
  EXPECT_TRUE(check("[prefetch]\nmin_tokens.mlp = 500\n").empty());
}

}  // namespace
}  // namespace tenon::semantics_test
