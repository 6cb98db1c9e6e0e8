// Bytes to an open file descriptor.
#pragma once

#include <string_view>

namespace tenon {

// Writes all of `bytes`, also to a descriptor that another program made non-blocking and across
// signals. 0, or the error number of the write that failed.
int write_fully(int file, std::string_view bytes);

}  // namespace tenon
