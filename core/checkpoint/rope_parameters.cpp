#include "checkpoint/rope_parameters.hpp"

#include <array>
#include <string>
#include <utility>

#include "checkpoint/printable.hpp"

namespace tenon {
namespace {

constexpr std::array<std::pair<std::string_view, RopeType>, 4> type_names = {{
    {"default", RopeType::unscaled},
    {"linear", RopeType::linear},
    {"llama3", RopeType::llama3},
    {"yarn", RopeType::yarn},
}};

constexpr NumberRange theta_range{2.0, 1e15};
constexpr NumberRange factor_range{1.0, 1e6};
constexpr NumberRange positive_range{1e-6, 1e6};
constexpr NumberRange share_range{1e-3, 1.0};
constexpr NumberRange mscale_range{0.0, 100.0};
constexpr IntegerRange length_range{1, int64_t{1} << 31};

// Reads one object of rope numbers; `prefix` is its dotted path, or "" if there is none.
class RopeReader {
 public:
  RopeReader(const ModelConfig& config, std::string prefix)
      : config_(config), prefix_(std::move(prefix)) {}

  RopeParameters read() const {
    RopeParameters rope;
    rope.theta = config_.number(key_or_top("rope_theta"), theta_range, rope.theta);
    rope.partial_rotary_factor =
        config_.number(key_or_top("partial_rotary_factor"), share_range, 1.0);
    if (prefix_.empty()) return rope;
    refuse_multimodal();
    rope.type = read_type();
    if (rope.type != RopeType::unscaled) rope.factor = config_.number(key("factor"), factor_range);
    if (rope.type == RopeType::llama3) read_llama3(rope);
    if (rope.type == RopeType::yarn) read_yarn(rope);
    return rope;
  }

 private:
  std::string key(std::string_view name) const { return prefix_ + "." + std::string(name); }

  std::string key_or_top(std::string_view name) const {
    if (!prefix_.empty() && config_.has(key(name))) return key(name);
    return std::string(name);
  }

  RopeType type_under(const std::string& path) const {
    const std::string written = config_.text(path);
    for (const auto& [name, type] : type_names) {
      if (name == written) return type;
    }
    config_.refuse(path, "is a kind of rotary embedding that is not supported",
                   "default, linear, llama3 or yarn", quoted_name(written));
  }

  RopeType read_type() const {
    const bool now = config_.has(key("rope_type"));
    const bool before = config_.has(key("type"));
    if (now && before && type_under(key("rope_type")) != type_under(key("type"))) {
      config_.refuse(key("type"), "disagrees with 'rope_type'",
                     quoted_name(config_.text(key("rope_type"))),
                     quoted_name(config_.text(key("type"))));
    }
    if (now) return type_under(key("rope_type"));
    if (before) return type_under(key("type"));
    if (config_.has(key("factor"))) {
      config_.refuse(key("rope_type"), "is missing although 'factor' is given",
                     "default, linear, llama3 or yarn", "");
    }
    return RopeType::unscaled;
  }

  void refuse_multimodal() const {
    if (config_.has(key("mrope_section"))) {
      config_.refuse(key("mrope_section"), "asks for multimodal rotary embedding (mrope)",
                     "a rotary embedding of text positions", "mrope_section");
    }
  }

  void read_llama3(RopeParameters& rope) const {
    rope.low_freq_factor = config_.number(key("low_freq_factor"), positive_range);
    rope.high_freq_factor = config_.number(key("high_freq_factor"), positive_range);
    if (rope.high_freq_factor <= rope.low_freq_factor) {
      config_.refuse(key("high_freq_factor"), "is not above low_freq_factor",
                     "a number above " + std::to_string(rope.low_freq_factor),
                     std::to_string(rope.high_freq_factor));
    }
    rope.original_max_position_embeddings =
        config_.integer(key("original_max_position_embeddings"), length_range);
  }

  void read_yarn(RopeParameters& rope) const {
    const std::string original = key("original_max_position_embeddings");
    rope.original_max_position_embeddings =
        config_.integer(config_.has(original) ? original : "max_position_embeddings", length_range);
    rope.beta_fast = config_.number(key("beta_fast"), positive_range, rope.beta_fast);
    rope.beta_slow = config_.number(key("beta_slow"), positive_range, rope.beta_slow);
    if (rope.beta_fast <= rope.beta_slow) {
      config_.refuse(key("beta_fast"), "is not above beta_slow",
                     "a number above " + std::to_string(rope.beta_slow),
                     std::to_string(rope.beta_fast));
    }
    rope.truncate = config_.boolean(key("truncate"), rope.truncate);
    rope.mscale = config_.number(key("mscale"), mscale_range, rope.mscale);
    rope.mscale_all_dim = config_.number(key("mscale_all_dim"), mscale_range, rope.mscale_all_dim);
    if (config_.has(key("attention_factor"))) {
      rope.attention_factor = config_.number(key("attention_factor"), positive_range);
    }
  }

  const ModelConfig& config_;
  std::string prefix_;
};

// Several sets of numbers under rope_parameters, and nobody said which.
void refuse_sections(const ModelConfig& config) {
  for (const std::string& name : config.keys("rope_parameters")) {
    if (config.kind("rope_parameters." + name) == ModelConfig::Kind::object) {
      config.refuse("rope_parameters", "holds one set of numbers for each kind of layer",
                    "one set, or a model definition that names the set it wants",
                    "the set " + quoted_name(name));
    }
  }
}

}  // namespace

std::string_view rope_type_name(RopeType type) {
  for (const auto& [name, known] : type_names) {
    if (known == type) return name;
  }
  return "unknown";
}

RopeParameters rope_parameters(const ModelConfig& config, std::string_view section) {
  if (!section.empty()) {
    const std::string prefix = "rope_parameters." + std::string(section);
    if (config.kind(prefix) != ModelConfig::Kind::object) {
      config.refuse(prefix, "is missing", "an object with the numbers of this kind of layer", "");
    }
    return RopeReader(config, prefix).read();
  }
  const bool now = config.has("rope_parameters");
  const bool before = config.has("rope_scaling");
  if (!now) return RopeReader(config, before ? "rope_scaling" : "").read();
  refuse_sections(config);
  const RopeParameters rope = RopeReader(config, "rope_parameters").read();
  if (before) {
    RopeParameters old = RopeReader(config, "rope_scaling").read();
    if (!config.has("rope_theta") && !config.has("rope_scaling.rope_theta")) old.theta = rope.theta;
    if (!(old == rope)) {
      config.refuse("rope_scaling", "disagrees with 'rope_parameters'", "the same numbers, or null",
                    "kind " + std::string(rope_type_name(old.type)) + " beside " +
                        std::string(rope_type_name(rope.type)));
    }
  }
  return rope;
}

}  // namespace tenon
