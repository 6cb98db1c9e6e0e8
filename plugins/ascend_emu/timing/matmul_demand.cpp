#include <algorithm>
#include <vector>

#include "ascend_emu/timing/demands.hpp"

namespace tenon::ascend_emu::timing {
namespace {

// The cube multiplies 16 x 32 bytes by 32 bytes x 16; a core's result tile has 128 rows of f32 at
// 256 columns, which fill its 128 KiB.
constexpr std::int64_t cube_rows = 16;
constexpr std::int64_t cube_depth_bytes = 32;
constexpr std::int64_t tile_rows = 128;

std::int64_t rounded_up(std::int64_t value, std::int64_t step) {
  return (value + step - 1) / step * step;
}

void read_if_present(Demand& demand, const tn_tensor& tensor) {
  if (tensor.dtype != TN_DTYPE_NONE) demand.reads.push_back(extent_of(tensor));
}

std::vector<std::int64_t> even_groups(std::int64_t rows, std::int64_t groups) {
  std::vector<std::int64_t> result(static_cast<std::size_t>(groups), 0);
  for (std::int64_t g = 0; g < groups; ++g)
    result[static_cast<std::size_t>(g)] = rows / groups + (g < rows % groups ? 1 : 0);
  return result;
}

// The weights of neighbouring groups with rows are one extent.
void read_used_weights(Demand& demand, const tn_tensor& weight,
                       std::span<const std::int64_t> group_rows) {
  const Extent all = extent_of(weight);
  const std::uint64_t each = all.bytes / std::max<std::uint64_t>(1, group_rows.size());
  for (std::size_t group = 0; group < group_rows.size(); ++group) {
    if (group_rows[group] == 0) continue;
    const std::uint64_t offset = all.offset + group * each;
    if (!demand.reads.empty() && demand.reads.back().buffer == all.buffer &&
        demand.reads.back().end() == offset) {
      demand.reads.back().bytes += each;
    } else {
      demand.reads.push_back({all.buffer, offset, each});
    }
  }
}

// Scales and biases of the groups with rows: as many bytes from the tensor's beginning, since there
// are too few of them for their place in L2 to matter.
void read_used_share(Demand& demand, const tn_tensor& tensor,
                     std::span<const std::int64_t> group_rows) {
  if (tensor.dtype == TN_DTYPE_NONE || group_rows.empty()) return;
  const auto used = static_cast<std::uint64_t>(std::count_if(
      group_rows.begin(), group_rows.end(), [](std::int64_t rows) { return rows > 0; }));
  Extent extent = extent_of(tensor);
  extent.bytes = extent.bytes / group_rows.size() * used;
  demand.reads.push_back(extent);
}

}  // namespace

CubeType cube_type(std::uint32_t dtype) {
  switch (dtype) {
    case TN_DTYPE_F16:
      return CubeType::f16;
    case TN_DTYPE_F32:
      return CubeType::f32;
    case TN_DTYPE_I8:
      return CubeType::i8;
    default:
      return CubeType::bf16;
  }
}

std::int64_t tiled_rows(std::int64_t m) {
  return rounded_up(m, m <= tile_rows ? cube_rows : tile_rows);
}

double tiled_flops(std::int64_t m, std::int64_t k, std::int64_t n, std::uint32_t dtype) {
  const std::int64_t item =
      static_cast<std::int64_t>(std::max<std::uint64_t>(1, item_bytes(dtype)));
  return 2.0 * static_cast<double>(tiled_rows(m)) *
         static_cast<double>(rounded_up(k, cube_depth_bytes / item)) *
         static_cast<double>(rounded_up(n, cube_rows));
}

Demand demand_of(const tn_linear_args& args, const RuntimeValues&) {
  Demand demand;
  demand.cube_type = cube_type(args.input.dtype);
  demand.cube_flops =
      tiled_flops(args.input.shape[0], args.input.shape[1], args.weight.shape[0], args.input.dtype);
  demand.row_major_weight = args.weight.layout == TN_LAYOUT_ROW_MAJOR;
  demand.reads = {extent_of(args.input), extent_of(args.weight)};
  for (const tn_tensor* tensor :
       {&args.bias, &args.weight_scale, &args.quant_bias, &args.row_scale})
    read_if_present(demand, *tensor);
  demand.writes = {extent_of(args.output)};
  return demand;
}

Demand demand_of(const tn_batched_matmul_args& args, const RuntimeValues&) {
  Demand demand;
  demand.cube_type = cube_type(args.a.dtype);
  demand.cube_flops = static_cast<double>(args.a.shape[0]) *
                      tiled_flops(args.a.shape[1], args.a.shape[2], args.b.shape[2], args.a.dtype);
  demand.row_major_weight = args.b.layout == TN_LAYOUT_ROW_MAJOR;
  demand.reads = {extent_of(args.a), extent_of(args.b)};
  demand.writes = {extent_of(args.output)};
  return demand;
}

Demand demand_of(const tn_grouped_matmul_args& args, const RuntimeValues& values) {
  const std::int64_t groups = args.weight.shape[0];
  std::vector<std::int64_t> rows(values.group_rows.begin(), values.group_rows.end());
  if (rows.empty()) rows = even_groups(args.input.shape[0], groups);

  Demand demand;
  demand.cube_type = cube_type(args.input.dtype);
  std::int64_t used_rows = 0;
  for (const std::int64_t group : rows) {
    demand.cube_flops +=
        tiled_flops(group, args.weight.shape[1], args.weight.shape[2], args.input.dtype);
    used_rows += group;
  }
  Extent input = extent_of(args.input);
  Extent output = extent_of(args.output);
  for (Extent* side : {&input, &output}) {
    const std::int64_t all_rows = std::max<std::int64_t>(1, args.input.shape[0]);
    side->bytes = side->bytes / static_cast<std::uint64_t>(all_rows) *
                  static_cast<std::uint64_t>(std::min(used_rows, all_rows));
  }
  read_used_weights(demand, args.weight, rows);
  demand.reads.push_back(input);
  demand.reads.push_back(extent_of(args.group_list));
  for (const tn_tensor* tensor : {&args.bias, &args.weight_scale, &args.quant_bias})
    read_used_share(demand, *tensor, rows);
  read_if_present(demand, args.row_scale);
  demand.writes = {output};
  return demand;
}

}  // namespace tenon::ascend_emu::timing
