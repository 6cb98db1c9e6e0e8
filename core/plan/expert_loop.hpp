// A grouped_matmul taken apart into one linear for each expert that has rows. The linears read and
// write slices of its operands, so nothing is copied; but the host has to know the number of rows of
// each expert before it can enqueue them.
#pragma once

#include <tenon/device_api.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace tenon {

// The linear of `expert` over the rows [first, first + rows) of the grouped operands. The weight
// must be a transposed view of [E, N, K], row-major.
tn_linear_args expert_linear(const tn_grouped_matmul_args& args, int64_t expert, int64_t first,
                             int64_t rows);

// Whether a device runs the loop with these arguments, whatever the routing: `query` is asked for
// the linear of every power of two of rows and of all rows. workspace_bytes is the most that one
// needs; copied_bytes counts each expert that may have rows. Never capturable.
tn_op_support query_expert_loop(
    const tn_grouped_matmul_args& args,
    const std::function<tn_op_support(uint32_t op, const void* args)>& query);

// Linears of the loop that are alike.
struct EqualLinears {
  int64_t count = 0;
  uint64_t estimated_ns = 0;  // of each; 0: not known
};

// The linears of a loop whose rows divide evenly over the experts, as far as they go. Requires that
// the device runs the loop.
std::vector<EqualLinears> even_linears(
    const tn_grouped_matmul_args& args,
    const std::function<tn_op_support(uint32_t op, const void* args)>& query);

// The group_list of rows that divide evenly over the experts, as far as they go.
std::vector<int32_t> even_group_list(const tn_grouped_matmul_args& args);

// Calls `run` for each expert that has rows. `group_list` is what the device tensor of that name
// holds. Throws Error{failure} when it describes no partition of the rows.
void for_each_expert(const tn_grouped_matmul_args& args, std::span<const int32_t> group_list,
                     const std::function<void(const tn_linear_args& args)>& run);

}  // namespace tenon
