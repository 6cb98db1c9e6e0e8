#include "tune/toml_statements.hpp"

#include <algorithm>

#include "config/toml_source.hpp"

namespace tenon {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {
    if (text_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
  }

  std::vector<TomlStatement> run() {
    std::vector<TomlStatement> statements;
    size_t begin = 0;
    while (begin < text_.size()) {
      TomlStatement statement = next();
      statement.begin = begin;
      statement.end = at_;
      begin = at_;
      statements.push_back(std::move(statement));
    }
    return statements;
  }

 private:
  char here() const { return at_ < text_.size() ? text_[at_] : '\n'; }
  void skip_blanks() {
    while (here() == ' ' || here() == '\t')
      ++at_;
  }
  void end_line() {
    at_ = std::min(text_.find('\n', at_), text_.size());
    if (at_ < text_.size()) ++at_;
  }

  TomlStatement next() {
    skip_blanks();
    TomlStatement statement;
    if (here() == '\n' || here() == '\r' || here() == '#') {
      end_line();
      return statement;
    }
    if (here() == '[') {
      at_ = text_.find_first_not_of('[', at_);
      statement.kind = TomlStatement::Kind::header;
      table_ = key();
      statement.path = table_;
      end_line();
      return statement;
    }
    statement.kind = TomlStatement::Kind::assignment;
    statement.path = table_;
    for (std::string& part : key())
      statement.path.push_back(std::move(part));
    skip_value();
    return statement;
  }

  std::vector<std::string> key() {
    std::vector<std::string> parts;
    for (;;) {
      skip_blanks();
      parts.push_back(key_part());
      skip_blanks();
      if (here() != '.') return parts;
      ++at_;
    }
  }

  std::string key_part() {
    const size_t begin = at_;
    if (here() != '"' && here() != '\'') {
      at_ = std::min(text_.find_first_of(" \t.=]\r\n", at_), text_.size());
      return std::string(text_.substr(begin, at_ - begin));
    }
    at_ = end_of_toml_string(text_, at_);
    const TomlResult read = parse_toml("key = " + std::string(text_.substr(begin, at_ - begin)));
    return read.root.members.empty() ? std::string() : read.root.members[0].value.text;
  }

  // To the end of the line on which the value ends.
  void skip_value() {
    int open = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        at_ = end_of_toml_string(text_, at_);
        continue;
      }
      if (c == '[' || c == '{') ++open;
      if (c == ']' || c == '}') --open;
      if (c == '#') at_ = std::min(text_.find('\n', at_), text_.size());
      if (here() == '\n' && open == 0) return end_line();
      if (at_ < text_.size()) ++at_;
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<std::string> table_;
};

}  // namespace

std::vector<TomlStatement> toml_statements(std::string_view text) {
  return Scan(text).run();
}

size_t end_of_toml_string(std::string_view text, size_t at) {
  const char quote = text[at];
  const bool multi_line = text.substr(at, 3) == std::string(3, quote);
  const std::string closing(multi_line ? 3 : 1, quote);
  at += closing.size();
  while (at < text.size() && text.substr(at, closing.size()) != closing)
    at += quote == '"' && text[at] == '\\' ? 2 : 1;
  at += closing.size();
  // Up to two quotes may stand right before the three that close.
  while (multi_line && at < text.size() && text[at] == quote)
    ++at;
  return std::min(at, text.size());
}

}  // namespace tenon
