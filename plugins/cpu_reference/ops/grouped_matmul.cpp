// For every row m of group e:
//   output[m,n] = sum_k input[m,k] * weight[e,k,n] + bias[e,n]
// and in the W8A8 form (int8 input and weight, exact int32 sum)
//   output[m,n] = (sum_k input[m,k] * weight[e,k,n] + quant_bias[e,n])
//                 * weight_scale[e,n] * row_scale[m] + bias[e,n]
// Groups lie one after the other from row 0; rows past the last one are neither read nor written.
#include <utility>

#include "ops/check.hpp"
#include "ops/finish.hpp"
#include "ops/kernels.hpp"
#include "ops/layouts.hpp"
#include "ops/tile_product.hpp"

namespace tenon::cpu_reference {
namespace {

// Row ranges of the groups, with group_list checked against the number of rows.
std::vector<std::pair<int64_t, int64_t>> group_ranges(const TensorView& list, uint32_t kind,
                                                      int64_t rows) {
  std::vector<std::pair<int64_t, int64_t>> ranges;
  int64_t begin = 0;
  for (int64_t group = 0; group < list.shape(0); ++group) {
    const int64_t end = kind == TN_GROUP_CUMULATIVE ? list.index(group, begin, rows)
                                                    : begin + list.index(group, 0, rows - begin);
    ranges.emplace_back(begin, end);
    begin = end;
  }
  return ranges;
}

bool is_transposed_view(const tn_tensor& weight) {
  tn_tensor plain = weight;
  std::swap(plain.shape[1], plain.shape[2]);
  std::swap(plain.strides[1], plain.strides[2]);
  return is_contiguous(plain);
}

void check_weight(Check& check, const tn_grouped_matmul_args& args) {
  const int64_t k = args.input.shape[1];
  const DtypeSet types = float_types | only(TN_DTYPE_I8);
  if (args.weight.layout == TN_LAYOUT_FRACTAL_NZ) {
    check.laid_out_tensor("weight", args.weight, 3, 3, types, Strides::any)
        .that(args.weight.shape[1] == k, "weight's second dimension must equal input's second",
              std::to_string(k), std::to_string(args.weight.shape[1]));
    return;
  }
  check
      .tensor("weight", args.weight, {any_size, {k, "input's second"}, any_size}, types,
              Strides::any)
      .that(is_contiguous(args.weight) || is_transposed_view(args.weight),
            "weight must be contiguous or a transposed view of a contiguous tensor", "such strides",
            "others");
}

// One n-tile of one expert, whose weight rows are columns n of [K, N]: weight[group, k, first + r]
// lies at offset + k * k_stride + r * row_stride. Fractals of NZ are as wide as a tile, or twice as
// wide, and those of one n lie one below the other.
struct Tile {
  int64_t group;
  int64_t first;
  int64_t count;
  int64_t offset;
  int64_t k_stride;
  int64_t row_stride;
};

Tile tile_at(const tn_tensor& weight, int64_t group, int64_t first) {
  const int64_t count = std::min(tile_rows, weight.shape[2] - first);
  if (weight.layout == TN_LAYOUT_FRACTAL_NZ && weight.shape[1] > 0) {
    const RowPlace place = place_of_row(weight, group * weight.shape[1]);
    return {group, first, count, place.at(first), place.chunk, 1};
  }
  const int64_t offset = group * weight.strides[0] + first * weight.strides[2];
  return {group, first, count, offset, weight.strides[1], weight.strides[2]};
}

}  // namespace

Support query(const tn_grouped_matmul_args& args) {
  Check check("grouped_matmul", args.flags);
  const bool quantised = args.weight.dtype == TN_DTYPE_I8;
  const int64_t m = args.input.shape[0];
  const int64_t k = args.input.shape[1];
  const Dim experts{args.weight.shape[0], "weight's first"};
  const Dim columns{args.weight.shape[2], "weight's third"};
  check.tensor("input", args.input, {any_size, any_size},
               quantised ? only(TN_DTYPE_I8) : float_types, Strides::rows);
  check_weight(check, args);
  check.tensor("group_list", args.group_list, {experts}, only(TN_DTYPE_I32), Strides::contiguous)
      .attribute("group_list_kind", args.group_list_kind, TN_GROUP_SIZES, TN_GROUP_CUMULATIVE)
      .reserved(args.reserved0);
  check_finish(check, args, quantised, k, {experts, columns});
  check.tensor("output", args.output, {{m, "input's first"}, columns}, float_types, Strides::rows,
               Access::write);
  if (!quantised) check.same_dtype("output", args.output, "input", args.input);
  return check.answer(check.failed() ? 0 : widened_bytes(args.input));
}

void run(const tn_grouped_matmul_args& args, std::span<std::byte> workspace, ThreadPool& pool) {
  const TensorView input("grouped_matmul", "input", args.input);
  const TensorView weight("grouped_matmul", "weight", args.weight);
  const TensorView list("grouped_matmul", "group_list", args.group_list);
  const Finish finish("grouped_matmul", args);
  const int64_t k = weight.shape(1);
  const int64_t n = weight.shape(2);
  const auto ranges = group_ranges(list, args.group_list_kind, input.shape(0));
  if (input.shape(0) == 0 || n == 0) return;

  // Calls body(tile, begin row, end row) for the tiles of all groups that have rows.
  const auto for_each_tile = [&](auto&& body) {
    pool.parallel_for(weight.shape(0) * tile_count(n), [&](int64_t task) {
      const int64_t group = task / tile_count(n);
      const auto [begin, end] = ranges[static_cast<size_t>(group)];
      if (begin == end) return;
      body(tile_at(args.weight, group, task % tile_count(n) * tile_rows), begin, end);
    });
  };

  if (weight.dtype() == TN_DTYPE_I8) {
    const int16_t* x = widen_int8_rows(input, workspace, pool);
    for_each_tile([&](const Tile& tile, int64_t begin, int64_t end) {
      std::vector<int16_t> rows(static_cast<size_t>(tile_rows * k));
      for (int64_t row = 0; row < tile.count; ++row) {
        widen_int8(weight.int8s(tile.offset + row * tile.row_stride), tile.k_stride, k,
                   rows.data() + row * k);
      }
      multiply_tile(rows.data(), tile.count, x + begin * k, end - begin, k,
                    [&](int64_t row, const int32_t* sums) {
                      finish.write(tile.group, begin + row, tile.first, tile.count, sums);
                    });
    });
    return;
  }

  std::vector<float> spare;
  const Panel x = widen_float_rows(input, workspace, spare, pool);
  for_each_tile([&](const Tile& tile, int64_t begin, int64_t end) {
    FloatRows rows;
    const Panel panel =
        rows.widen(weight, tile.offset, tile.row_stride, tile.k_stride, tile.count, k);
    multiply_tile(panel, tile.count, x.from_row(begin), end - begin, dot_chunks(k),
                  [&](int64_t row, const float* sums) {
                    finish.write(tile.group, begin + row, tile.first, tile.count, sums);
                  });
  });
}

}  // namespace tenon::cpu_reference
