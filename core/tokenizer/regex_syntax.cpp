#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "tokenizer/regex.hpp"

namespace tenon::tok {
namespace {

// Unicode White_Space. PCRE2's \s would add U+180E.
constexpr std::string_view space_ranges =
    R"(\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})";
// Oniguruma's \w. PCRE2's would leave out marks and add all numbers.
constexpr std::string_view word_ranges = R"(\p{L}\p{M}\p{Nd}\p{Pc})";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

class Translator {
 public:
  Translator(std::string_view pattern, const std::string& where)
      : pattern_(pattern), where_(where) {}

  std::string run() {
    while (at_ < pattern_.size()) {
      const char c = pattern_[at_];
      if (c == '\\') {
        escape();
      } else if (in_class_) {
        class_character(c);
      } else {
        plain_character(c);
      }
    }
    return std::move(out_);
  }

 private:
  char peek(size_t ahead) const {
    return at_ + ahead < pattern_.size() ? pattern_[at_ + ahead] : '\0';
  }
  bool starts(std::string_view text) const { return pattern_.substr(at_).starts_with(text); }
  void copy(size_t count) {
    out_.append(pattern_.substr(at_, count));
    at_ += count;
  }
  [[noreturn]] void refuse(std::string_view what) const {
    fail_input(where_, fmt::format("unsupported regular expression: {} at byte {}", what, at_),
               "the subset that Tenon translates from Oniguruma", pattern_);
  }

  bool means_the_same(char letter) const {
    if (!in_class_ && (letter == 'A' || letter == 'z')) return true;
    return std::string_view("dDrntfex").find(letter) != std::string_view::npos;
  }

  void escape() {
    const char c = peek(1);
    if (c == '\0') refuse("a lone backslash");
    const std::string_view ranges = (c == 's' || c == 'S') ? space_ranges : word_ranges;
    if (c == 's' || c == 'w') {
      out_ += in_class_ ? std::string(ranges) : fmt::format("[{}]", ranges);
      at_ += 2;
    } else if (c == 'S' || c == 'W') {
      if (in_class_) refuse("\\S or \\W in a class");
      out_ += fmt::format("[^{}]", ranges);
      at_ += 2;
    } else if (c == 'v') {
      out_ += "\\x0b";
      at_ += 2;
    } else if (c == 'p' || c == 'P' || (c == 'x' && peek(2) == '{')) {
      braced(c);
    } else if ((is_letter(c) || is_digit(c)) && !means_the_same(c)) {
      refuse(fmt::format("the escape \\{}", c));
    } else {
      copy(2);
    }
    after_class_start_ = false;
  }

  // \p{...}, \P{...}, \x{...}
  void braced(char letter) {
    const size_t close = pattern_.find('}', at_);
    if (peek(2) != '{' || close == std::string_view::npos) {
      refuse(fmt::format("\\{} without {{...}}", letter));
    }
    copy(close + 1 - at_);
  }

  void class_character(char c) {
    if (c == '[' && peek(1) != ':') refuse("a class inside a class");
    if (starts("&&")) refuse("&& in a class");
    if (c == '[') {
      const size_t close = pattern_.find(":]", at_);
      if (close == std::string_view::npos) refuse("an unclosed [:name:]");
      copy(close + 2 - at_);
    } else {
      if (c == ']' && after_class_start_) refuse("an empty class");
      if (c == ']') in_class_ = false;
      copy(1);
    }
    after_class_start_ = false;
  }

  void plain_character(char c) {
    if (c == '[') {
      in_class_ = true;
      after_class_start_ = true;
      copy(peek(1) == '^' ? 2 : 1);
    } else if (c == '(') {
      group();
    } else if (c == '{') {
      counted();
    } else {
      copy(1);
    }
  }

  void group() {
    if (peek(1) == '*') refuse("(*...)");
    if (peek(1) != '?') return copy(1);
    for (const std::string_view known :
         {"(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:", "(?i)", "(?-i:"}) {
      if (starts(known)) return copy(known.size());
    }
    refuse("this kind of group");
  }

  // {n}, {n,}, {n,m}, {,m}; a brace that counts nothing is a literal in both syntaxes.
  void counted() {
    size_t end = at_ + 1;
    while (end < pattern_.size() && (is_digit(pattern_[end]) || pattern_[end] == ','))
      ++end;
    if (end >= pattern_.size() || pattern_[end] != '}' || end == at_ + 1) return copy(1);
    if (end + 1 < pattern_.size() && pattern_[end + 1] == '+') refuse("{...}+");
    if (end + 1 < pattern_.size() && pattern_[end + 1] == '?' &&
        pattern_.substr(at_, end - at_).find(',') == std::string_view::npos) {
      refuse("{n}?");
    }
    if (peek(1) == ',') {
      out_ += "{0";
      ++at_;
    }
    copy(end + 1 - at_);
  }

  std::string_view pattern_;
  const std::string& where_;
  size_t at_ = 0;
  bool in_class_ = false;
  bool after_class_start_ = false;
  std::string out_;
};

}  // namespace

std::string to_pcre2_syntax(std::string_view pattern, const std::string& where) {
  return Translator(pattern, where).run();
}

}  // namespace tenon::tok
