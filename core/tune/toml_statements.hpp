// The statements of a TOML text and where they stand, for edits that leave the rest as it is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

struct TomlStatement {
  enum class Kind {
    blank,  // an empty line or one with a comment alone
    header,
    assignment,
  };
  Kind kind = Kind::blank;
  std::vector<std::string> path;  // of the table, or of the key with the table it stands in
  // Bytes of the text: whole lines with their ends.
  size_t begin = 0;
  size_t end = 0;
};

// They cover the text without gaps. Requires text that parse_toml accepts.
std::vector<TomlStatement> toml_statements(std::string_view text);

// The end of the string, of any of the four kinds, that begins at `at`.
size_t end_of_toml_string(std::string_view text, size_t at);

}  // namespace tenon
