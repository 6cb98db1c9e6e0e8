// What the process tells its caller. Documented by `tenon --help`; scripts rely on it.
#pragma once

namespace tenon {

inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;       // the run itself failed
inline constexpr int exit_wrong_input = 2;  // wrong use, configuration or input
inline constexpr int exit_signal = 128;     // plus the number of the signal that ended the run

}  // namespace tenon
