// Float form:  output[m,n] = sum_k input[m,k] * weight[n,k] + bias[n]
// W8A8 form:   output[m,n] = (sum_k input[m,k] * weight[n,k] + quant_bias[n])
//                            * weight_scale[n] * row_scale[m] + bias[n]
// The sum is in f32 in the order of dot.hpp, or exact in int32.
#include "ops/check.hpp"
#include "ops/finish.hpp"
#include "ops/kernels.hpp"
#include "ops/layouts.hpp"
#include "ops/private_layout.hpp"
#include "ops/tile_product.hpp"

namespace tenon::cpu_reference {
namespace {

static_assert(tile_rows == private_block_rows && dot_chunk == private_block_columns,
              "a block of the private layout is a tile's chunk");

void check_weight(Check& check, const tn_linear_args& args) {
  const DtypeSet types = float_types | only(TN_DTYPE_I8);
  if (args.weight.layout == TN_LAYOUT_ROW_MAJOR) {
    check.tensor("weight", args.weight, {any_size, {args.input.shape[1], "input's second"}}, types,
                 Strides::rows);
    return;
  }
  check.laid_out_tensor("weight", args.weight, 2, 2, types, Strides::rows)
      .that(args.weight.shape[1] == args.input.shape[1],
            "weight's second dimension must equal input's second",
            std::to_string(args.input.shape[1]), std::to_string(args.weight.shape[1]));
}

// A tile of the weight matrix as the dot products want it.
Panel weight_panel(const TensorView& weight, const tn_tensor& tensor, FloatRows& rows,
                   int64_t first, int64_t count) {
  const int64_t k = weight.shape(1);
  if (k == 0) return {nullptr, 0, 0};
  if (tensor.layout == private_blocked_layout) {
    const int64_t block_row = tile_rows * dot_padded(k);
    return {rows.widen_block(weight, first / tile_rows * block_row, block_row), dot_chunk,
            tile_rows * dot_chunk};
  }
  if (tensor.layout == TN_LAYOUT_FRACTAL_NZ) {
    return rows.widen_places(
        weight, [&](int64_t row) { return place_of_row(tensor, first + row); }, count, k);
  }
  return rows.widen(weight, first * weight.stride(0), weight.stride(0), 1, count, k);
}

void widen_int8_weights(const TensorView& weight, const tn_tensor& tensor, int64_t first,
                        int64_t count, int16_t* out) {
  const int64_t k = weight.shape(1);
  for (int64_t row = 0; row < count; ++row) {
    const RowPlace place = place_of_row(tensor, first + row);
    for (int64_t i = 0; i < k; i += place.chunk) {
      widen_int8(weight.int8s(place.at(i)), 1, std::min(place.chunk, k - i), out + row * k + i);
    }
  }
}

}  // namespace

Support query(const tn_linear_args& args) {
  Check check("linear", args.flags);
  const bool quantised = args.weight.dtype == TN_DTYPE_I8;
  const int64_t m = args.input.shape[0];
  const int64_t n = args.weight.shape[0];
  check.tensor("input", args.input, {any_size, any_size},
               quantised ? only(TN_DTYPE_I8) : float_types, Strides::rows);
  check_weight(check, args);
  check_finish(check, args, quantised, args.input.shape[1], {{n, "weight's first"}});
  check.tensor("output", args.output, {{m, "input's first"}, {n, "weight's first"}}, float_types,
               Strides::rows, Access::write);
  return check.answer(check.failed() ? 0 : widened_bytes(args.input));
}

void run(const tn_linear_args& args, std::span<std::byte> workspace, ThreadPool& pool) {
  const TensorView input("linear", "input", args.input);
  const TensorView weight("linear", "weight", args.weight);
  const Finish finish("linear", args);
  const int64_t m = input.shape(0);
  const int64_t n = weight.shape(0);
  const int64_t k = weight.shape(1);
  if (m == 0 || n == 0) return;
  const int64_t grain = rows_worth_a_thread(tile_rows * k * m / 8);

  if (weight.dtype() == TN_DTYPE_I8) {
    const int16_t* x = widen_int8_rows(input, workspace, pool);
    pool.parallel_ranges(tile_count(n), grain, [&](int64_t begin, int64_t end) {
      std::vector<int16_t> rows(static_cast<size_t>(tile_rows * k));
      for (int64_t tile = begin; tile < end; ++tile) {
        const int64_t first = tile * tile_rows;
        const int64_t count = std::min(tile_rows, n - first);
        widen_int8_weights(weight, args.weight, first, count, rows.data());
        multiply_tile(rows.data(), count, x, m, k, [&](int64_t row, const int32_t* sums) {
          finish.write(0, row, first, count, sums);
        });
      }
    });
    return;
  }

  std::vector<float> spare;
  const Panel x = widen_float_rows(input, workspace, spare, pool);
  pool.parallel_ranges(tile_count(n), grain, [&](int64_t begin, int64_t end) {
    FloatRows rows;
    for (int64_t tile = begin; tile < end; ++tile) {
      const int64_t first = tile * tile_rows;
      const int64_t count = std::min(tile_rows, n - first);
      const Panel panel = weight_panel(weight, args.weight, rows, first, count);
      multiply_tile(panel, count, x, m, dot_chunks(k), [&](int64_t row, const float* sums) {
        finish.write(0, row, first, count, sums);
      });
    }
  });
}

}  // namespace tenon::cpu_reference
