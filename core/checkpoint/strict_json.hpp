// JSON read strictly. Internal to this library and to others that read JSON in their .cpp files.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace tenon {

// The document in `text`. Throws Error{input}, naming `where`, for anything that is not exactly one
// JSON value in UTF-8: a byte order mark, NUL bytes, comments, trailing text, numbers that no
// double holds, nesting deeper than 64, and duplicate keys (compared after unescaping).
nlohmann::json parse_strict_json(std::string_view text, std::string_view where);

// The parser's message without its library's prefix, safe to print and at most ~200 bytes long.
std::string json_problem(std::string_view parser_message);

// "the number 3.5", "the text 'abc'", "true", "a list of 3", "an object", "null".
std::string describe_json(const nlohmann::json& value);

}  // namespace tenon
