// From the arguments of an op to what it asks of the SoC: operations, rows, bytes.
#pragma once

#include <cstdint>
#include <span>

#include "ascend_emu/timing/work_item.hpp"

namespace tenon::ascend_emu::timing {

// What only the contents of a buffer tell.
struct RuntimeValues {
  // Rows of each group of a grouped_matmul. Empty: all rows spread evenly, over as many groups as
  // there are rows for.
  std::span<const std::int64_t> group_rows;
};

// `args` is the full-size argument struct of `op`, checked already; its buffers are not looked
// into, and a buffer's id is its handle. Attention takes its lengths from the host arrays, and
// where they are absent from max_query_len and max_seq_len. Failure TN_UNSUPPORTED for an id that
// this header's ops.def does not list.
Demand op_demand(std::uint32_t op, const void* args, const RuntimeValues& values = {});

// All of a tensor: its elements side by side from its first one (an approximation for a strided
// view, exact otherwise); the whole storage of a layout other than row-major.
Extent extent_of(const tn_tensor& tensor);

}  // namespace tenon::ascend_emu::timing
