#include "plan/expert_loop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "device/tensor.hpp"

namespace tenon {
namespace {

// The indices [first, first + count) of the first dimension.
tn_tensor rows_of(tn_tensor tensor, int64_t first, int64_t count) {
  if (tensor.dtype == TN_DTYPE_NONE) return tensor;
  tensor.byte_offset +=
      static_cast<uint64_t>(first * tensor.strides[0]) * dtype_bytes(tensor.dtype);
  tensor.shape[0] = count;
  tensor.storage_bytes = extent_bytes(tensor).value_or(0);
  return tensor;
}

// One index of the first dimension, which goes.
tn_tensor entry_of(const tn_tensor& tensor, int64_t index) {
  tn_tensor entry = rows_of(tensor, index, 1);
  if (entry.dtype == TN_DTYPE_NONE) return entry;
  --entry.rank;
  std::copy_n(tensor.shape + 1, entry.rank, entry.shape);
  std::copy_n(tensor.strides + 1, entry.rank, entry.strides);
  entry.shape[entry.rank] = 0;
  entry.strides[entry.rank] = 0;
  return entry;
}

// The [N, K] of one expert, from a transposed view [E, K, N].
tn_tensor weight_of(const tn_tensor& stack, int64_t expert) {
  tn_tensor weight = entry_of(stack, expert);
  std::swap(weight.shape[0], weight.shape[1]);
  std::swap(weight.strides[0], weight.strides[1]);
  return weight;
}

tn_op_support refuse(std::string_view reason) {
  tn_op_support support{};
  support.struct_size = sizeof support;
  std::ranges::copy(reason.substr(0, sizeof support.reason - 1), support.reason);
  return support;
}

}  // namespace

tn_linear_args expert_linear(const tn_grouped_matmul_args& args, int64_t expert, int64_t first,
                             int64_t rows) {
  tn_linear_args linear{};
  linear.struct_size = sizeof linear;
  linear.flags = args.flags;
  linear.input = rows_of(args.input, first, rows);
  linear.weight = weight_of(args.weight, expert);
  linear.bias = entry_of(args.bias, expert);
  linear.weight_scale = entry_of(args.weight_scale, expert);
  linear.quant_bias = entry_of(args.quant_bias, expert);
  linear.row_scale = rows_of(args.row_scale, first, rows);
  linear.output = rows_of(args.output, first, rows);
  return linear;
}

tn_op_support query_expert_loop(
    const tn_grouped_matmul_args& args,
    const std::function<tn_op_support(uint32_t op, const void* args)>& query) {
  const tn_tensor& weight = args.weight;
  if (weight.layout != TN_LAYOUT_ROW_MAJOR || weight.strides[1] != 1) {
    return refuse("the stacked weight has a layout of the device's own, which has no slices");
  }
  const int64_t experts = weight.shape[0];
  const int64_t all_rows = args.input.shape[0];
  tn_op_support loop = refuse({});
  loop.supported = 1;
  for (int64_t rows = 1;; rows = std::min(2 * rows, all_rows)) {
    const tn_linear_args linear = expert_linear(args, 0, 0, std::min(rows, all_rows));
    const tn_op_support one = query(TN_OP_linear, &linear);
    if (one.supported == 0) return refuse(one.reason);
    loop.workspace_bytes = std::max(loop.workspace_bytes, one.workspace_bytes);
    loop.copied_bytes = std::max(loop.copied_bytes, one.copied_bytes);
    if (rows >= all_rows) break;
  }
  loop.copied_bytes *= static_cast<uint64_t>(std::min(experts, all_rows));
  return loop;
}

std::vector<EqualLinears> even_linears(
    const tn_grouped_matmul_args& args,
    const std::function<tn_op_support(uint32_t op, const void* args)>& query) {
  const int64_t experts = args.weight.shape[0];
  const int64_t each = args.input.shape[0] / experts;
  const int64_t with_one_more = args.input.shape[0] % experts;
  std::vector<EqualLinears> linears;
  for (const auto& [count, rows] :
       {std::pair(with_one_more, each + 1), std::pair(experts - with_one_more, each)}) {
    if (count == 0 || rows == 0) continue;
    const tn_linear_args linear = expert_linear(args, 0, 0, rows);
    linears.push_back({count, query(TN_OP_linear, &linear).estimated_ns});
  }
  return linears;
}

std::vector<int32_t> even_group_list(const tn_grouped_matmul_args& args) {
  const int64_t experts = args.weight.shape[0];
  const int64_t rows = args.input.shape[0];
  std::vector<int32_t> list;
  int64_t end = 0;
  for (int64_t expert = 0; expert < experts; ++expert) {
    const int64_t own = rows / experts + (expert < rows % experts ? 1 : 0);
    end += own;
    list.push_back(static_cast<int32_t>(args.group_list_kind == TN_GROUP_SIZES ? own : end));
  }
  return list;
}

void for_each_expert(const tn_grouped_matmul_args& args, std::span<const int32_t> group_list,
                     const std::function<void(const tn_linear_args& args)>& run) {
  const int64_t all_rows = args.input.shape[0];
  int64_t first = 0;
  for (size_t expert = 0; expert < group_list.size(); ++expert) {
    const bool sizes = args.group_list_kind == TN_GROUP_SIZES;
    const int64_t end = (sizes ? first : 0) + group_list[expert];
    if (end < first || end > all_rows) {
      fail_run("grouped_matmul", fmt::format("group {} ends where no row is", expert),
               fmt::format("{} to {}", first, all_rows), std::to_string(end));
    }
    if (end > first) run(expert_linear(args, static_cast<int64_t>(expert), first, end - first));
    first = end;
  }
}

}  // namespace tenon
