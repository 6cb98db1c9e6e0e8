#include "config_testing.hpp"

namespace tenon::defaults_test {
namespace {

TEST(Defaults, NeedNoFileAndNoEnvironment) {
  const Configuration c = load_configuration({}).values;
  EXPECT_EQ(c.model.path, "");
  EXPECT_EQ(c.model.definition, "auto");
  EXPECT_EQ(c.device.backend, "auto");
  EXPECT_EQ(c.device.fallback_backend, "auto");
  EXPECT_EQ(c.device.count, 1);
  EXPECT_EQ(c.device.fallback, DeviceConfiguration::Fallback::warn);
  EXPECT_TRUE(c.device.options.empty());
  EXPECT_GE(c.engine.max_num_batched_tokens, c.engine.max_num_seqs);
  EXPECT_EQ(c.engine.context, 0);
  EXPECT_EQ(c.engine.kv_cache.kind, KvCacheSize::Kind::automatic);
  EXPECT_EQ(c.log.level, LogLevel::warning);
  EXPECT_TRUE(c.plugins.path.empty());
}

TEST(Defaults, SamplingIsGreedyAndNeutral) {
  const SamplingConfiguration s = load_configuration({}).values.sampling;
  EXPECT_EQ(s.temperature, 0.0);
  EXPECT_EQ(s.top_k, 0);
  EXPECT_EQ(s.top_p, 1.0);
  EXPECT_EQ(s.min_p, 0.0);
  EXPECT_EQ(s.repetition_penalty, 1.0);
}

TEST(Defaults, PrefetchIsOffWithThePublishedRatios) {
  const PrefetchConfiguration p = load_configuration({}).values.prefetch;
  EXPECT_FALSE(p.enabled);
  EXPECT_FALSE(p.through_attention);
  const std::map<std::string, std::map<std::string, double>> ratio{
      {"attn", {{"qkv", 1.0}, {"o", 1.0}}},
      {"mlp", {{"gate_up", 1.0}, {"down", 1.0}}},
      {"moe", {{"gate_up", 0.8}}}};
  EXPECT_EQ(p.ratio, ratio);
  const std::map<std::string, std::optional<int64_t>> max_bytes{
      {"attn", 16 << 20}, {"mlp", 18 << 20}, {"moe", std::nullopt}};
  EXPECT_EQ(p.max_bytes, max_bytes);
  EXPECT_EQ(p.min_tokens, (std::map<std::string, int64_t>{{"moe", 96}}));
  EXPECT_EQ(p.max_tokens, (std::map<std::string, int64_t>{{"mlp", 500}}));
}

}  // namespace
}  // namespace tenon::defaults_test
