// The text of a configuration file, kept so that a message can show the line it speaks of.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "config/config_value.hpp"

namespace tenon {

constexpr size_t max_configuration_bytes = size_t{16} << 20;

struct SourceText {
  std::string name;  // the path as the user wrote it
  std::string text;

  // The line without its end and without a byte order mark; empty if there is no such line.
  std::string line(int number) const;
};

// Reads a regular file of at most max_configuration_bytes; throws Error{input} for anything else.
// The text is not checked further.
SourceText read_source_text(const std::filesystem::path& path);

// Where the text stops being UTF-8 (overlong forms, surrogates and code points past U+10FFFF are
// refused), or nothing.
std::optional<SourcePosition> find_invalid_utf8(std::string_view text);

}  // namespace tenon
