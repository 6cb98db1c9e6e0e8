#include "tokenizer/jinja/expression_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tenon::jinja {
namespace {

constexpr int max_depth = 200;   // of nested statements and brackets
constexpr int max_height = 400;  // of an expression, which a long chain makes tall, too

class ExpressionParser {
 public:
  explicit ExpressionParser(TokenReader& in) : in_(in) {}

  Expr expression() {
    const TokenReader::Level level(in_);
    Expr value = logical_or();
    while (in_.take_name("if")) {
      Expr condition = logical_or();
      Expr otherwise = in_.take_name("else") ? expression() : make(ExprKind::missing, "", {});
      value = make(ExprKind::conditional, "",
                   {std::move(value), std::move(condition), std::move(otherwise)});
    }
    return value;
  }

  Expr logical_or() {
    Expr left = logical_and();
    while (in_.take_name("or"))
      left = make(ExprKind::binary, "or", {std::move(left), logical_and()});
    return left;
  }

 private:
  Expr make(ExprKind kind, std::string text, std::vector<Expr> parts) const {
    Expr made{kind, in_.peek().line, std::move(text), 0, {}, {}};
    for (Expr& part : parts)
      add_part(made, std::move(part));
    return made;
  }

  void add_part(Expr& parent, Expr part) const {
    parent.height = std::max(parent.height, part.height + 1);
    if (parent.height > max_height) in_.fail("has an expression that is nested too deeply");
    parent.parts.push_back(std::move(part));
  }

  Expr logical_and() {
    Expr left = logical_not();
    while (in_.take_name("and"))
      left = make(ExprKind::binary, "and", {std::move(left), logical_not()});
    return left;
  }

  Expr logical_not() {
    const TokenReader::Level level(in_);
    if (in_.take_name("not")) return make(ExprKind::logical_not, "", {logical_not()});
    return comparison();
  }

  std::string comparison_operator() {
    for (const std::string_view symbol : {"==", "!=", "<", ">", "<=", ">="}) {
      if (in_.take_symbol(symbol)) return std::string(symbol);
    }
    if (in_.take_name("in")) return "in";
    if (in_.is_name("not") && in_.is_name("in", 1)) {
      in_.skip(2);
      return "not in";
    }
    return {};
  }

  Expr comparison() {
    Expr left = sum();
    const std::string symbol = comparison_operator();
    if (symbol.empty()) return left;
    left = make(ExprKind::binary, symbol, {std::move(left), sum()});
    if (!comparison_operator().empty()) in_.fail("chains comparisons");
    return left;
  }

  Expr sum() {
    Expr left = concatenation();
    for (;;) {
      const std::string symbol = in_.peek().text;
      if (!in_.take_symbol("+") && !in_.take_symbol("-")) return left;
      left = make(ExprKind::binary, symbol, {std::move(left), concatenation()});
    }
  }

  Expr concatenation() {
    Expr left = product();
    while (in_.take_symbol("~"))
      left = make(ExprKind::binary, "~", {std::move(left), product()});
    return left;
  }

  Expr product() {
    Expr left = unary();
    for (;;) {
      const std::string symbol = in_.peek().text;
      if (in_.is_symbol("/") || in_.is_symbol("//") || in_.is_symbol("**")) {
        in_.fail(fmt::format("uses the unsupported operator {}", symbol));
      }
      if (!in_.take_symbol("*") && !in_.take_symbol("%")) return left;
      left = make(ExprKind::binary, symbol, {std::move(left), unary()});
    }
  }

  Expr unary() {
    const TokenReader::Level level(in_);
    if (in_.take_symbol("-")) return make(ExprKind::negate, "", {unary()});
    Expr value = primary();
    for (;;) {
      if (in_.take_symbol(".")) {
        value = make(ExprKind::attribute, in_.expect_name(), {std::move(value)});
      } else if (in_.is_symbol("[")) {
        value = subscript(std::move(value));
      } else if (in_.is_symbol("(")) {
        value = make(ExprKind::call, "", {std::move(value)});
        arguments(value);
      } else if (in_.take_symbol("|")) {
        value = make(ExprKind::filter, in_.expect_name(), {std::move(value)});
        if (in_.is_symbol("(")) arguments(value);
      } else if (in_.take_name("is")) {
        value = test(std::move(value));
      } else {
        return value;
      }
    }
  }

