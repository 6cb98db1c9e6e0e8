#include "checkpoint/model_config.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.hpp"
#include "base/mapped_file.hpp"
#include "base/nearest_name.hpp"
#include "checkpoint/printable.hpp"
#include "checkpoint/strict_json.hpp"

namespace tenon {
namespace {

using nlohmann::json;

constexpr size_t size_limit = size_t{16} << 20;

std::string integer_text(IntegerRange range) {
  return fmt::format("an integer from {} to {}", range.min, range.max);
}

std::string number_text(NumberRange range) {
  return fmt::format("a number from {} to {}", range.min, range.max);
}

// The integer in `value`, if it is one and lies in the range.
std::optional<int64_t> integer_in(const json& value, IntegerRange range) {
  if (!value.is_number_integer()) return std::nullopt;
  if (value.is_number_unsigned() && value.get<uint64_t>() > uint64_t{INT64_MAX}) {
    return std::nullopt;
  }
  const auto number = value.get<int64_t>();
  if (number < range.min || number > range.max) return std::nullopt;
  return number;
}

std::string_view parent_of(std::string_view key) {
  const size_t dot = key.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}

std::string_view leaf_of(std::string_view key) {
  const size_t dot = key.rfind('.');
  return dot == std::string_view::npos ? key : key.substr(dot + 1);
}

}  // namespace

struct ModelConfig::Document {
  json root;

  // nullptr: absent or null.
  const json* find(std::string_view key, const ModelConfig& config) const {
    const json* at = &root;
    size_t begin = 0;
    while (begin < key.size()) {
      const size_t end = std::min(key.find('.', begin), key.size());
      if (!at->is_object()) {
        config.refuse(key.substr(0, begin - 1), "is not an object", "an object or null",
                      describe_json(*at));
      }
      const auto found = at->find(std::string(key.substr(begin, end - begin)));
      if (found == at->end() || found->is_null()) return nullptr;
      at = &*found;
      begin = end + 1;
    }
    return at;
  }
};

ModelConfig::ModelConfig(std::shared_ptr<const Document> document, std::string where)
    : document_(std::move(document)), where_(std::move(where)) {}

ModelConfig ModelConfig::read(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  const auto bytes = mapped.bytes();
  if (bytes.size() > size_limit) {
    fail_input(file.string(), "the file is too large to be a configuration", "at most 16 MiB",
               fmt::format("{} bytes", bytes.size()));
  }
  return parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file.string());
}

ModelConfig ModelConfig::parse(std::string_view text, std::string where) {
  auto document = std::make_shared<Document>(Document{parse_strict_json(text, where)});
  if (!document->root.is_object()) {
    fail_input(where, "the file does not hold a JSON object", "an object with keys",
               describe_json(document->root));
  }
  return {std::move(document), std::move(where)};
}

ModelConfig::Kind ModelConfig::kind(std::string_view key) const {
  const json* value = document_->find(key, *this);
  if (value == nullptr) return Kind::absent;
  switch (value->type()) {
    case json::value_t::object:
      return Kind::object;
    case json::value_t::array:
      return Kind::list;
    case json::value_t::string:
      return Kind::text;
    case json::value_t::boolean:
      return Kind::boolean;
    case json::value_t::number_float:
      return Kind::number;
    default:
      return Kind::integer;
  }
}

std::vector<std::string> ModelConfig::keys(std::string_view object) const {
  std::vector<std::string> names;
  const json* value = document_->find(object, *this);
  if (value == nullptr) return names;
  if (!value->is_object()) {
    refuse(object, "is not an object", "an object or null", describe_json(*value));
  }
  for (const auto& [name, item] : value->items()) {
    if (!item.is_null()) names.push_back(name);
  }
  return names;
}

int64_t ModelConfig::integer(std::string_view key, IntegerRange range,
                             std::optional<int64_t> fallback) const {
  const json* value = document_->find(key, *this);
  if (value == nullptr) {
    if (fallback) return *fallback;
    refuse_missing(key, integer_text(range));
  }
  if (const auto number = integer_in(*value, range)) return *number;
  refuse(key, value->is_number_integer() ? "is out of range" : "is not an integer",
         integer_text(range), describe_json(*value));
}

double ModelConfig::number(std::string_view key, NumberRange range,
                           std::optional<double> fallback) const {
  const json* value = document_->find(key, *this);
  if (value == nullptr) {
    if (fallback) return *fallback;
    refuse_missing(key, number_text(range));
  }
  if (!value->is_number()) {
    refuse(key, "is not a number", number_text(range), describe_json(*value));
  }
  const auto number = value->get<double>();
  if (number >= range.min && number <= range.max) return number;
  refuse(key, "is out of range", number_text(range), describe_json(*value));
}

bool ModelConfig::boolean(std::string_view key, std::optional<bool> fallback) const {
  const json* value = document_->find(key, *this);
  if (value == nullptr) {
    if (fallback) return *fallback;
    refuse_missing(key, "true or false");
  }
  if (value->is_boolean()) return value->get<bool>();
  refuse(key, "is not a truth value", "true or false", describe_json(*value));
}

std::string ModelConfig::text(std::string_view key,
                              const std::optional<std::string>& fallback) const {
  const json* value = document_->find(key, *this);
  if (value == nullptr) {
    if (fallback) return *fallback;
    refuse_missing(key, "text");
  }
  if (value->is_string()) return value->get<std::string>();
  refuse(key, "is not text", "text", describe_json(*value));
}

std::vector<int64_t> ModelConfig::integer_list(
    std::string_view key, IntegerRange range,
    const std::optional<std::vector<int64_t>>& fallback) const {
  const json* value = document_->find(key, *this);
  if (value == nullptr) {
    if (fallback) return *fallback;
    refuse_missing(key, "a list of integers");
  }
  if (!value->is_array()) {
    refuse(key, "is not a list", "a list of integers", describe_json(*value));
  }
  std::vector<int64_t> numbers;
  numbers.reserve(value->size());
  for (const json& item : *value) {
    const auto number = integer_in(item, range);
    if (!number) {
      refuse(fmt::format("{}[{}]", key, numbers.size()),
             item.is_number_integer() ? "is out of range" : "is not an integer",
             integer_text(range), describe_json(item));
    }
    numbers.push_back(*number);
  }
  return numbers;
}

std::vector<std::string> ModelConfig::text_list(
    std::string_view key, const std::optional<std::vector<std::string>>& fallback) const {
  const json* value = document_->find(key, *this);
  if (value == nullptr) {
    if (fallback) return *fallback;
    refuse_missing(key, "a list of texts");
  }
  if (!value->is_array()) refuse(key, "is not a list", "a list of texts", describe_json(*value));
  std::vector<std::string> texts;
  texts.reserve(value->size());
  for (const json& item : *value) {
    if (!item.is_string()) {
      refuse(fmt::format("{}[{}]", key, texts.size()), "is not text", "text", describe_json(item));
    }
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

void ModelConfig::refuse(std::string_view key, std::string_view what, std::string_view expected,
                         std::string_view found) const {
  fail_input(where_, fmt::format("key {} {}", quoted_name(key), what), expected, found);
}

void ModelConfig::refuse_missing(std::string_view key, std::string_view expected) const {
  const json* parent = document_->find(parent_of(key), *this);
  std::string found;
  if (parent != nullptr && parent->is_object()) {
    if (parent->contains(std::string(leaf_of(key)))) {
      found = "null";
    } else if (const auto near = nearest_name(leaf_of(key), keys(parent_of(key)))) {
      found = "a similar key " + quoted_name(*near);
    }
  }
  refuse(key, "is missing", expected, found);
}

}  // namespace tenon
