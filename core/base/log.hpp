// The host's log. Plugins reach it through the C callback of tn_host; spdlog stays behind this
// file.
#pragma once

#include <filesystem>
#include <string_view>

namespace tenon {

enum class LogLevel { trace = 0, debug, info, warning, error, off };

// Where log lines go: standard error, or `file` when it is not empty (appended to). Lines below
// `level` are dropped. May be called again; the last call counts. Throws Error{input} if the file
// cannot be opened. Before the first call, warnings and errors go to standard error.
void configure_log(LogLevel level, const std::filesystem::path& file = {});

LogLevel log_level();

// Writes one line "[level] component: message". Thread-safe.
void log(LogLevel level, std::string_view component, std::string_view message);

}  // namespace tenon
