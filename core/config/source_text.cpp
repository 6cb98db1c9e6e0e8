#include "config/source_text.hpp"

#include <cstddef>

#include "base/error.hpp"
#include "base/mapped_file.hpp"

namespace tenon {
namespace {

// Length of the UTF-8 sequence at the start of `text`, or 0. Table 3-7 of the Unicode standard.
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&](size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80U) return 1;
  if (first < 0xC2U || first > 0xF4U || !follows(1)) return 0;
  if (first < 0xE0U) return 2;
  const unsigned second = byte(1);
  if (first < 0xF0U) {
    const bool bad = (first == 0xE0U && second < 0xA0U) || (first == 0xEDU && second > 0x9FU);
    return !bad && follows(2) ? 3 : 0;
  }
  const bool bad = (first == 0xF0U && second < 0x90U) || (first == 0xF4U && second > 0x8FU);
  return !bad && follows(2) && follows(3) ? 4 : 0;
}

}  // namespace

std::string SourceText::line(int number) const {
  std::string_view rest = text;
  if (rest.substr(0, 3) == "\xEF\xBB\xBF") rest.remove_prefix(3);
  for (int i = 1; i < number; ++i) {
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  std::string_view line = rest.substr(0, rest.find('\n'));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return std::string(line);
}

SourceText read_source_text(const std::filesystem::path& path) {
  const MappedFile file(path);
  if (file.bytes().size() > max_configuration_bytes) {
    fail_input(path.string(), "the configuration file is too large",
               "at most " + std::to_string(max_configuration_bytes) + " bytes",
               std::to_string(file.bytes().size()) + " bytes");
  }
  SourceText source;
  source.name = path.string();
  source.text.assign(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  return source;
}

std::optional<SourcePosition> find_invalid_utf8(std::string_view text) {
  SourcePosition position{1, 1};
  size_t at = text.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0;
  while (at < text.size()) {
    const size_t length = utf8_length(text.substr(at));
    if (length == 0) return position;
    if (text[at] == '\n') {
      position = {position.line + 1, 1};
    } else {
      ++position.column;
    }
    at += length;
  }
  return std::nullopt;
}

}  // namespace tenon
