#include "checkpoint/strict_json.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "checkpoint/printable.hpp"

namespace tenon {
namespace {

using nlohmann::json;

constexpr int depth_limit = 64;

// Watches the parse for what the parser itself lets through.
class Watch {
 public:
  explicit Watch(std::string_view where) : where_(where) {}

  void operator()(int depth, json::parse_event_t event, const json& value) {
    using Event = json::parse_event_t;
    if (event == Event::object_start || event == Event::array_start) {
      if (depth >= depth_limit) {
        fail_input(where_, "the JSON text is nested too deeply", "at most 64 levels");
      }
      if (event == Event::object_start) open_.emplace_back();
    } else if (event == Event::object_end) {
      open_.pop_back();
    } else if (event == Event::key) {
      const auto& name = value.get_ref<const std::string&>();
      if (!open_.back().insert(name).second) {
        fail_input(where_, "the key " + quoted_name(name) + " stands twice in one object",
                   "every key once");
      }
    }
  }

 private:
  std::string_view where_;
  std::vector<std::set<std::string>> open_;
};

void refuse_hidden_bytes(std::string_view text, std::string_view where) {
  if (text.starts_with("\xef\xbb\xbf")) {
    fail_input(where, "not plain JSON", "no byte order mark", "a UTF-8 byte order mark");
  }
  if (text.find('\0') != std::string_view::npos) {
    fail_input(where, "not JSON", "text", "a NUL byte");
  }
}

}  // namespace

json parse_strict_json(std::string_view text, std::string_view where) {
  refuse_hidden_bytes(text, where);
  Watch watch(where);
  try {
    return json::parse(text.begin(), text.end(),
                       [&](int depth, json::parse_event_t event, json& value) {
                         watch(depth, event, value);
                         return true;
                       });
  } catch (const json::exception& e) {
    fail_input(where, "not valid JSON", "", json_problem(e.what()));
  }
}

std::string json_problem(std::string_view parser_message) {
  if (parser_message.starts_with("[")) {
    const size_t end = parser_message.find("] ");
    if (end != std::string_view::npos) parser_message.remove_prefix(end + 2);
  }
  return printable(parser_message, 200);
}

std::string describe_json(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return "null";
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
      return "a list of " + std::to_string(value.size());
    case json::value_t::string:
      return "the text '" + printable(value.get_ref<const std::string&>(), 80) + "'";
    case json::value_t::boolean:
      return value.get<bool>() ? "true" : "false";
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
    case json::value_t::number_float:
      return "the number " + value.dump();
    default:
      return "nothing";
  }
}

}  // namespace tenon
