#include "checkpoint/quantisation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "base/mapped_file.hpp"
#include "checkpoint/layer_pattern.hpp"
#include "checkpoint/strict_json.hpp"

namespace tenon {

const char* quantisation_name(LinearQuantisation quantisation) {
  switch (quantisation) {
    case LinearQuantisation::none:
      return "float";
    case LinearQuantisation::static_per_tensor:
      return "W8A8 static";
    case LinearQuantisation::dynamic_per_token:
      return "W8A8 dynamic";
  }
  return "unknown";
}

// --- compressed-tensors ------------------------------------------------------------------------

struct QuantisationScheme::Groups {
  struct Group {
    std::vector<LayerPattern> targets;
    LinearQuantisation quantisation = LinearQuantisation::none;
  };
  std::vector<Group> groups;
  std::vector<LayerPattern> ignored;
};

namespace {

// One half of a group: "weights" or "input_activations".
void require_eight_bits(const ModelConfig& config, const std::string& key) {
  const auto require = [&](const char* name, bool holds, const char* expected) {
    if (!holds) {
      config.refuse(key + "." + name, "this quantisation is not supported", expected,
                    "another value");
    }
  };
  require("num_bits", config.integer(key + ".num_bits", {1, 64}, 8) == 8, "8");
  require("type", config.text(key + ".type", "int") == "int", "\"int\"");
  require("symmetric", config.boolean(key + ".symmetric", true), "true");
}

LinearQuantisation group_quantisation(const ModelConfig& config, const std::string& group) {
  const std::string weights = group + ".weights";
  const std::string inputs = group + ".input_activations";
  if (!config.has(weights)) config.refuse(weights, "is missing", "a description", "nothing");
  require_eight_bits(config, weights);
  if (config.text(weights + ".strategy", "channel") != "channel") {
    config.refuse(weights + ".strategy", "this quantisation is not supported", "\"channel\"",
                  config.text(weights + ".strategy"));
  }
  if (!config.has(inputs)) {
    config.refuse(inputs, "weights alone cannot be quantised", "8-bit input_activations", "none");
  }
  require_eight_bits(config, inputs);
  const bool dynamic = config.boolean(inputs + ".dynamic", false);
  const std::string strategy = config.text(inputs + ".strategy", dynamic ? "token" : "tensor");
  if (strategy != (dynamic ? "token" : "tensor")) {
    config.refuse(inputs + ".strategy", "this quantisation is not supported",
                  dynamic ? "\"token\" with dynamic = true" : "\"tensor\" with dynamic = false",
                  strategy);
  }
  return dynamic ? LinearQuantisation::dynamic_per_token : LinearQuantisation::static_per_tensor;
}

std::vector<LayerPattern> patterns(const ModelConfig& config, const std::string& key) {
  std::vector<LayerPattern> list;
  for (const std::string& text : config.text_list(key, std::vector<std::string>{}))
    list.emplace_back(text, config.where() + ": " + key);
  return list;
}

bool any_matches(const std::vector<LayerPattern>& list, const std::string& layer) {
  return std::ranges::any_of(list,
                             [&](const LayerPattern& pattern) { return pattern.matches(layer); });
}

// --- ModelSlim ---------------------------------------------------------------------------------

std::map<std::string, std::string> read_types(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  const auto bytes = mapped.bytes();
  const nlohmann::json document =
      parse_strict_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file.string());
  if (!document.is_object()) {
    fail_input(file.string(), "does not describe a quantised model", "an object of tensor types",
               describe_json(document));
  }
  std::map<std::string, std::string> types;
  for (const auto& [name, type] : document.items()) {
    if (type.is_string()) types.emplace(name, type.get<std::string>());
  }
  return types;
}

}  // namespace

QuantisationScheme QuantisationScheme::at_load() {
  QuantisationScheme scheme;
  scheme.format_ = QuantisationFormat::at_load;
  return scheme;
}

QuantisationScheme QuantisationScheme::read(const std::filesystem::path& folder,
                                            const ModelConfig& config) {
  QuantisationScheme scheme;
  const std::filesystem::path description = folder / "quant_model_description.json";
  if (std::filesystem::is_regular_file(description)) {
    scheme.format_ = QuantisationFormat::modelslim;
    scheme.where_ = description.string();
    scheme.types_ = read_types(description);
    return scheme;
  }
  if (!config.has("quantization_config")) return scheme;
  const std::string method = config.text("quantization_config.quant_method");
  if (method != "compressed-tensors") {
    config.refuse("quantization_config.quant_method", "this quantisation is not supported",
                  "\"compressed-tensors\", or a quant_model_description.json beside the weights",
                  method);
  }
  auto groups = std::make_shared<Groups>();
  const std::string key = "quantization_config.config_groups";
  for (const std::string& name : config.keys(key)) {
    const std::string group = key + "." + name;
    groups->groups.push_back(
        {patterns(config, group + ".targets"), group_quantisation(config, group)});
  }
  groups->ignored = patterns(config, "quantization_config.ignore");
  scheme.format_ = QuantisationFormat::compressed_tensors;
  scheme.where_ = config.where();
  scheme.groups_ = std::move(groups);
  return scheme;
}

LinearQuantisation QuantisationScheme::of(const std::string& layer) const {
  switch (format_) {
    case QuantisationFormat::none:
      return LinearQuantisation::none;
    case QuantisationFormat::at_load:
      return LinearQuantisation::dynamic_per_token;
    case QuantisationFormat::compressed_tensors:
      if (any_matches(groups_->ignored, layer)) return LinearQuantisation::none;
      for (const Groups::Group& group : groups_->groups) {
        if (any_matches(group.targets, layer)) return group.quantisation;
      }
      return LinearQuantisation::none;
    case QuantisationFormat::modelslim:
      break;
  }
  const auto type = types_.find(layer + ".weight");
  if (type == types_.end() || type->second == "FLOAT") return LinearQuantisation::none;
  if (type->second == "W8A8") return LinearQuantisation::static_per_tensor;
  if (type->second == "W8A8_DYNAMIC") return LinearQuantisation::dynamic_per_token;
  fail_input(where_, fmt::format("the type of '{}.weight' is not supported", layer),
             "FLOAT, W8A8 or W8A8_DYNAMIC", type->second);
}

}  // namespace tenon
