#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace tenon::plugin {

/// What a device answers when it is asked for one op with one set of shapes, dtypes and attributes.
struct Support {
  bool supported = true;
  bool capturable = true;             ///< also inside a graph capture
  std::uint64_t workspace_bytes = 0;  ///< enough for all contents of the operands
  std::string reason;                 ///< why not, one sentence; only when `supported` is false
  std::uint64_t copied_bytes = 0;     ///< copied by each run, because of a layout or strides
  std::uint64_t estimated_ns = 0;     ///< of one run that finds nothing in a cache; 0: not known

  static Support no(std::string reason) {
    return Support{false, false, 0, std::move(reason), 0, 0};
  }
};

}  // namespace tenon::plugin
