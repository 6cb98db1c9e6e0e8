// The syntax tree of a chat template.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::jinja {

enum class ExprKind {
  text,
  integer,
  constant,  // constant: true, false, none by name
  name,
  list,
  attribute,  // parts[0].text
  index,      // parts[0][parts[1]]
  slice,      // parts[0][parts[1]:parts[2]:parts[3]], missing ones of kind `missing`
  missing,
  call,    // parts[0](parts[1...]), keyword arguments last, named in `keywords`
  filter,  // parts[0] | text(parts[1...])
  test,    // parts[0] is text(parts[1...])
  negate,
  logical_not,
  binary,       // parts[0] text parts[1]
  conditional,  // parts[0] if parts[1] else parts[2]
};

struct Expr {
  ExprKind kind;
  int line;
  std::string text;
  int64_t number = 0;
  std::vector<Expr> parts;
  std::vector<std::string> keywords;
  int height = 1;  // of the tree under it, kept small so that recursion is safe
};

enum class NodeKind { data, print, set, branch, loop };

struct Node {
  // A branch has bodies[i] under expressions[i], and perhaps one more body for `else`.
  // A loop has the iterated expression, perhaps a condition, a body, and perhaps one for `else`.
  NodeKind kind;
  int line;
  std::string text;    // data; the variable of set and loop
  std::string second;  // the attribute of a set; the second variable of a loop over pairs
  std::vector<Expr> expressions;
  std::vector<std::vector<Node>> bodies;
};

// Throws Error{input} that names `file`, the line and the construct that is not supported.
std::vector<Node> parse_template(std::string_view source, const std::string& file);

}  // namespace tenon::jinja
