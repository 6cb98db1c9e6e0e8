// One value of a JSON file together with its place, so that every complaint can name it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::tok {

// Does not own the value. All readers throw Error{input} "[file: place] ..." on a wrong type.
class JsonNode {
 public:
  JsonNode(const nlohmann::json& value, std::string file, std::string place);

  // The place in the file, for example "tokenizer.json: model.type".
  std::string where() const;
  [[noreturn]] void fail(std::string_view what, std::string_view expected = {},
                         std::string_view found = {}) const;

  JsonNode field(std::string_view name) const;                          // must be there
  std::optional<JsonNode> optional_field(std::string_view name) const;  // absent or null: nothing
  std::vector<JsonNode> items() const;
  std::string text() const;
  bool boolean() const;
  int64_t integer() const;
  bool is_text() const;
  bool is_list() const;
  bool is_object() const;

  bool flag(std::string_view name, bool otherwise) const;
  // The text field `type`, which every component of a tokenizer has.
  std::string type() const { return field("type").text(); }

 private:
  const nlohmann::json* value_;
  std::string file_;
  std::string place_;
};

}  // namespace tenon::tok
