#include "tokenizer/json_node.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.hpp"

namespace tenon::tok {
namespace {

std::string short_dump(const nlohmann::json& value) {
  if (value.is_structured()) return value.is_array() ? "a list" : "an object";
  std::string text = value.dump();
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

}  // namespace

JsonNode::JsonNode(const nlohmann::json& value, std::string file, std::string place)
    : value_(&value), file_(std::move(file)), place_(std::move(place)) {}

std::string JsonNode::where() const {
  return place_.empty() ? file_ : file_ + ": " + place_;
}

void JsonNode::fail(std::string_view what, std::string_view expected,
                    std::string_view found) const {
  fail_input(where(), what, expected, found);
}

JsonNode JsonNode::field(std::string_view name) const {
  if (!value_->is_object()) fail("wrong type", "an object", short_dump(*value_));
  const auto found = value_->find(std::string(name));
  if (found == value_->end()) fail(fmt::format("the field \"{}\" is missing", name));
  return {*found, file_, place_.empty() ? std::string(name) : fmt::format("{}.{}", place_, name)};
}

std::optional<JsonNode> JsonNode::optional_field(std::string_view name) const {
  if (!value_->is_object()) fail("wrong type", "an object", short_dump(*value_));
  const auto found = value_->find(std::string(name));
  if (found == value_->end() || found->is_null()) return std::nullopt;
  return field(name);
}

std::vector<JsonNode> JsonNode::items() const {
  if (!value_->is_array()) fail("wrong type", "a list", short_dump(*value_));
  std::vector<JsonNode> nodes;
  nodes.reserve(value_->size());
  for (size_t i = 0; i < value_->size(); ++i) {
    nodes.emplace_back((*value_)[i], file_, fmt::format("{}[{}]", place_, i));
  }
  return nodes;
}

std::string JsonNode::text() const {
  if (!value_->is_string()) fail("wrong type", "a text", short_dump(*value_));
  return value_->get<std::string>();
}

bool JsonNode::boolean() const {
  if (!value_->is_boolean()) fail("wrong type", "true or false", short_dump(*value_));
  return value_->get<bool>();
}

int64_t JsonNode::integer() const {
  const bool fits = value_->is_number_integer() &&
                    !(value_->is_number_unsigned() && value_->get<uint64_t>() > INT64_MAX);
  if (!fits) fail("wrong type", "an integer", short_dump(*value_));
  return value_->get<int64_t>();
}

bool JsonNode::is_text() const {
  return value_->is_string();
}

bool JsonNode::is_list() const {
  return value_->is_array();
}

bool JsonNode::is_object() const {
  return value_->is_object();
}

bool JsonNode::flag(std::string_view name, bool otherwise) const {
  const auto node = optional_field(name);
  return node ? node->boolean() : otherwise;
}

}  // namespace tenon::tok
