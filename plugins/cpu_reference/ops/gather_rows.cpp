// output[i] = input[index[i]]; bits are copied.
#include <cstring>

#include "ops/check.hpp"
#include "ops/kernels.hpp"
#include "tensor_view.hpp"

namespace tenon::cpu_reference {

Support query(const tn_gather_rows_args& args) {
  Check check("gather_rows", args.flags);
  check.tensor("input", args.input, {any_size, any_size}, every_type, Strides::rows)
      .tensor("index", args.index, {any_size}, only(TN_DTYPE_I32), Strides::contiguous)
      .tensor("output", args.output,
              {{args.index.shape[0], "index's first"}, {args.input.shape[1], "input's second"}},
              every_type, Strides::rows, Access::write)
      .same_dtype("output", args.output, "input", args.input);
  return check.answer();
}

void run(const tn_gather_rows_args& args, std::span<std::byte>, ThreadPool& pool) {
  const TensorView input("gather_rows", "input", args.input);
  const TensorView index("gather_rows", "index", args.index);
  const TensorView output("gather_rows", "output", args.output);
  const int64_t width = input.shape(1);
  if (element_count(args.output) == 0) return;
  const auto row_bytes = static_cast<size_t>(width * item_size(input.dtype()));
  pool.parallel_for(
      index.shape(0),
      [&](int64_t i) {
        const int64_t row = index.index(i, 0, input.shape(0) - 1);
        std::memcpy(output.address(i * output.stride(0)), input.address(row * input.stride(0)),
                    row_bytes);
      },
      rows_worth_a_thread(width));
}

}  // namespace tenon::cpu_reference
