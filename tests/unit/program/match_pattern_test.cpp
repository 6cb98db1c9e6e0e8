#include "program/match_pattern.hpp"

#include <gtest/gtest.h>

namespace tenon {
namespace {

TEST(MatchPattern, StarStandsForOnePartOfAName) {
  EXPECT_TRUE(matches_pattern("model.layers.*.mlp.down_proj", "model.layers.0.mlp.down_proj"));
  EXPECT_TRUE(matches_pattern("model.layers.*.mlp.down_proj", "model.layers.117.mlp.down_proj"));
  EXPECT_FALSE(matches_pattern("model.layers.*.mlp.down_proj", "model.layers.0.mlp.up_proj"));
  EXPECT_FALSE(matches_pattern("model.*.down_proj", "model.layers.0.mlp.down_proj"));
}

TEST(MatchPattern, StarNeedsACharacter) {
  EXPECT_FALSE(matches_pattern("a.*.b", "a..b"));
  EXPECT_FALSE(matches_pattern("a*", "a"));
  EXPECT_TRUE(matches_pattern("a*", "ab"));
}

TEST(MatchPattern, StarMayGrow) {
  EXPECT_TRUE(matches_pattern("*_norm", "q_norm_norm"));
  EXPECT_TRUE(matches_pattern("*a*b", "xaab"));
  EXPECT_FALSE(matches_pattern("*a*b", "xab."));
}

TEST(MatchPattern, WithoutStarItIsEquality) {
  EXPECT_TRUE(matches_pattern("lm_head", "lm_head"));
  EXPECT_FALSE(matches_pattern("lm_head", "lm_head.weight"));
  EXPECT_FALSE(matches_pattern("", "x"));
  EXPECT_TRUE(matches_pattern("", ""));
}

TEST(MatchPattern, NumbersAStack) {
  EXPECT_EQ(numbered_name("experts.*.gate_proj.weight", 12), "experts.12.gate_proj.weight");
  EXPECT_EQ(numbered_name("plain", 3), "plain");
}

}  // namespace
}  // namespace tenon
