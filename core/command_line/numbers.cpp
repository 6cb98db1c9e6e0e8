#include "command_line/numbers.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "base/error.hpp"

namespace tenon {
namespace {

constexpr size_t longest_quote = 40;

std::string quoted(std::string_view text) {
  const bool cut = text.size() > longest_quote;
  return fmt::format("\"{}{}\"", text.substr(0, longest_quote), cut ? "..." : "");
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Digits only: from_chars alone would take a sign as well.
template <typename Integer>
bool parse_digits(std::string_view text, Integer& value) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

int64_t parse_count(std::string_view where, std::string_view text, int64_t minimum) {
  int64_t value = 0;
  if (!parse_digits(text, value) || value < minimum) {
    fail_input(where, "not a number of the right kind",
               fmt::format("a whole number of at least {}", minimum), quoted(text));
  }
  return value;
}

std::vector<int32_t> parse_ids(std::string_view text, std::string_view where, int64_t first_line) {
  std::vector<int32_t> ids;
  int64_t line = first_line;
  for (size_t i = 0; i < text.size();) {
    if (is_blank(text[i])) {
      line += text[i] == '\n' ? 1 : 0;
      ++i;
      continue;
    }
    size_t end = i;
    while (end < text.size() && !is_blank(text[end]))
      ++end;
    int32_t id = 0;
    if (!parse_digits(text.substr(i, end - i), id)) {
      fail_input(fmt::format("{}:{}", where, line), "not a token id",
                 fmt::format("decimal numbers from 0 to {}, separated by blanks",
                             std::numeric_limits<int32_t>::max()),
                 quoted(text.substr(i, end - i)));
    }
    ids.push_back(id);
    i = end;
  }
  return ids;
}

std::string ids_text(const std::vector<int32_t>& ids) {
  std::string text;
  for (const int32_t id : ids) {
    if (!text.empty()) text += ' ';
    text += std::to_string(id);
  }
  return text;
}

}  // namespace tenon
