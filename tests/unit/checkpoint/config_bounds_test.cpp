// read_model_config: sizes that no model has, architectures and dtype in both spellings.
#include <gtest/gtest.h>

#include "checkpoint/common_config.hpp"
#include "checkpoint_files.hpp"

namespace tenon::config_bounds_test {
namespace {

using test::input_error;
using test::TemporaryFolder;

ModelConfig config(std::string_view text) {
  return ModelConfig::parse(text, "config.json");
}

TEST(ConfigBounds, AbsurdSizesAreRefused) {
  const TemporaryFolder folder;
  for (const char* bad : {R"("num_attention_heads": 0)", R"("hidden_size": -64)",
                          R"("num_hidden_layers": 1000000000000)", R"("vocab_size": 512.0)",
                          R"("vocab_size": "512")", R"("head_dim": 1e400)",
                          R"("num_key_value_heads": true)", R"("max_position_embeddings": 1e9)"}) {
    SCOPED_TRACE(bad);
    folder.write("config.json", std::string("{") + bad + "}");
    EXPECT_CONTAINS(input_error([&] { read_model_config(folder.path()); }), "config.json]");
  }
}

TEST(ConfigBounds, PlausibleSizesAreTaken) {
  const TemporaryFolder folder;
  const auto file = folder.write("config.json",
                                 R"({"vocab_size": 151936, "hidden_size": 7168, "head_dim": null,
                                     "num_hidden_layers": 61, "num_attention_heads": [4, 8],
                                     "max_position_embeddings": 1048576})");
  EXPECT_EQ(read_model_config(folder.path()).integer("hidden_size", {1, 10'000}), 7168);
  EXPECT_EQ(read_model_config(file).integer("vocab_size", {1, 200'000}), 151936);
}

TEST(ConfigBounds, AFolderWithoutConfigSaysSo) {
  const TemporaryFolder folder;
  EXPECT_CONTAINS(input_error([&] { read_model_config(folder.path()); }), "has no config.json");
}

TEST(ConfigBounds, ArchitecturesAreANonEmptyList) {
  EXPECT_EQ(architectures(config(R"({"architectures": ["A", "B"]})")),
            (std::vector<std::string>{"A", "B"}));
  EXPECT_CONTAINS(input_error([] { architectures(config("{}")); }), "is missing");
  EXPECT_CONTAINS(input_error([] { architectures(config(R"({"architectures": []})")); }),
                  "is empty");
  EXPECT_CONTAINS(input_error([] { architectures(config(R"({"architectures": "A"})")); }),
                  "is not a list");
}

TEST(ConfigBounds, TheDtypeIsReadInBothSpellings) {
  EXPECT_EQ(declared_dtype(config(R"({"torch_dtype": "bfloat16"})")), StoredDtype::bf16);
  EXPECT_EQ(declared_dtype(config(R"({"dtype": "float16"})")), StoredDtype::f16);
  EXPECT_EQ(declared_dtype(config(R"({"dtype": "torch.float32", "torch_dtype": "float32"})")),
            StoredDtype::f32);
  EXPECT_EQ(declared_dtype(config(R"({"torch_dtype": null})")), std::nullopt);
  EXPECT_CONTAINS(input_error([] { declared_dtype(config(R"({"dtype": "float99"})")); }),
                  "'float99'");
  EXPECT_CONTAINS(input_error([] {
                    declared_dtype(config(R"({"dtype": "float16", "torch_dtype": "bfloat16"})"));
                  }),
                  "disagrees");
}

}  // namespace
}  // namespace tenon::config_bounds_test
