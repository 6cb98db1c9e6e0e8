// The demand of each op by its argument struct, and what they share.
#pragma once

#include <cstdint>

#include "ascend_emu/timing/op_demand.hpp"

namespace tenon::ascend_emu::timing {

inline std::int64_t elements_of(const tn_tensor& tensor) {
  std::int64_t count = 1;
  for (std::uint32_t axis = 0; axis < tensor.rank; ++axis)
    count *= tensor.shape[axis];
  return count;
}

inline std::int64_t last_dimension(const tn_tensor& tensor) {
  return tensor.rank == 0 ? 1 : tensor.shape[tensor.rank - 1];
}

inline std::int64_t rows_of(const tn_tensor& tensor) {
  const std::int64_t last = last_dimension(tensor);
  return last == 0 ? 0 : elements_of(tensor) / last;
}

std::uint64_t item_bytes(std::uint32_t dtype);

CubeType cube_type(std::uint32_t dtype);

// Rows of a matrix product as the engine runs them.
std::int64_t tiled_rows(std::int64_t m);

// Operations of [m, k] times [k, n] as the engine counts them.
double tiled_flops(std::int64_t m, std::int64_t k, std::int64_t n, std::uint32_t dtype);

Demand demand_of(const tn_linear_args& args, const RuntimeValues& values);
Demand demand_of(const tn_batched_matmul_args& args, const RuntimeValues& values);
Demand demand_of(const tn_grouped_matmul_args& args, const RuntimeValues& values);
Demand demand_of(const tn_paged_attention_args& args, const RuntimeValues& values);

}  // namespace tenon::ascend_emu::timing
