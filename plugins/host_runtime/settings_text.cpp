#include "host_runtime/settings_text.hpp"

#include <charconv>
#include <string_view>
#include <utility>

#include <tenon/plugin/failure.hpp>
#include <tenon/plugin/op_description.hpp>

namespace tenon::host_runtime {
namespace {

using plugin::Failure;

std::string_view without_blanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// How far to shift for a unit; -1 for none that is known.
int shift_of(std::string_view unit) {
  constexpr std::pair<std::string_view, int> units[] = {{"", 0},     {"B", 0},    {"KiB", 10},
                                                        {"MiB", 20}, {"GiB", 30}, {"TiB", 40}};
  for (const auto& [name, shift] : units) {
    if (unit == name) return shift;
  }
  return -1;
}

}  // namespace

std::uint64_t parse_size(const char* option, const std::string& text) {
  const std::string_view digits = without_blanks(text);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const std::string_view unit =
      without_blanks(digits.substr(static_cast<std::size_t>(end - digits.data())));
  const int shift = shift_of(unit);
  const bool fits = shift >= 0 && value != 0 && (value << shift) >> shift == value;
  if (error == std::errc{} && fits) return value << shift;
  throw Failure(TN_INVALID_ARGUMENT, std::string("[options] option \"") + option +
                                         "\" is no size; expected a number above 0 and one of B, "
                                         "KiB, MiB, GiB, TiB; found \"" +
                                         text + "\"");
}

std::set<std::uint32_t> parse_op_names(const char* option, const std::string& text) {
  std::set<std::uint32_t> ops;
  std::string_view rest = text;
  if (without_blanks(rest).empty()) return ops;
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    const std::string_view name = without_blanks(rest.substr(0, comma));
    const plugin::OpDescription* description = plugin::find_op(name);
    if (description == nullptr) {
      throw Failure(TN_INVALID_ARGUMENT, std::string("[options] option \"") + option +
                                             "\" names no op; expected names such as linear or "
                                             "rope; found \"" +
                                             std::string(name) + "\"");
    }
    ops.insert(description->op);
    more = comma != std::string_view::npos;
    if (more) rest.remove_prefix(comma + 1);
  }
  return ops;
}

}  // namespace tenon::host_runtime
