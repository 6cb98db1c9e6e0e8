// Settings that are given as text.
#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace tenon::host_runtime {

// "65536", "512 MiB", "4GiB": bytes, at least 1. Units B, KiB, MiB, GiB, TiB. Failure
// TN_INVALID_ARGUMENT naming `option`.
std::uint64_t parse_size(const char* option, const std::string& text);

// Names of ops, separated by commas; blanks around them do not count. Failure TN_INVALID_ARGUMENT
// for a name that is no op.
std::set<std::uint32_t> parse_op_names(const char* option, const std::string& text);

}  // namespace tenon::host_runtime
