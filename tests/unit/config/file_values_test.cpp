#include "config_testing.hpp"

namespace tenon::file_values_test {
namespace {

TEST(FileValues, EveryTableReachesItsFields) {
  const Configuration c = load_text(R"(
[model]
definition = "some_model"
activation_dtype = "bf16"
[device]
backend = "some_device"
count = 4
fallback = "deny"
fallback_backend = "other"
validate = true
hazards = "report"
[device.options]
flag = true
number = 2
real = 0.5
text = "a b"
[weights]
layout = "row_major"
residency = "streamed"
streamed_slots = 3
quantize = "w8a8"
quantize_lm_head = true
[engine]
max_num_seqs = 3
max_num_batched_tokens = 77
context = 1024
block_size = 128
graphs = true
[moe]
grouped_matmul = "never"
[prefetch]
enabled = true
through_attention = true
[parallel]
tensor = 2
expert = 4
data = 8
[sampling]
temperature = 0.75
top_k = 40
top_p = 0.9
min_p = 0.05
repetition_penalty = 1.1
seed = 9223372036854775807
[log]
level = "debug"
)")
                              .values;
  EXPECT_EQ(c.model.definition, "some_model");
  EXPECT_EQ(c.model.activation_dtype, ModelConfiguration::ActivationDtype::bf16);
  EXPECT_EQ(c.device.backend, "some_device");
  EXPECT_EQ(c.device.count, 4);
  EXPECT_EQ(c.device.fallback, DeviceConfiguration::Fallback::deny);
  EXPECT_EQ(c.device.fallback_backend, "other");
  EXPECT_TRUE(c.device.validate);
  EXPECT_EQ(c.device.hazards, DeviceConfiguration::Hazards::report);
  const std::map<std::string, OptionValue> options{
      {"flag", true}, {"number", int64_t{2}}, {"real", 0.5}, {"text", std::string("a b")}};
  EXPECT_EQ(c.device.options, options);
  EXPECT_EQ(c.weights.layout, WeightsConfiguration::Layout::row_major);
  EXPECT_EQ(c.weights.residency, WeightsConfiguration::Residency::streamed);
  EXPECT_EQ(c.weights.streamed_slots, 3);
  EXPECT_EQ(c.weights.quantize, WeightsConfiguration::Quantize::w8a8);
  EXPECT_TRUE(c.weights.quantize_lm_head);
  EXPECT_EQ(c.engine.max_num_seqs, 3);
  EXPECT_EQ(c.engine.max_num_batched_tokens, 77);
  EXPECT_EQ(c.engine.context, 1024);
  EXPECT_EQ(c.engine.block_size, 128);
  EXPECT_TRUE(c.engine.graphs);
  EXPECT_EQ(c.moe.grouped_matmul, MoeConfiguration::GroupedMatmul::never);
  EXPECT_TRUE(c.prefetch.enabled);
  EXPECT_TRUE(c.prefetch.through_attention);
  EXPECT_EQ(c.parallel.tensor, 2);
  EXPECT_EQ(c.parallel.expert, 4);
  EXPECT_EQ(c.parallel.data, 8);
  EXPECT_EQ(c.sampling.temperature, 0.75);
  EXPECT_EQ(c.sampling.top_k, 40);
  EXPECT_EQ(c.sampling.top_p, 0.9);
  EXPECT_EQ(c.sampling.min_p, 0.05);
  EXPECT_EQ(c.sampling.repetition_penalty, 1.1);
  EXPECT_EQ(c.sampling.seed, 9223372036854775807);
  EXPECT_EQ(c.log.level, LogLevel::debug);
}

TEST(FileValues, EachChoiceBecomesItsEnumerator) {
  using Dtype = ModelConfiguration::ActivationDtype;
  const auto dtype = [](const std::string& text) {
    return load_text("[model]\nactivation_dtype = \"" + text + "\"\n")
        .values.model.activation_dtype;
  };
  EXPECT_EQ(dtype("auto"), Dtype::automatic);
  EXPECT_EQ(dtype("f32"), Dtype::f32);
  EXPECT_EQ(dtype("bf16"), Dtype::bf16);
  EXPECT_EQ(dtype("f16"), Dtype::f16);
  const auto residency = [](const std::string& text) {
    return load_text("[weights]\nresidency = \"" + text + "\"\n").values.weights.residency;
  };
  EXPECT_EQ(residency("resident"), WeightsConfiguration::Residency::resident);
  EXPECT_EQ(residency("stacked"), WeightsConfiguration::Residency::stacked);
  const auto hazards = [](const std::string& text) {
    return load_text("[device]\nhazards = \"" + text + "\"\n").values.device.hazards;
  };
  EXPECT_EQ(hazards("off"), DeviceConfiguration::Hazards::off);
  EXPECT_EQ(hazards("abort"), DeviceConfiguration::Hazards::abort);
  const auto level = [](const std::string& text) {
    return load_text("[log]\nlevel = \"" + text + "\"\n").values.log.level;
  };
  EXPECT_EQ(level("trace"), LogLevel::trace);
  EXPECT_EQ(level("info"), LogLevel::info);
  EXPECT_EQ(level("warning"), LogLevel::warning);
  EXPECT_EQ(level("error"), LogLevel::error);
  EXPECT_EQ(level("off"), LogLevel::off);
}

TEST(FileValues, KvCacheTakesASizeOrAShare) {
  const auto cache = [](const std::string& text) {
    return load_text("[engine]\nkv_cache = " + text + "\n").values.engine.kv_cache;
  };
  EXPECT_EQ(cache("\"auto\""), KvCacheSize{});
  EXPECT_EQ(cache("\"4GiB\"").kind, KvCacheSize::Kind::bytes);
  EXPECT_EQ(cache("\"4GiB\"").bytes, int64_t{4} << 30);
  EXPECT_EQ(cache("0.9").kind, KvCacheSize::Kind::share_of_free);
  EXPECT_EQ(cache("0.9").share, 0.9);
}

TEST(FileValues, PrefetchTablesInBothSpellings) {
  const auto dotted = load_text(
                          "[prefetch]\nratio.moe = { gate_up = 0.5, own = 1 }\n"
                          "max_bytes = { attn = \"1MiB\", mlp = 4096, extra = \"auto\" }\n"
                          "min_tokens.moe = 1\nmax_tokens.mlp = 2\n")
                          .values.prefetch;
  EXPECT_EQ(dotted.ratio.at("moe").at("gate_up"), 0.5);
  EXPECT_EQ(dotted.ratio.at("moe").at("own"), 1.0);
  EXPECT_EQ(dotted.max_bytes.at("attn"), 1 << 20);
  EXPECT_EQ(dotted.max_bytes.at("mlp"), 4096);
  EXPECT_EQ(dotted.max_bytes.at("extra"), std::nullopt);
  EXPECT_EQ(dotted.min_tokens.at("moe"), 1);
  EXPECT_EQ(dotted.max_tokens.at("mlp"), 2);
  const auto tables = load_text(
                          "[prefetch.ratio.moe]\ngate_up = 0.5\nown = 1\n"
                          "[prefetch.max_bytes]\nattn = \"1MiB\"\nmlp = 4096\nextra = \"auto\"\n"
                          "[prefetch.min_tokens]\nmoe = 1\n[prefetch.max_tokens]\nmlp = 2\n")
                          .values.prefetch;
  EXPECT_EQ(dotted, tables);
}

TEST(FileValues, PathsStartAtTheFile) {
  const TemporaryFolder folder;
  folder.write("deployments/test.toml",
               "[model]\npath = \"../models/tiny\"\n"
               "[device]\nbackend = \"lib/libmine.so\"\nfallback_backend = \"plain.so\"\n"
               "[weights]\npacked_cache = \"/absolute/cache\"\n"
               "[trace]\nfile = \"t.json\"\n"
               "[plugins]\npath = [\"a\", \"/b\"]\n");
  const auto c = load_configuration({.file = "deployments/test.toml",
                                     .flags = {},
                                     .environment = {},
                                     .working_directory = folder.path()})
                     .values;
  EXPECT_EQ(c.model.path, folder.path() / "models/tiny");
  EXPECT_EQ(c.device.backend, folder.path() / "deployments/lib/libmine.so");
  EXPECT_EQ(c.device.fallback_backend, folder.path() / "deployments/plain.so");
  EXPECT_EQ(c.weights.packed_cache, "/absolute/cache");
  EXPECT_EQ(c.trace.file, folder.path() / "deployments/t.json");
  EXPECT_EQ(c.log.file, "");
  const std::vector<std::filesystem::path> paths{folder.path() / "deployments/a", "/b"};
  EXPECT_EQ(c.plugins.path, paths);
}

TEST(FileValues, OnePluginFolderNeedsNoArray) {
  EXPECT_EQ(load_text("[plugins]\npath = \"/p\"\n").values.plugins.path.size(), 1U);
}

}  // namespace
}  // namespace tenon::file_values_test
