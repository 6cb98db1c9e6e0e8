// Throwing tenon::Error with a text of the one shape that all messages have.
#pragma once

#include <string>
#include <string_view>
#include <tenon/error.hpp>

namespace tenon {

// "[where] what; expected E; found F". Empty parts are left out.
std::string error_text(std::string_view where, std::string_view what,
                       std::string_view expected = {}, std::string_view found = {});

// Throw an Error of the kind that the name says, with error_text of the arguments.
[[noreturn]] void fail_input(std::string_view where, std::string_view what,
                             std::string_view expected = {}, std::string_view found = {});
[[noreturn]] void fail_run(std::string_view where, std::string_view what,
                           std::string_view expected = {}, std::string_view found = {});

}  // namespace tenon
