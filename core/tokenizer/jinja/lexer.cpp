#include "tokenizer/jinja/lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"

namespace tenon::jinja {
namespace {

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

class Lexer {
 public:
  Lexer(std::string_view source, const std::string& file) : source_(source), file_(file) {}

  std::vector<Token> run() {
    if (source_.ends_with('\n')) source_.remove_suffix(1);
    while (at_ < source_.size()) {
      size_t tag = at_;
      while (tag < source_.size() && !is_tag(tag))
        ++tag;
      data(tag);
      if (tag < source_.size()) read_tag();
    }
    push(TokenKind::end, "");
    return std::move(tokens_);
  }

 private:
  bool is_tag(size_t at) const {
    if (source_[at] != '{' || at + 1 >= source_.size()) return false;
    const char c = source_[at + 1];
    return c == '{' || c == '%' || c == '#';
  }
  char peek(size_t ahead) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  void push(TokenKind kind, std::string text, int64_t number = 0) {
    tokens_.push_back({kind, std::move(text), number, line_});
  }
  void advance(size_t count) {
    const auto part = source_.substr(at_, count);
    line_ += static_cast<int>(std::count(part.begin(), part.end(), '\n'));
    at_ += count;
  }

  // The text up to the tag at `end`, less what the tags around it take away.
  void data(size_t end) {
    std::string_view text = source_.substr(at_, end - at_);
    if (end < source_.size()) {
      const char kind = source_[end + 1];
      const char sign = end + 2 < source_.size() ? source_[end + 2] : '\0';
      if (sign == '-') {
        while (!text.empty() && is_space(text.back()))
          text.remove_suffix(1);
      } else if (kind != '{' && sign != '+') {
        const size_t line = text.rfind('\n') + 1;
        if ((line > 0 || line_starting_) &&
            std::all_of(text.begin() + static_cast<std::ptrdiff_t>(line), text.end(), is_space)) {
          text = text.substr(0, line);
        }
      }
    }
    if (!text.empty()) push(TokenKind::data, std::string(text));
    advance(end - at_);
  }

  void read_tag() {
    const char kind = peek(1);
    advance(2);
    if (kind == '#') {
      const size_t end = source_.find("#}", at_);
      if (end == std::string_view::npos) fail_template(file_, line_, "has an unclosed comment");
      const bool trims = end > at_ && source_[end - 1] == '-';
      advance(end + 2 - at_);
      after_tag(trims, true);
      return;
    }
    if (peek(0) == '-' || peek(0) == '+') advance(1);
    const bool block = kind == '%';
    push(block ? TokenKind::block_begin : TokenKind::print_begin, "");
    const std::string_view close = block ? "%}" : "}}";
    int depth = 0;
    for (;;) {
      while (at_ < source_.size() && is_space(source_[at_]))
        advance(1);
      if (at_ >= source_.size()) fail_template(file_, line_, "has an unclosed tag");
      const bool signs = peek(0) == '-' || peek(0) == '+';
      if (depth == 0 && source_.substr(at_ + (signs ? 1 : 0)).starts_with(close)) {
        push(block ? TokenKind::block_end : TokenKind::print_end, "");
        const char sign = peek(0);
        advance(signs ? 3 : 2);
        after_tag(sign == '-', block && sign != '+');
        return;
      }
      depth += read_token();
    }
  }

  // White space that belongs to the tag just closed.
  void after_tag(bool trims_all, bool trims_line) {
    const size_t start = at_;
    if (trims_all) {
      while (at_ < source_.size() && is_space(source_[at_]))
        advance(1);
    } else if (trims_line && peek(0) == '\n') {
      advance(1);
    }
    line_starting_ = at_ > start && source_[at_ - 1] == '\n';
  }

  // Returns by how much the brackets got deeper.
  int read_token() {
    const char c = peek(0);
    if (c == '\'' || c == '"') {
      read_text(c);
    } else if (is_digit(c)) {
      read_number();
    } else if (is_name(c)) {
      size_t size = 1;
      while (is_name(peek(size)))
        ++size;
      push(TokenKind::name, std::string(source_.substr(at_, size)));
      advance(size);
    } else {
      return read_symbol(c);
    }
    return 0;
  }

  void read_number() {
    int64_t number = 0;
    while (is_digit(peek(0))) {
      if (number > 1'000'000'000'000) fail_template(file_, line_, "has a number that is too large");
      number = number * 10 + (peek(0) - '0');
      advance(1);
    }
    if (peek(0) == '.' || is_name(peek(0))) {
      fail_template(file_, line_, "has a number that is no integer");
    }
    push(TokenKind::integer, "", number);
  }

  int read_symbol(char c) {
    for (const std::string_view two : {"==", "!=", "<=", ">=", "//", "**"}) {
      if (source_.substr(at_).starts_with(two)) {
        push(TokenKind::symbol, std::string(two));
        advance(2);
        return 0;
      }
    }
    if (std::string_view("+-*/%~<>=|.,:()[]{}").find(c) == std::string_view::npos) {
      fail_template(file_, line_, fmt::format("has the unexpected character '{}'", c));
    }
    push(TokenKind::symbol, std::string(1, c));
    advance(1);
    if (c == '(' || c == '[' || c == '{') return 1;
    return c == ')' || c == ']' || c == '}' ? -1 : 0;
  }

  void read_text(char quote) {
    const int line = line_;
    advance(1);
    std::string text;
    while (at_ < source_.size() && peek(0) != quote) {
      if (peek(0) == '\\') {
        text.push_back(unescape(peek(1)));
        advance(2);
      } else {
        text.push_back(peek(0));
        advance(1);
      }
    }
    if (at_ >= source_.size()) fail_template(file_, line, "has an unclosed text");
    advance(1);
    push(TokenKind::text, std::move(text));
  }

  char unescape(char c) const {
    constexpr std::string_view written = "ntr\\'\"";
    constexpr std::string_view meant = "\n\t\r\\'\"";
    const size_t found = written.find(c);
    if (found == std::string_view::npos) {
      fail_template(file_, line_, fmt::format("uses the escape \\{}", c));
    }
    return meant[found];
  }

  std::string_view source_;
  const std::string& file_;
  size_t at_ = 0;
  int line_ = 1;
  bool line_starting_ = true;
  std::vector<Token> tokens_;
};

}  // namespace

void fail_template(const std::string& file, int line, std::string_view what) {
  fail_input(fmt::format("{}:{}", file, line),
             fmt::format("the chat template {}; use --raw to give prompts without it", what));
}

std::vector<Token> read_tokens(std::string_view source, const std::string& file) {
  return Lexer(source, file).run();
}

}  // namespace tenon::jinja
