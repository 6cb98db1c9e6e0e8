#include "checkpoint/common_config.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "checkpoint/printable.hpp"

namespace tenon {
namespace {

struct SizeBound {
  std::string_view key;
  IntegerRange range;
};

// Far above any published model, far below what overflows a product of two.
constexpr std::array size_bounds = {
    SizeBound{"vocab_size", {1, 1 << 26}},
    SizeBound{"hidden_size", {1, 1 << 20}},
    SizeBound{"num_hidden_layers", {1, 10'000}},
    SizeBound{"num_attention_heads", {1, 1 << 16}},
    SizeBound{"num_key_value_heads", {1, 1 << 16}},
    SizeBound{"head_dim", {1, 1 << 16}},
    SizeBound{"max_position_embeddings", {1, 1 << 28}},
};

// Only numbers that stand alone are judged; a list or an object is another architecture's business.
void refuse_absurd_sizes(const ModelConfig& config) {
  for (const SizeBound& bound : size_bounds) {
    const auto kind = config.kind(bound.key);
    if (kind == ModelConfig::Kind::list || kind == ModelConfig::Kind::object) continue;
    if (kind != ModelConfig::Kind::absent) config.integer(bound.key, bound.range);
  }
}

constexpr IntegerRange token_range{0, (int64_t{1} << 31) - 1};

std::vector<int64_t> token_ids(const ModelConfig& config, std::string_view key) {
  if (!config.has(key)) return {};
  if (config.kind(key) == ModelConfig::Kind::list) return config.integer_list(key, token_range);
  return {config.integer(key, token_range)};
}

std::optional<ModelConfig> generation_config(const std::filesystem::path& folder) {
  const auto file = folder / "generation_config.json";
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return std::nullopt;
  return ModelConfig::read(file);
}

constexpr std::array<std::pair<std::string_view, StoredDtype>, 10> torch_names = {{
    {"float32", StoredDtype::f32},
    {"float", StoredDtype::f32},
    {"float16", StoredDtype::f16},
    {"half", StoredDtype::f16},
    {"bfloat16", StoredDtype::bf16},
    {"float64", StoredDtype::f64},
    {"double", StoredDtype::f64},
    {"int8", StoredDtype::i8},
    {"float8_e4m3fn", StoredDtype::f8_e4m3},
    {"float8_e5m2", StoredDtype::f8_e5m2},
}};

std::optional<StoredDtype> dtype_of(const ModelConfig& config, std::string_view key) {
  if (!config.has(key)) return std::nullopt;
  const std::string written = config.text(key);
  std::string_view name = written;
  if (name.starts_with("torch.")) name.remove_prefix(6);
  for (const auto& [known, dtype] : torch_names) {
    if (known == name) return dtype;
  }
  config.refuse(key, "is not a known dtype", "float32, float16, bfloat16, ...",
                quoted_name(written));
}

}  // namespace

ModelConfig read_model_config(const std::filesystem::path& folder_or_file) {
  std::error_code ignored;
  std::filesystem::path file = folder_or_file;
  if (std::filesystem::is_directory(folder_or_file, ignored)) {
    file /= "config.json";
    if (!std::filesystem::exists(file, ignored)) {
      fail_input(folder_or_file.string(), "the folder has no config.json",
                 "a Hugging Face checkpoint folder");
    }
  }
  ModelConfig config = ModelConfig::read(file);
  refuse_absurd_sizes(config);
  return config;
}

std::vector<std::string> architectures(const ModelConfig& config) {
  std::vector<std::string> names = config.text_list("architectures");
  if (names.empty()) {
    config.refuse("architectures", "is empty", "the name of at least one architecture", "[]");
  }
  return names;
}

std::optional<StoredDtype> declared_dtype(const ModelConfig& config) {
  const auto now = dtype_of(config, "dtype");
  const auto before = dtype_of(config, "torch_dtype");
  if (now && before && *now != *before) {
    config.refuse("torch_dtype", "disagrees with 'dtype'", stored_dtype_name(*now),
                  stored_dtype_name(*before));
  }
  return now ? now : before;
}

std::vector<int64_t> eos_token_ids(const ModelConfig& config, const std::filesystem::path& folder) {
  std::vector<int64_t> ids = token_ids(config, "eos_token_id");
  const auto generation = generation_config(folder);
  if (!generation) return ids;
  for (const int64_t id : token_ids(*generation, "eos_token_id")) {
    if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

std::optional<int64_t> bos_token_id(const ModelConfig& config,
                                    const std::filesystem::path& folder) {
  if (config.has("bos_token_id")) return config.integer("bos_token_id", token_range);
  const auto generation = generation_config(folder);
  if (!generation || !generation->has("bos_token_id")) return std::nullopt;
  return generation->integer("bos_token_id", token_range);
}

}  // namespace tenon
