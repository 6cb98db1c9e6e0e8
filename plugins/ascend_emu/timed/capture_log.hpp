// The calls of a capture, to be made again at every launch.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include <tenon/plugin/owned_arguments.hpp>

#include "ascend_emu/timing/work_item.hpp"

namespace tenon::ascend_emu {

struct CapturedCall {
  timing::WorkItem work;
  std::unique_ptr<plugin::OwnedArguments> arguments;  // of an op
  timing::Extent workspace;                           // likewise
};

struct CaptureLog {
  std::atomic<bool> active{true};  // until the capture ends or is given up
  std::vector<CapturedCall> calls;
  std::map<tn_node, std::size_t> nodes;  // index in `calls` of each op
  std::uint32_t first_stream = 0;        // the stream that the capture began on
};

}  // namespace tenon::ascend_emu
