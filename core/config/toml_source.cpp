#include "config/toml_source.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace tenon {
namespace {

// Parts of one dotted key. toml++ and this file recurse once for each part, so a line of a hundred
// thousand dots would exhaust the stack.
constexpr int max_key_parts = 16;

SourcePosition to_position(const toml::source_position& position) {
  return {static_cast<int>(position.line), static_cast<int>(position.column)};
}

ConfigValue convert(const toml::node& node);

ConfigValue convert_table(const toml::table& table) {
  ConfigValue result;
  result.kind = ConfigValueKind::table;
  for (auto&& [key, child] : table) {
    result.members.push_back(
        {std::string(key.str()), to_position(key.source().begin), convert(child)});
  }
  // toml++ iterates alphabetically; people read in the order of the file.
  std::stable_sort(result.members.begin(), result.members.end(),
                   [](const auto& a, const auto& b) { return a.key_position < b.key_position; });
  return result;
}

ConfigValue convert_array(const toml::array& array) {
  ConfigValue result;
  result.kind = ConfigValueKind::array;
  for (const toml::node& item : array)
    result.items.push_back(convert(item));
  return result;
}

ConfigValue convert_kind(const toml::node& node) {
  if (const auto* table = node.as_table()) return convert_table(*table);
  if (const auto* array = node.as_array()) return convert_array(*array);
  if (const auto* value = node.as_boolean()) return boolean_value(value->get());
  if (const auto* value = node.as_integer()) return integer_value(value->get());
  if (const auto* value = node.as_floating_point()) return number_value(value->get());
  if (const auto* value = node.as_string()) return string_value(value->get());
  ConfigValue result;
  result.kind = ConfigValueKind::date;
  return result;
}

ConfigValue convert(const toml::node& node) {
  ConfigValue result = convert_kind(node);
  result.position = to_position(node.source().begin);
  return result;
}

// Walks over the text's strings and comments and counts the dots between other characters.
class KeyDepthScan {
 public:
  explicit KeyDepthScan(std::string_view text) : text_(text) {}

  std::optional<TomlMistake> run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        skip_comment();
      } else if (c == '"' || c == '\'') {
        skip_string(c);
      } else {
        ++at_;
        if (c == '.' && ++dots_ >= max_key_parts) return mistake();
        if (std::string_view("=[]{},\n").find(c) != std::string_view::npos) dots_ = 0;
      }
    }
    return std::nullopt;
  }

 private:
  void skip_comment() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  void skip_string(char quote) {
    const bool multi_line = text_.substr(at_, 3) == std::string(3, quote);
    const std::string end(multi_line ? 3 : 1, quote);
    at_ += end.size();
    while (at_ < text_.size() && text_.substr(at_, end.size()) != end) {
      if (!multi_line && text_[at_] == '\n') return;  // a syntax error; the parser will say so
      at_ += quote == '"' && text_[at_] == '\\' ? 2 : 1;
    }
    at_ = std::min(at_ + end.size(), text_.size());
  }

  TomlMistake mistake() const {
    const std::string_view before = text_.substr(0, at_ - 1);
    const size_t line_start =
        before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    const auto is_first_byte = [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    };
    SourcePosition position;
    position.line = 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
    position.column = 1 + static_cast<int>(std::count_if(before.begin() + line_start, before.end(),
                                                         is_first_byte));
    return {position, "a dotted key has more than " + std::to_string(max_key_parts) + " parts"};
  }

  std::string_view text_;
  size_t at_ = 0;
  int dots_ = 0;
};

}  // namespace

TomlResult parse_toml(std::string_view text) {
  TomlResult result;
  result.mistake = KeyDepthScan(text).run();
  if (result.mistake) return result;
  try {
    const toml::table table = toml::parse(text);
    result.root = convert(table);
  } catch (const toml::parse_error& error) {
    result.mistake =
        TomlMistake{to_position(error.source().begin), std::string(error.description())};
  } catch (const std::exception& error) {
    result.mistake = TomlMistake{{1, 1}, error.what()};
  }
  return result;
}

}  // namespace tenon
