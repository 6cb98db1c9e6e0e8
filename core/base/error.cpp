#include "base/error.hpp"

namespace tenon {

std::string error_text(std::string_view where, std::string_view what, std::string_view expected,
                       std::string_view found) {
  std::string text;
  text.append("[").append(where).append("] ").append(what);
  if (!expected.empty()) text.append("; expected ").append(expected);
  if (!found.empty()) text.append("; found ").append(found);
  return text;
}

void fail_input(std::string_view where, std::string_view what, std::string_view expected,
                std::string_view found) {
  throw Error(ErrorKind::input, error_text(where, what, expected, found));
}

void fail_run(std::string_view where, std::string_view what, std::string_view expected,
              std::string_view found) {
  throw Error(ErrorKind::failure, error_text(where, what, expected, found));
}

}  // namespace tenon
