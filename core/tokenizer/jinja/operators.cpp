#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tokenizer/jinja/interpreter.hpp"
#include "tokenizer/jinja/lexer.hpp"

namespace tenon::jinja {
namespace {

// Joined texts may double at each step.
std::string joined(const CallSite& site, std::string left, const std::string& right) {
  if (left.size() + right.size() > longest_text) {
    fail_template(site.file, site.line, "makes too long a text");
  }
  return left.append(right);
}

bool contains(const CallSite& site, const Value& container, const Value& item) {
  if (const List* list = container.as_list()) {
    return std::any_of(list->begin(), list->end(),
                       [&](const Value& other) { return equal(other, item); });
  }
  if (const auto* text = item.as_text()) {
    if (container.as_text()) return container.as_text()->find(*text) != std::string::npos;
    if (const Map* map = container.as_map()) return map->contains(*text);
  }
  if (container.is_undefined()) return false;
  fail_template(site.file, site.line,
                fmt::format("looks for {} in {}", item.type_name(), container.type_name()));
}

Value arithmetic(const CallSite& site, const Value& left, const Value& right) {
  const auto* a = left.get_if<int64_t>();
  const auto* b = right.get_if<int64_t>();
  constexpr int64_t limit = 1LL << 31;
  const auto small = [&](int64_t number) { return number > -limit && number < limit; };
  if (a && b && small(*a) && small(*b)) {
    if (site.name == "+") return *a + *b;
    if (site.name == "-") return *a - *b;
    if (site.name == "*") return *a * *b;
    if (site.name == "<") return *a < *b;
    if (site.name == ">") return *a > *b;
    if (site.name == "<=") return *a <= *b;
    if (site.name == ">=") return *a >= *b;
    if (site.name == "%" && *b > 0) return ((*a % *b) + *b) % *b;
  }
  fail_template(
      site.file, site.line,
      fmt::format("applies \"{}\" to {} and {}", site.name, left.type_name(), right.type_name()));
}

}  // namespace

Value apply_operator(const CallSite& site, const Value& left, const Value& right) {
  if (site.name == "==") return equal(left, right);
  if (site.name == "!=") return !equal(left, right);
  if (site.name == "in") return contains(site, right, left);
  if (site.name == "not in") return !contains(site, right, left);
  if (site.name == "~") return joined(site, to_text(site, left), to_text(site, right));
  if (site.name == "+" && left.as_text() && right.as_text()) {
    return joined(site, *left.as_text(), *right.as_text());
  }
  const List* left_list = left.as_list();
  const List* right_list = right.as_list();
  if (site.name == "+" && left_list && right_list) {
    if (left_list->size() + right_list->size() > longest_text / 64) {
      fail_template(site.file, site.line, "makes too long a list");
    }
    List all = *left_list;
    all.insert(all.end(), right_list->begin(), right_list->end());
    return Value::list(std::move(all));
  }
  return arithmetic(site, left, right);
}

}  // namespace tenon::jinja
