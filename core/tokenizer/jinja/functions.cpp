#include <fmt/format.h>

#include <functional>
#include <optional>

#include "tokenizer/jinja/interpreter.hpp"
#include "tokenizer/jinja/lexer.hpp"
#include "tokenizer/unicode_normalize.hpp"
#include "tokenizer/utf8.hpp"

namespace tenon::jinja {
namespace {

[[noreturn]] void refuse(const CallSite& site, std::string_view kind, const Value& value) {
  fail_template(
      site.file, site.line,
      fmt::format("uses the unsupported {} \"{}\" on {}", kind, site.name, value.type_name()));
}

// What Python's str.strip takes away without an argument.
bool is_python_space(char32_t value) {
  return tok::is_white_space(value) || (value >= 0x1C && value <= 0x1F);
}

std::string strip(std::string_view text, bool left, bool right,
                  const std::function<bool(char32_t)>& taken) {
  size_t begin = 0;
  while (left && begin < text.size()) {
    const tok::Utf8Step step = tok::read_utf8(text, begin);
    if (!taken(step.value)) break;
    begin += step.size;
  }
  size_t end = text.size();
  while (right && end > begin) {
    size_t start = end - 1;
    while (start > begin && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80)
      --start;
    if (!taken(tok::read_utf8(text, start).value)) break;
    end = start;
  }
  return std::string(text.substr(begin, end - begin));
}

const std::string& text_argument(const CallSite& site, const List& arguments, size_t i) {
  if (i >= arguments.size() || !arguments[i].as_text()) {
    fail_template(site.file, site.line,
                  fmt::format("calls \"{}\" with arguments that are not supported", site.name));
  }
  return *arguments[i].as_text();
}

Value strip_method(const CallSite& site, const std::string& text, const List& arguments) {
  const bool left = site.name != "rstrip";
  const bool right = site.name != "lstrip";
  if (arguments.empty()) return strip(text, left, right, is_python_space);
  const std::string& characters = text_argument(site, arguments, 0);
  return strip(text, left, right, [&](char32_t value) {
    std::string one;
    tok::append_utf8(one, value);
    return characters.find(one) != std::string::npos;
  });
}

Value split_method(const CallSite& site, const std::string& text, const List& arguments) {
  const std::string& separator = text_argument(site, arguments, 0);
  const int64_t* most = arguments.size() == 2 ? arguments[1].get_if<int64_t>() : nullptr;
  if (separator.empty() || arguments.size() > 2 || (arguments.size() == 2 && !most)) {
    fail_template(site.file, site.line, "calls \"split\" in an unsupported way");
  }
  const auto limit = static_cast<uint64_t>(most ? *most : -1);  // negative: no limit, as in Python
  List parts;
  size_t begin = 0;
  for (;;) {
    const size_t end = parts.size() < limit ? text.find(separator, begin) : std::string::npos;
    parts.emplace_back(text.substr(begin, end - begin));
    if (end == std::string::npos) return Value::list(std::move(parts));
    begin = end + separator.size();
  }
}

Value replace_method(const CallSite& site, const std::string& text, const List& arguments) {
  const std::string& from = text_argument(site, arguments, 0);
  const std::string& to = text_argument(site, arguments, 1);
  if (from.empty() || arguments.size() > 2) {
    fail_template(site.file, site.line, "calls \"replace\" in an unsupported way");
  }
  std::string out;
  size_t begin = 0;
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, begin)) {
    out.append(text, begin, at - begin).append(to);
    begin = at + from.size();
  }
  return out.append(text, begin);
}

std::optional<int64_t> length_of(const Value& value) {
  if (const auto* list = value.as_list()) return static_cast<int64_t>(list->size());
  if (const auto* map = value.as_map()) return static_cast<int64_t>(map->size());
  const auto* text = value.as_text();
  if (!text) return std::nullopt;
  int64_t characters = 0;
  for (const char c : *text)
    characters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80 ? 1 : 0;
  return characters;
}

}  // namespace

Value apply_filter(const CallSite& site, const Value& value, const List& arguments,
                   const Map& named) {
  const std::string& name = site.name;
  if (name == "default" || name == "d") {
    bool falsy_too = arguments.size() > 1 && arguments[1].truthy();
    if (const auto found = named.find("boolean"); found != named.end()) {
      falsy_too = found->second.truthy();
    }
    const bool replaced = value.is_undefined() || (falsy_too && !value.truthy());
    return replaced ? (arguments.empty() ? Value(std::string()) : arguments[0]) : value;
  }
  if (!arguments.empty() || !named.empty()) refuse(site, "filter (with arguments)", value);
  if (name == "length" || name == "count") {
    const auto length = length_of(value);
    if (!length) refuse(site, "filter", value);
    return *length;
  }
  if (name == "trim" && value.as_text())
    return strip(*value.as_text(), true, true, is_python_space);
  if (name == "string") return to_text(site, value);
  if (const auto* list = value.as_list()) {
    if (name == "first") return list->empty() ? Value() : list->front();
    if (name == "last") return list->empty() ? Value() : list->back();
    if (name == "list") return value;
  }
  if (const Map* map = value.as_map(); map && name == "items") {
    List pairs;
    for (const auto& [key, item] : *map)
      pairs.push_back(Value::list({key, item}));
    return Value::list(std::move(pairs));
  }
  refuse(site, "filter", value);
}

bool apply_test(const CallSite& site, const Value& value, const List& arguments) {
  const std::string& name = site.name;
  if (arguments.empty()) {
    if (name == "defined") return !value.is_undefined();
    if (name == "undefined") return value.is_undefined();
    if (name == "none") return value.is_none();
    if (name == "string") return value.as_text() != nullptr;
    if (name == "mapping") return value.as_map() != nullptr;
    if (name == "boolean") return value.get_if<bool>() != nullptr;
    if (name == "true") return value.get_if<bool>() && *value.get_if<bool>();
    if (name == "false") return value.get_if<bool>() && !*value.get_if<bool>();
    if (name == "integer") return value.get_if<int64_t>() != nullptr;
    if (name == "iterable" || name == "sequence") {
      // An undefined value iterates as an empty sequence in Jinja.
      return value.as_text() || value.as_list() || value.as_map() || value.is_undefined();
    }
  }
  refuse(site, "test", value);
}

Value call_method(const CallSite& site, const Value& value, const List& arguments) {
  const std::string& name = site.name;
  if (const auto* text = value.as_text()) {
    if (name == "strip" || name == "lstrip" || name == "rstrip") {
      return strip_method(site, *text, arguments);
    }
    if (name == "split") return split_method(site, *text, arguments);
    if (name == "replace") return replace_method(site, *text, arguments);
    if (name == "startswith") return text->starts_with(text_argument(site, arguments, 0));
    if (name == "endswith") return text->ends_with(text_argument(site, arguments, 0));
  }
  if (const Map* map = value.as_map(); map && name == "get" && !arguments.empty()) {
    const auto found = map->find(text_argument(site, arguments, 0));
    if (found != map->end()) return found->second;
    return arguments.size() > 1 ? arguments[1] : Value(None{});
  }
  refuse(site, "method", value);
}

std::string to_text(const CallSite& site, const Value& value) {
  if (const auto* text = value.as_text()) return *text;
  if (const auto* number = value.get_if<int64_t>()) return std::to_string(*number);
  if (const auto* flag = value.get_if<bool>()) return *flag ? "True" : "False";
  if (value.is_none()) return "None";
  if (value.is_undefined()) return "";
  fail_template(site.file, site.line, fmt::format("prints {}", value.type_name()));
}

}  // namespace tenon::jinja
