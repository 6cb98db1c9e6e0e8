// The values of a chat template.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace tenon::jinja {

class Value;
struct Undefined {};
struct None {};
using List = std::vector<Value>;
using Map = std::map<std::string, Value, std::less<>>;

// Lists and maps are shared, as in Python; only a namespace() is ever changed after its making.
class Value {
 public:
  using Data = std::variant<Undefined, None, bool, int64_t, std::string,
                            std::shared_ptr<const List>, std::shared_ptr<Map>>;

  Value() = default;
  template <class T>
  Value(T value) : data_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  static Value list(List items) { return {std::make_shared<const List>(std::move(items))}; }
  static Value map(Map items) { return {std::make_shared<Map>(std::move(items))}; }

  template <class T>
  const T* get_if() const {
    return std::get_if<T>(&data_);
  }
  const List* as_list() const;
  Map* as_map() const;
  const std::string* as_text() const { return get_if<std::string>(); }
  bool is_undefined() const { return get_if<Undefined>() != nullptr; }
  bool is_none() const { return get_if<None>() != nullptr; }

  bool truthy() const;
  std::string type_name() const;  // as messages call it

 private:
  Data data_;
};

bool equal(const Value& left, const Value& right);

}  // namespace tenon::jinja