  Expr test(Expr value) {
    const bool negated = in_.take_name("not");
    Expr result = make(ExprKind::test, in_.expect_name(), {std::move(value)});
    if (in_.is_symbol("(")) {
      arguments(result);
    } else if (in_.peek().kind == TokenKind::text || in_.peek().kind == TokenKind::integer) {
      in_.fail(fmt::format("uses the test \"{}\" with a bare argument", result.text));
    }
    return negated ? make(ExprKind::logical_not, "", {std::move(result)}) : result;
  }

  Expr subscript(Expr value) {
    in_.expect_symbol("[");
    const auto bound = [&] {
      return in_.is_symbol(":") || in_.is_symbol("]") ? make(ExprKind::missing, "", {})
                                                      : expression();
    };
    Expr first = bound();
    if (in_.take_symbol("]"))
      return make(ExprKind::index, "", {std::move(value), std::move(first)});
    in_.expect_symbol(":");
    Expr second = bound();
    Expr third = in_.take_symbol(":") ? bound() : make(ExprKind::missing, "", {});
    in_.expect_symbol("]");
    return make(ExprKind::slice, "",
                {std::move(value), std::move(first), std::move(second), std::move(third)});
  }

  void arguments(Expr& call) {
    in_.expect_symbol("(");
    while (!in_.take_symbol(")")) {
      if (in_.peek().kind == TokenKind::name && in_.is_symbol("=", 1)) {
        call.keywords.push_back(in_.next().text);
        in_.skip(1);
      } else if (!call.keywords.empty()) {
        in_.fail("has a positional argument after a named one");
      }
      add_part(call, expression());
      if (!in_.is_symbol(")")) in_.expect_symbol(",");
    }
  }

  Expr primary() {
    const Token token = in_.next();
    switch (token.kind) {
      case TokenKind::text: {
        std::string text = token.text;
        while (in_.peek().kind == TokenKind::text)
          text += in_.next().text;
        return {ExprKind::text, token.line, std::move(text), 0, {}, {}};
      }
      case TokenKind::integer:
        return {ExprKind::integer, token.line, "", token.number, {}, {}};
      case TokenKind::name:
        return name(token);
      default:
        break;
    }
    if (token.kind == TokenKind::symbol && token.text == "(") {
      Expr value = expression();
      in_.expect_symbol(")");
      return value;
    }
    if (token.kind == TokenKind::symbol && token.text == "[") {
      Expr list = make(ExprKind::list, "", {});
      while (!in_.take_symbol("]")) {
        add_part(list, expression());
        if (!in_.is_symbol("]")) in_.expect_symbol(",");
      }
      return list;
    }
    in_.back();
    in_.fail(fmt::format("uses an unsupported expression near \"{}\"", token.text));
  }

  static Expr name(const Token& token) {
    for (const std::string_view constant : {"true", "false", "none"}) {
      std::string lower = token.text;
      if (lower[0] >= 'A' && lower[0] <= 'Z') lower[0] = static_cast<char>(lower[0] - 'A' + 'a');
      if (lower == constant) return {ExprKind::constant, token.line, lower, 0, {}, {}};
    }
    return {ExprKind::name, token.line, token.text, 0, {}, {}};
  }

  TokenReader& in_;
};

}  // namespace

const Token& TokenReader::peek(size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

Token TokenReader::next() {
  Token token = peek();
  ++at_;
  return token;
}

void TokenReader::fail(std::string_view what) const {
  fail_template(file_, peek().line, what);
}

bool TokenReader::is_symbol(std::string_view text, size_t ahead) const {
  return peek(ahead).kind == TokenKind::symbol && peek(ahead).text == text;
}

bool TokenReader::is_name(std::string_view text, size_t ahead) const {
  return peek(ahead).kind == TokenKind::name && peek(ahead).text == text;
}

bool TokenReader::take_symbol(std::string_view text) {
  if (!is_symbol(text)) return false;
  ++at_;
  return true;
}

bool TokenReader::take_name(std::string_view text) {
  if (!is_name(text)) return false;
  ++at_;
  return true;
}

void TokenReader::expect_symbol(std::string_view text) {
  if (!take_symbol(text)) fail(fmt::format("lacks a \"{}\" before \"{}\"", text, peek().text));
}

std::string TokenReader::expect_name() {
  if (peek().kind != TokenKind::name) fail("lacks a name");
  return next().text;
}

TokenReader::Level::Level(TokenReader& reader) : reader_(reader) {
  if (reader.depth_ >= max_depth) reader.fail("is nested too deeply");
  ++reader.depth_;
}

Expr read_expression(TokenReader& reader) {
  return ExpressionParser(reader).expression();
}

Expr read_expression_without_if(TokenReader& reader) {
  return ExpressionParser(reader).logical_or();
}

}  // namespace tenon::jinja
