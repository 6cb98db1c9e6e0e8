#include "tokenizer/text_pattern.hpp"

#include <utility>

#include "tokenizer/utf8.hpp"

namespace tenon::tok {
namespace {

template <class Find>
void split_with(std::string_view text, std::vector<Part>& parts, Find&& find) {
  size_t previous = 0;
  size_t from = 0;
  while (from <= text.size()) {
    const std::optional<RegexMatch> match = find(from);
    if (!match) break;
    const bool empty = match->begin == match->end;
    // An empty match right after the previous match is none (Oniguruma's find_iter).
    if (!(empty && !parts.empty() && match->end == previous)) {
      if (previous != match->begin) parts.push_back({previous, match->begin, false});
      parts.push_back({match->begin, match->end, true});
      previous = match->end;
    }
    from = match->end;
    if (empty) from += from < text.size() ? read_utf8(text, from).size : 1;
  }
  if (previous != text.size()) parts.push_back({previous, text.size(), false});
}

}  // namespace

TextPattern TextPattern::literal(std::string text) {
  return TextPattern(std::move(text));
}

TextPattern TextPattern::regex(std::string_view pattern, std::string where) {
  return TextPattern(Regex(pattern, std::move(where)));
}

TextPattern TextPattern::read(const JsonNode& node) {
  if (const auto text = node.optional_field("String")) return literal(text->text());
  if (const auto text = node.optional_field("Regex")) return regex(text->text(), text->where());
  node.fail("unknown kind of pattern", "{\"String\": ...} or {\"Regex\": ...}");
}

TextPattern::Finder::Finder(const TextPattern& pattern) {
  if (const auto* text = std::get_if<std::string>(&pattern.value_)) {
    literal_ = text;
  } else {
    search_.emplace_back(std::get<Regex>(pattern.value_));
  }
}

void TextPattern::Finder::split(std::string_view text, std::vector<Part>& parts) {
  parts.clear();
  if (text.empty()) return;
  if (!literal_) {
    split_with(text, parts, [&](size_t from) { return search_[0].find(text, from); });
    return;
  }
  if (literal_->empty()) {
    parts.push_back({0, text.size(), false});
    return;
  }
  split_with(text, parts, [&](size_t from) -> std::optional<RegexMatch> {
    const size_t at = text.find(*literal_, from);
    if (at == std::string_view::npos) return std::nullopt;
    return RegexMatch{at, at + literal_->size()};
  });
}

std::string replace_all(std::string_view text, const TextPattern& pattern,
                        std::string_view content) {
  std::vector<Part> parts;
  TextPattern::Finder(pattern).split(text, parts);
  std::string out;
  out.reserve(text.size());
  for (const Part& part : parts) {
    out.append(part.is_match ? content : text.substr(part.begin, part.end - part.begin));
  }
  return out;
}

}  // namespace tenon::tok
