// Both generations of spelling for the rotary embedding.
#include <gtest/gtest.h>

#include "checkpoint/rope_parameters.hpp"
#include "checkpoint_files.hpp"

namespace tenon::rope_parameters_test {
namespace {

using test::input_error;

RopeParameters rope(std::string_view text, std::string_view section = {}) {
  return rope_parameters(ModelConfig::parse(text, "config.json"), section);
}

std::string refusal(std::string_view text) {
  return input_error([&] { rope(text); });
}

TEST(RopeParameters, DefaultsWhenNothingIsSaid) {
  EXPECT_EQ(rope("{}"), RopeParameters{});
  EXPECT_EQ(rope(R"({"rope_scaling": null, "rope_theta": null})").theta, 10000.0);
  EXPECT_EQ(rope(R"({"rope_theta": 1000000, "rope_scaling": null})").theta, 1e6);
}

TEST(RopeParameters, OldSpellingWithTypeOrRopeType) {
  const RopeParameters a = rope(R"({"rope_theta": 5e5, "rope_scaling": {"rope_type": "llama3",
      "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
      "original_max_position_embeddings": 8192}})");
  EXPECT_EQ(a.type, RopeType::llama3);
  EXPECT_EQ(a.theta, 5e5);
  EXPECT_EQ(a.factor, 8.0);
  EXPECT_EQ(a.low_freq_factor, 1.0);
  EXPECT_EQ(a.high_freq_factor, 4.0);
  EXPECT_EQ(a.original_max_position_embeddings, 8192);
  const RopeParameters b = rope(R"({"rope_scaling": {"type": "linear", "factor": 4}})");
  EXPECT_EQ(b.type, RopeType::linear);
  EXPECT_EQ(b.factor, 4.0);
}

TEST(RopeParameters, NewSpellingReadsTheSame) {
  const RopeParameters before = rope(R"({"rope_theta": 10000, "rope_scaling": {"type": "yarn",
      "factor": 40, "beta_fast": 32, "beta_slow": 1, "mscale": 1.0, "mscale_all_dim": 1.0,
      "original_max_position_embeddings": 4096}})");
  const RopeParameters now = rope(R"({"rope_parameters": {"rope_theta": 10000, "rope_type": "yarn",
      "factor": 40.0, "mscale": 1, "mscale_all_dim": 1,
      "original_max_position_embeddings": 4096}})");
  EXPECT_EQ(before, now);
  EXPECT_EQ(now.type, RopeType::yarn);
  EXPECT_EQ(now.mscale_all_dim, 1.0);
  EXPECT_FALSE(now.attention_factor.has_value());
  EXPECT_TRUE(now.truncate);
}

TEST(RopeParameters, YarnFallsBackToTheModelsLength) {
  const RopeParameters p = rope(R"({"max_position_embeddings": 2048, "rope_scaling":
      {"type": "yarn", "factor": 2, "truncate": false, "attention_factor": 1.25}})");
  EXPECT_EQ(p.original_max_position_embeddings, 2048);
  EXPECT_FALSE(p.truncate);
  EXPECT_EQ(p.attention_factor, 1.25);
  EXPECT_CONTAINS(refusal(R"({"rope_scaling": {"type": "yarn", "factor": 2}})"),
                  "max_position_embeddings");
}

TEST(RopeParameters, PartialRotaryFactorStandsInEitherPlace) {
  EXPECT_EQ(rope(R"({"partial_rotary_factor": 0.5})").partial_rotary_factor, 0.5);
  EXPECT_EQ(rope(R"({"rope_parameters": {"partial_rotary_factor": 0.25}})").partial_rotary_factor,
            0.25);
  EXPECT_CONTAINS(refusal(R"({"partial_rotary_factor": 1.5})"), "partial_rotary_factor");
}

TEST(RopeParameters, UnknownKindsAreRefusedByName) {
  for (const std::string kind : {"dynamic", "longrope", "su", "mrope", "ntk", "YARN", ""}) {
    SCOPED_TRACE(kind);
    const std::string text = R"({"rope_scaling": {"type": ")" + kind + R"(", "factor": 2}})";
    EXPECT_CONTAINS(refusal(text), "found '" + kind + "'");
    EXPECT_CONTAINS(refusal(text), "default, linear, llama3 or yarn");
  }
  EXPECT_CONTAINS(refusal(R"({"rope_scaling": {"type": "default", "mrope_section": [1]}})"),
                  "mrope");
}

TEST(RopeParameters, ContradictionsAreRefused) {
  EXPECT_CONTAINS(
      refusal(R"({"rope_scaling": {"type": "linear", "rope_type": "yarn", "factor": 2}})"),
      "disagrees with 'rope_type'");
  EXPECT_CONTAINS(refusal(R"({"rope_parameters": {"rope_type": "linear", "factor": 2},
                              "rope_scaling": {"type": "linear", "factor": 4}})"),
                  "disagrees with 'rope_parameters'");
  EXPECT_EQ(rope(R"({"rope_parameters": {"rope_type": "linear", "factor": 2, "rope_theta": 7e4},
                     "rope_scaling": {"type": "linear", "factor": 2}})")
                .theta,
            7e4);
  EXPECT_CONTAINS(refusal(R"({"rope_scaling": {"factor": 2}})"), "rope_type");
}

TEST(RopeParameters, AbsurdNumbersAreRefused) {
  EXPECT_CONTAINS(refusal(R"({"rope_theta": 0})"), "rope_theta");
  EXPECT_CONTAINS(refusal(R"({"rope_theta": -10000})"), "rope_theta");
  EXPECT_CONTAINS(refusal(R"({"rope_theta": "10000"})"), "rope_theta");
  EXPECT_CONTAINS(refusal(R"({"rope_scaling": {"type": "linear", "factor": 0}})"), "factor");
  EXPECT_CONTAINS(refusal(R"({"rope_scaling": {"type": "linear"}})"), "factor");
  EXPECT_CONTAINS(refusal(R"({"rope_scaling": []})"), "not an object");
  EXPECT_CONTAINS(refusal(R"({"rope_scaling": {"type": "llama3", "factor": 8, "low_freq_factor": 4,
      "high_freq_factor": 4, "original_max_position_embeddings": 8192}})"),
                  "not above low_freq_factor");
  EXPECT_CONTAINS(refusal(R"({"rope_scaling": {"type": "yarn", "factor": 8, "beta_fast": 1,
      "beta_slow": 32, "original_max_position_embeddings": 8192}})"),
                  "not above beta_slow");
  EXPECT_CONTAINS(refusal(R"({"rope_scaling": {"type": "yarn", "factor": 8,
      "original_max_position_embeddings": 8192.0}})"),
                  "not an integer");
}

TEST(RopeParameters, SeveralSetsNeedASection) {
  const std::string text = R"({"rope_parameters": {
      "main": {"rope_type": "default", "rope_theta": 10000},
      "compress": {"rope_type": "yarn", "rope_theta": 160000, "factor": 16,
                   "original_max_position_embeddings": 65536}}})";
  EXPECT_CONTAINS(refusal(text), "one set of numbers for each kind of layer");
  EXPECT_EQ(rope(text, "main").type, RopeType::unscaled);
  EXPECT_EQ(rope(text, "compress").theta, 160000.0);
  EXPECT_EQ(rope(text, "compress").factor, 16.0);
  EXPECT_CONTAINS(input_error([&] { rope(text, "other"); }), "rope_parameters.other");
}

}  // namespace
}  // namespace tenon::rope_parameters_test
