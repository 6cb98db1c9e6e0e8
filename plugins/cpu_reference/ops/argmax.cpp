// output[i] = position of the largest element of input[i]; the lowest of equal ones. NaN never
// wins; a row of nothing but NaN gives 0.
#include <algorithm>
#include <array>

#include "ops/check.hpp"
#include "ops/kernels.hpp"
#include "tensor_view.hpp"

namespace tenon::cpu_reference {
namespace {

int32_t largest(const TensorView& input, int64_t row) {
  std::array<float, 1024> part{};
  const auto part_size = static_cast<int64_t>(part.size());
  int64_t best = -1;
  float best_value = 0;
  for (int64_t first = 0; first < input.shape(1); first += part_size) {
    const int64_t count = std::min(part_size, input.shape(1) - first);
    input.load(row * input.stride(0) + first, 1, count, part.data());
    for (int64_t i = 0; i < count; ++i) {
      const float value = part[static_cast<size_t>(i)];
      const bool wins = best < 0 ? value == value : value > best_value;
      if (!wins) continue;
      best = first + i;
      best_value = value;
    }
  }
  return static_cast<int32_t>(std::max<int64_t>(best, 0));
}

}  // namespace

Support query(const tn_argmax_args& args) {
  Check check("argmax", args.flags);
  check.tensor("input", args.input, {any_size, any_size}, float_types, Strides::rows)
      .that(args.input.shape[1] >= 1 && args.input.shape[1] <= INT32_MAX,
            "input's second dimension is out of range", "1..2147483647",
            std::to_string(args.input.shape[1]))
      .tensor("output", args.output, {{args.input.shape[0], "input's first"}}, only(TN_DTYPE_I32),
              Strides::contiguous, Access::write);
  return check.answer();
}

void run(const tn_argmax_args& args, std::span<std::byte>, ThreadPool& pool) {
  const TensorView input("argmax", "input", args.input);
  const TensorView output("argmax", "output", args.output);
  pool.parallel_for(
      input.shape(0), [&](int64_t row) { output.as<int32_t>()[row] = largest(input, row); },
      rows_worth_a_thread(input.shape(1)));
}

}  // namespace tenon::cpu_reference
