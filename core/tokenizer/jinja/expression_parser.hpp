// Reads the tokens of a template; expressions first, statements are built on them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/jinja/lexer.hpp"
#include "tokenizer/jinja/syntax.hpp"

namespace tenon::jinja {

// A place in the tokens. `file` must outlive it.
class TokenReader {
 public:
  TokenReader(std::vector<Token> tokens, const std::string& file)
      : tokens_(std::move(tokens)), file_(file) {}

  const Token& peek(size_t ahead = 0) const;
  Token next();
  void skip(size_t count) { at_ += count; }
  void back() { --at_; }
  [[noreturn]] void fail(std::string_view what) const;  // at this place

  bool is_symbol(std::string_view text, size_t ahead = 0) const;
  bool is_name(std::string_view text, size_t ahead = 0) const;
  // Pass over the token if it is this one.
  bool take_symbol(std::string_view text);
  bool take_name(std::string_view text);
  void expect_symbol(std::string_view text);
  std::string expect_name();

  // One level of nesting, for as long as it lives; refuses too many.
  class Level {
   public:
    explicit Level(TokenReader& reader);
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    ~Level() { --reader_.depth_; }

   private:
    TokenReader& reader_;
  };

 private:
  std::vector<Token> tokens_;
  const std::string& file_;
  size_t at_ = 0;
  int depth_ = 0;
};

// Reads one expression and stops behind it.
Expr read_expression(TokenReader& reader);

// The same without a conditional at the top, as `for x in ... if ...` needs it.
Expr read_expression_without_if(TokenReader& reader);

}  // namespace tenon::jinja
