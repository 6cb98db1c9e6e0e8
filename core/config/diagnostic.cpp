#include "config/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "config/source_text.hpp"

namespace tenon {
namespace {

// Splits into code points, so that columns can be counted.
std::vector<std::string> code_points(const std::string& line) {
  std::vector<std::string> points;
  for (const char c : line) {
    const bool continues = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
    if (continues && !points.empty()) {
      points.back() += c;
    } else {
      points.emplace_back(1, c);
    }
  }
  return points;
}

// What a terminal can show: no control characters, and no bytes that are not text.
std::string printable(const std::string& point) {
  if (point == "\t") return point;
  if (find_invalid_utf8(point)) return "?";
  const auto first = static_cast<unsigned char>(point[0]);
  return first < 0x20 || first == 0x7F ? "?" : point;
}

// "  12 | text" and the caret below it; of a long line only the part around the column.
std::string marked_line(const std::string& line, SourcePosition position) {
  constexpr size_t before = 80;
  constexpr size_t after = 60;
  const std::vector<std::string> points = code_points(line);
  const size_t column =
      std::min(static_cast<size_t>(std::max(position.column - 1, 0)), points.size());
  const size_t begin = column > before ? column - before : 0;
  const size_t end = std::min(points.size(), column + after);
  std::string text = begin > 0 ? "..." : "";
  std::string padding(text.size(), ' ');
  for (size_t i = begin; i < end; ++i) {
    text += printable(points[i]);
    if (i < column) padding += points[i] == "\t" ? '\t' : ' ';
  }
  if (end < points.size()) text += "...";
  return fmt::format("{:>5} | {}\n{:>5} | {}^", position.line, text, "", padding);
}

}  // namespace

std::string Diagnostic::place() const {
  if (position.line == 0) return origin;
  return fmt::format("{}:{}:{}", origin, position.line, position.column);
}

std::string Diagnostic::message() const {
  const std::string mistake = where.empty() ? what : error_text(where, what, expected, found);
  return place() + ": error: " + mistake;
}

std::string Diagnostic::text() const {
  std::string text = message();
  if (position.line > 0) text.append("\n").append(marked_line(source_line, position));
  if (!hint.empty()) text += fmt::format("\n      did you mean {}?", toml_string(hint));
  return text;
}

void DiagnosticReporter::report(SourcePosition position, Mistake mistake) {
  if (++count_ > max_mistakes) {
    if (count_ > max_mistakes + 1) return;
    mistake = {"configuration", "too many mistakes", "", "more than are listed here", ""};
  }
  Diagnostic diagnostic;
  diagnostic.origin = origin_;
  if (file_ != nullptr && position.line > 0) {
    diagnostic.position = position;
    diagnostic.source_line = file_->line(position.line);
  }
  diagnostic.where = std::move(mistake.where);
  diagnostic.what = std::move(mistake.what);
  diagnostic.expected = std::move(mistake.expected);
  diagnostic.found = std::move(mistake.found);
  diagnostic.hint = std::move(mistake.hint);
  into_.push_back(std::move(diagnostic));
}

}  // namespace tenon
