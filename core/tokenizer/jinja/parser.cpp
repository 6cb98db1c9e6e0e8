#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tokenizer/jinja/expression_parser.hpp"
#include "tokenizer/jinja/lexer.hpp"
#include "tokenizer/jinja/syntax.hpp"

namespace tenon::jinja {
namespace {

class Parser {
 public:
  Parser(std::vector<Token> tokens, const std::string& file) : in_(std::move(tokens), file) {}

  std::vector<Node> run() {
    std::vector<Node> nodes = body({});
    if (in_.peek().kind != TokenKind::end) in_.fail(fmt::format("has a stray \"{}\"", tag_name()));
    return nodes;
  }

 private:
  void expect_end(TokenKind kind) {
    if (in_.peek().kind != kind)
      in_.fail(fmt::format("uses an unsupported form near \"{}\"", in_.peek().text));
    in_.skip(1);
  }
  std::string tag_name() const {
    return in_.peek().kind == TokenKind::block_begin ? in_.peek(1).text : std::string();
  }

  // Nodes up to a block tag whose name is in `stops`, which is left to the caller.
  std::vector<Node> body(const std::vector<std::string_view>& stops) {
    const TokenReader::Level level(in_);
    std::vector<Node> nodes;
    while (in_.peek().kind != TokenKind::end) {
      if (in_.peek().kind == TokenKind::data) {
        nodes.push_back({NodeKind::data, in_.peek().line, in_.next().text, "", {}, {}});
      } else if (in_.peek().kind == TokenKind::print_begin) {
        const int line = in_.next().line;
        nodes.push_back({NodeKind::print, line, "", "", {read_expression(in_)}, {}});
        expect_end(TokenKind::print_end);
      } else if (std::find(stops.begin(), stops.end(), tag_name()) != stops.end()) {
        return nodes;
      } else {
        statement(nodes);
      }
    }
    if (!stops.empty()) in_.fail(fmt::format("ends where \"{}\" should stand", stops.back()));
    return nodes;
  }

  void statement(std::vector<Node>& nodes) {
    const std::string name = tag_name();
    if (name == "if") {
      nodes.push_back(branch());
    } else if (name == "for") {
      nodes.push_back(loop());
    } else if (name == "set") {
      nodes.push_back(set());
    } else {
      in_.fail(fmt::format("uses the unsupported statement \"{}\"", name));
    }
  }

  void begin_block() { in_.skip(2); }

  Node branch() {
    Node node{NodeKind::branch, in_.peek().line, "", "", {}, {}};
    do {
      begin_block();
      node.expressions.push_back(read_expression(in_));
      expect_end(TokenKind::block_end);
      node.bodies.push_back(body({"elif", "else", "endif"}));
    } while (tag_name() == "elif");
    finish(node, "endif");
    return node;
  }

  // An optional else, then the end.
  void finish(Node& node, std::string_view end) {
    if (tag_name() == "else") {
      begin_block();
      expect_end(TokenKind::block_end);
      node.bodies.push_back(body({end}));
    }
    if (tag_name() != end)
      in_.fail(fmt::format("has \"{}\" where \"{}\" should stand", tag_name(), end));
    begin_block();
    expect_end(TokenKind::block_end);
  }

  Node loop() {
    Node node{NodeKind::loop, in_.peek().line, "", "", {}, {}};
    begin_block();
    node.text = in_.expect_name();
    if (in_.take_symbol(",")) node.second = in_.expect_name();
    if (!in_.take_name("in")) in_.fail("uses an unsupported form of \"for\"");
    node.expressions.push_back(read_expression_without_if(in_));
    if (in_.take_name("if")) node.expressions.push_back(read_expression(in_));
    expect_end(TokenKind::block_end);
    node.bodies.push_back(body({"else", "endfor"}));
    finish(node, "endfor");
    return node;
  }

  Node set() {
    Node node{NodeKind::set, in_.peek().line, "", "", {}, {}};
    begin_block();
    node.text = in_.expect_name();
    if (in_.take_symbol(".")) node.second = in_.expect_name();
    if (!in_.take_symbol("=")) in_.fail("uses an unsupported form of \"set\"");
    node.expressions.push_back(read_expression(in_));
    expect_end(TokenKind::block_end);
    return node;
  }

  TokenReader in_;
};

}  // namespace

std::vector<Node> parse_template(std::string_view source, const std::string& file) {
  return Parser(read_tokens(source, file), file).run();
}

}  // namespace tenon::jinja
