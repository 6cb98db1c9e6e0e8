// One table of published.toml, read strictly.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace validation {

// Every getter throws std::runtime_error with file:line for a missing key or a wrong type, and
// finish() for a key that nobody asked for.
class Fields {
 public:
  Fields(std::string file, const toml::table& table) : file_(std::move(file)), table_(table) {}

  std::string text(const std::string& key);
  double number(const std::string& key);
  std::int64_t integer(const std::string& key);
  std::string text_or(const std::string& key, const std::string& otherwise);
  double number_or(const std::string& key, double otherwise);
  std::int64_t integer_or(const std::string& key, std::int64_t otherwise);
  bool flag(const std::string& key);  // false if absent
  bool has(const std::string& key) const { return table_.contains(key); }
  void finish() const;

 private:
  [[noreturn]] void refuse(const std::string& key, const std::string& text) const;
  const toml::node& node(const std::string& key);

  std::string file_;
  const toml::table& table_;
  std::set<std::string> used_;
};

}  // namespace validation
