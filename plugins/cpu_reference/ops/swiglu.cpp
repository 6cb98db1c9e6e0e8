// output = silu(g) * u with g = min(gate, gate_limit), u = clamp(up, -up_limit, up_limit),
// silu(x) = x / (1 + exp(-x)); a limit of 0 means none. silu and the product are taken in double,
// because exp(-x) overflows f32 where the result is still a normal number.
#include <algorithm>
#include <cmath>
#include <vector>

#include "ops/check.hpp"
#include "ops/kernels.hpp"
#include "tensor_view.hpp"
#include "text.hpp"

namespace tenon::cpu_reference {
namespace {

// A NaN stays one: comparisons with it are false.
float at_most(float value, float limit) {
  return limit > 0 && value > limit ? limit : value;
}
float at_least(float value, float limit) {
  return limit < 0 && value < limit ? limit : value;
}

double silu(double x) {
  return x / (1.0 + std::exp(-x));
}

void check_limit(Check& check, const char* name, float limit) {
  check.that(std::isfinite(limit) && limit >= 0, joined({name, " is out of range"}),
             "0 (none) or more", std::to_string(limit));
}

}  // namespace

Support query(const tn_swiglu_args& args) {
  Check check("swiglu", args.flags);
  const Dim rows{args.gate.shape[0], "gate's first"};
  const Dim width{args.gate.shape[1], "gate's second"};
  check.tensor("gate", args.gate, {any_size, any_size}, float_types, Strides::rows)
      .tensor("up", args.up, {rows, width}, float_types, Strides::rows)
      .tensor("output", args.output, {rows, width}, float_types, Strides::rows, Access::write)
      .same_dtype("up", args.up, "gate", args.gate)
      .same_dtype("output", args.output, "gate", args.gate);
  check_limit(check, "gate_limit", args.gate_limit);
  check_limit(check, "up_limit", args.up_limit);
  return check.answer();
}

void run(const tn_swiglu_args& args, std::span<std::byte>, ThreadPool& pool) {
  const TensorView gate("swiglu", "gate", args.gate);
  const TensorView up("swiglu", "up", args.up);
  const TensorView output("swiglu", "output", args.output);
  if (element_count(args.gate) == 0) return;
  const int64_t width = gate.shape(1);
  pool.parallel_ranges(
      gate.shape(0), rows_worth_a_thread(8 * width), [&](int64_t begin, int64_t end) {
        std::vector<float> gates(static_cast<size_t>(width));
        std::vector<float> ups(static_cast<size_t>(width));
        for (int64_t row = begin; row < end; ++row) {
          gate.load_row(row, gates.data());
          up.load_row(row, ups.data());
          for (size_t i = 0; i < gates.size(); ++i) {
            const float g = at_most(gates[i], args.gate_limit);
            const float u = at_least(at_most(ups[i], args.up_limit), -args.up_limit);
            gates[i] = static_cast<float>(silu(g) * u);
          }
          output.store_row(row, gates.data());
        }
      });
}

}  // namespace tenon::cpu_reference
