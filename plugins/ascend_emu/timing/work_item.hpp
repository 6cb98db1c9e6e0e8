// What a device was asked for, in the order of the calls: the input of the simulation.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tenon/ops.h>

#include "ascend_emu/timing/soc_profile.hpp"
#include "ascend_emu/timing/virtual_time.hpp"

namespace tenon::ascend_emu::timing {

// Which memory, never where: two buffers are the same if and only if their ids are equal.
using BufferId = std::uint64_t;

struct Extent {
  BufferId buffer = 0;
  std::uint64_t offset = 0;  // bytes
  std::uint64_t bytes = 0;

  std::uint64_t end() const { return offset + bytes; }
};

inline std::uint64_t overlap(const Extent& a, const Extent& b) {
  if (a.buffer != b.buffer) return 0;
  const std::uint64_t begin = a.offset > b.offset ? a.offset : b.offset;
  const std::uint64_t end = a.end() < b.end() ? a.end() : b.end();
  return begin < end ? end - begin : 0;
}

// What one rank takes part in. `bytes` is the rank's own tensor: the input of a gather or exchange,
// the output of a scatter, either of a reduction.
struct Collective {
  std::uint32_t ranks = 1;
  std::uint64_t bytes = 0;
};

// What an op asks of the SoC, apart from that SoC's speeds.
struct Demand {
  std::uint32_t op = TN_OP_none;
  tn_op_class op_class = TN_CLASS_VECTOR;

  CubeType cube_type = CubeType::bf16;
  double cube_flops = 0;  // as the engine runs them, with the rounding of tiles

  double vector_rows = 0;
  double vector_row_elements = 0;
  bool one_row_on_many_cores = false;  // elementwise; otherwise a row stays on one core

  double scores = 0;  // of attention: query heads times the keys that each looks at

  bool row_major_weight = false;
  std::vector<Extent> reads;
  std::vector<Extent> writes;
  // Bytes at places that only the contents of a buffer tell: always from memory, never kept.
  std::uint64_t scattered_read_bytes = 0;
  std::uint64_t scattered_write_bytes = 0;

  Collective collective;
};

enum class WorkKind {
  op,
  copy_with_host,      // h2d, d2h: `extent` on the device
  copy_on_device,      // to `extent`, from `source`
  fill,                // `extent`
  prefetch,            // `extent`
  host_function,       // in the stream's order; takes no virtual time
  event_record,        // `event`
  event_wait,          // for the latest record of `event` before this item; none: no wait
  graph_launch,        // the items marked `captured` that follow are its nodes
  synchronize_stream,  // the host waits for `stream`
  synchronize_event,   // the host waits for the latest record of `event`
  synchronize_device
};

struct WorkItem {
  WorkKind kind = WorkKind::op;
  std::uint32_t stream = 0;
  bool captured = false;  // enqueued by the graph launch before it: costs the host nothing
  std::uint32_t event = 0;
  Extent extent;
  Extent source;
  Demand demand;
  // Of an op that does not take an operand as it lies: the op that first makes a copy of it. Both
  // are one call and one item.
  std::shared_ptr<const WorkItem> copy;
  std::string name;  // of the layer; for people
};

}  // namespace tenon::ascend_emu::timing
