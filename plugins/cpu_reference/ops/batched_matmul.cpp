// output[b,m,n] = sum_k a[b,m,k] * b[b,k,n], summed in f32 in the order of dot.hpp.
#include "ops/check.hpp"
#include "ops/kernels.hpp"
#include "ops/tile_product.hpp"
#include "text.hpp"

namespace tenon::cpu_reference {
namespace {

constexpr int64_t rows_at_once = 32;  // of a, widened together

}  // namespace

Support query(const tn_batched_matmul_args& args) {
  Check check("batched_matmul", args.flags);
  const int64_t batch = args.a.shape[0];
  check.tensor("a", args.a, {any_size, any_size, any_size}, float_types, Strides::any)
      .tensor("b", args.b, {{batch, "a's first"}, {args.a.shape[2], "a's third"}, any_size},
              float_types, Strides::any)
      .that(args.b.strides[1] == 1 || args.b.strides[2] == 1 || args.b.shape[1] <= 1 ||
                args.b.shape[2] <= 1,
            "one of b's last two strides must be 1", "1",
            joined({std::to_string(args.b.strides[1]), " and ", std::to_string(args.b.strides[2])}))
      .tensor(
          "output", args.output,
          {{batch, "a's first"}, {args.a.shape[1], "a's second"}, {args.b.shape[2], "b's third"}},
          float_types, Strides::rows, Access::write)
      .same_dtype("output", args.output, "a", args.a);
  return check.answer();
}

void run(const tn_batched_matmul_args& args, std::span<std::byte>, ThreadPool& pool) {
  const TensorView a("batched_matmul", "a", args.a);
  const TensorView b("batched_matmul", "b", args.b);
  const TensorView output("batched_matmul", "output", args.output);
  const int64_t rows = a.shape(1);
  const int64_t k = a.shape(2);
  const int64_t columns = b.shape(2);
  const int64_t tiles = tile_count(columns);
  if (element_count(args.output) == 0) return;

  const int64_t grain = rows_worth_a_thread(tile_rows * k * rows / 8);
  pool.parallel_ranges(a.shape(0) * tiles, grain, [&](int64_t begin, int64_t end) {
    FloatRows weight_rows;
    FloatRows a_rows;
    for (int64_t task = begin; task < end; ++task) {
      const int64_t batch = task / tiles;
      const int64_t first = task % tiles * tile_rows;
      const int64_t count = std::min(tile_rows, columns - first);
      const Panel weights = weight_rows.widen(b, batch * b.stride(0) + first * b.stride(2),
                                              b.stride(2), b.stride(1), count, k);
      for (int64_t m = 0; m < rows; m += rows_at_once) {
        const int64_t some = std::min(rows_at_once, rows - m);
        const Panel x = a_rows.widen(a, batch * a.stride(0) + m * a.stride(1), a.stride(1),
                                     a.stride(2), some, k);
        multiply_tile(weights, count, x, some, dot_chunks(k), [&](int64_t row, const float* sums) {
          output.store(batch * output.stride(0) + (m + row) * output.stride(1) + first, count,
                       sums);
        });
      }
    }
  });
}

}  // namespace tenon::cpu_reference
