// The `pattern` of a Split or Replace component: {"String": ...} or {"Regex": ...}.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tokenizer/json_node.hpp"
#include "tokenizer/regex.hpp"

namespace tenon::tok {

// A part of a text: either a match or what stands between two matches.
struct Part {
  size_t begin;
  size_t end;
  bool is_match;
};

class TextPattern {
 public:
  static TextPattern literal(std::string text);
  static TextPattern regex(std::string_view pattern, std::string where);
  static TextPattern read(const JsonNode& node);

  // One thread's searches. Refers to the pattern.
  class Finder {
   public:
    explicit Finder(const TextPattern& pattern);
    // The whole of `text` (valid UTF-8) as parts in order; empty matches appear as empty parts.
    // Replaces the contents of `parts`.
    void split(std::string_view text, std::vector<Part>& parts);

   private:
    const std::string* literal_ = nullptr;
    std::vector<RegexSearch> search_;  // none or one
  };

 private:
  explicit TextPattern(std::variant<std::string, Regex> value) : value_(std::move(value)) {}
  std::variant<std::string, Regex> value_;
};

// `text` with each match replaced by `content`.
std::string replace_all(std::string_view text, const TextPattern& pattern,
                        std::string_view content);

}  // namespace tenon::tok
