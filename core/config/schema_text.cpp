// How a key's range and type read in messages and in the documentation.
#include <fmt/format.h>

#include "config/schema.hpp"
#include "config/size_text.hpp"

namespace tenon {
namespace {

std::string limit_text(double limit) {
  return fmt::format("{}", limit);
}

std::string choices_text(const KeyDescription& key) {
  std::string text;
  for (size_t i = 0; i < key.choices.size(); ++i) {
    if (i > 0) text += i + 1 == key.choices.size() ? " or " : ", ";
    text += toml_string(key.choices[i]);
  }
  return text;
}

std::string with_range(const std::string& type, const KeyDescription& key) {
  const std::string range = range_text(key);
  return range.empty() ? type : type + ", " + range;
}

}  // namespace

std::string range_text(const KeyDescription& key) {
  if (key.minimum && key.maximum && !key.above_minimum) {
    return limit_text(*key.minimum) + " to " + limit_text(*key.maximum);
  }
  std::string text;
  if (key.minimum)
    text = (key.above_minimum ? "greater than " : "at least ") + limit_text(*key.minimum);
  if (key.maximum) text += (text.empty() ? "at most " : ", at most ") + limit_text(*key.maximum);
  return text;
}

std::string expected_text(const KeyDescription& key) {
  switch (key.type) {
    case KeyType::boolean:
      return "true or false";
    case KeyType::integer:
      return with_range("an integer", key);
    case KeyType::number:
      return with_range("a number", key);
    case KeyType::string:
      return "a string, not empty";
    case KeyType::choice:
      return choices_text(key);
    case KeyType::path:
      return "a path as a string";
    case KeyType::paths:
      return "a path or an array of paths, none of them empty";
    case KeyType::backend:
      return "a backend's name, the path of a .so, or \"auto\"";
    case KeyType::size:
      return std::string(size_syntax) + ", a number of bytes, or \"auto\"";
    case KeyType::cache_size:
      return std::string(size_syntax) + ", a share above 0.0 and at most 1.0, or \"auto\"";
    case KeyType::option:
      return "a boolean, an integer, a finite number or a string";
  }
  return "";
}

}  // namespace tenon
