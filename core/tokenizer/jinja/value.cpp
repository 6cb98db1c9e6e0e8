#include "tokenizer/jinja/value.hpp"

#include <array>

namespace tenon::jinja {

const List* Value::as_list() const {
  const auto* list = get_if<std::shared_ptr<const List>>();
  return list ? list->get() : nullptr;
}

Map* Value::as_map() const {
  const auto* map = get_if<std::shared_ptr<Map>>();
  return map ? map->get() : nullptr;
}

bool Value::truthy() const {
  if (const auto* flag = get_if<bool>()) return *flag;
  if (const auto* number = get_if<int64_t>()) return *number != 0;
  if (const auto* text = as_text()) return !text->empty();
  if (const auto* list = as_list()) return !list->empty();
  if (const auto* map = as_map()) return !map->empty();
  return false;
}

std::string Value::type_name() const {
  static constexpr std::array<const char*, 7> names = {
      "an undefined value", "none", "a boolean", "an integer", "a text", "a list", "a mapping"};
  return names[data_.index()];
}

namespace {

// Python's booleans are integers.
const int64_t* as_number(const Value& value, int64_t& storage) {
  if (const auto* flag = value.get_if<bool>()) {
    storage = *flag ? 1 : 0;
    return &storage;
  }
  return value.get_if<int64_t>();
}

}  // namespace

bool equal(const Value& left, const Value& right) {
  int64_t left_storage = 0;
  int64_t right_storage = 0;
  const int64_t* left_number = as_number(left, left_storage);
  const int64_t* right_number = as_number(right, right_storage);
  if (left_number && right_number) return *left_number == *right_number;
  if (left.as_text() && right.as_text()) return *left.as_text() == *right.as_text();
  if (left.as_list() && right.as_list()) {
    const List& a = *left.as_list();
    const List& b = *right.as_list();
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
      if (!equal(a[i], b[i])) return false;
    }
    return true;
  }
  if (left.as_map() && right.as_map()) return left.as_map() == right.as_map();
  return (left.is_none() && right.is_none()) || (left.is_undefined() && right.is_undefined());
}

}  // namespace tenon::jinja
