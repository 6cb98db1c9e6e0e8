#include "fields.hpp"

#include <stdexcept>

namespace validation {

void Fields::refuse(const std::string& key, const std::string& text) const {
  const toml::node* node = table_.get(key);
  const auto line = node != nullptr ? node->source().begin.line : table_.source().begin.line;
  throw std::runtime_error("[" + file_ + ":" + std::to_string(line) + "] `" + key + "` " + text);
}

const toml::node& Fields::node(const std::string& key) {
  const toml::node* found = table_.get(key);
  if (found == nullptr) refuse(key, "is missing in this row");
  used_.insert(key);
  return *found;
}

std::string Fields::text(const std::string& key) {
  const auto* value = node(key).as_string();
  if (value == nullptr) refuse(key, "is no text; expected one");
  return value->get();
}

double Fields::number(const std::string& key) {
  const auto value = node(key).value<double>();
  if (!value) refuse(key, "is no number; expected one");
  return *value;
}

std::int64_t Fields::integer(const std::string& key) {
  const auto* value = node(key).as_integer();
  if (value == nullptr) refuse(key, "is no integer; expected one");
  return value->get();
}

std::string Fields::text_or(const std::string& key, const std::string& otherwise) {
  return has(key) ? text(key) : otherwise;
}

double Fields::number_or(const std::string& key, double otherwise) {
  return has(key) ? number(key) : otherwise;
}

std::int64_t Fields::integer_or(const std::string& key, std::int64_t otherwise) {
  return has(key) ? integer(key) : otherwise;
}

bool Fields::flag(const std::string& key) {
  if (!has(key)) return false;
  const auto* value = node(key).as_boolean();
  if (value == nullptr) refuse(key, "is no boolean; expected true or false");
  return value->get();
}

void Fields::finish() const {
  for (auto&& [key, value] : table_) {
    if (!used_.contains(std::string(key.str()))) {
      refuse(std::string(key.str()), "is unknown in a row of this kind");
    }
  }
}

}  // namespace validation
