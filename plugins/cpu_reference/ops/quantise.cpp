// static_quant:   output = clamp(round_half_even(input / quant_scale) + quant_offset, -128, 127)
// dynamic_quant:  per row x = input * smooth_scale; row_scale = max |x| / 127;
//                 output = round_half_even(x / row_scale); a row of zeros gives row_scale 1
// A NaN becomes 0; in dynamic_quant it also makes the row's scale NaN, so that it is not lost.
#include <algorithm>
#include <cmath>
#include <vector>

#include "ops/check.hpp"
#include "ops/kernels.hpp"
#include "tensor_view.hpp"
#include "text.hpp"

namespace tenon::cpu_reference {
namespace {

// nearbyint rounds half to even in the default rounding mode.
int8_t quantise(float quotient, double offset) {
  const double value = std::nearbyint(static_cast<double>(quotient)) + offset;
  if (std::isnan(value)) return 0;
  return static_cast<int8_t>(std::clamp(value, -128.0, 127.0));
}

float largest_magnitude(const std::vector<float>& values) {
  float largest = 0;
  for (const float value : values) {
    if (std::isnan(value)) return value;
    largest = std::max(largest, std::abs(value));
  }
  return largest;
}

}  // namespace

Support query(const tn_static_quant_args& args) {
  Check check("static_quant", args.flags);
  const int64_t k = args.input.shape[1];
  const Dim scales{args.quant_scale.shape[0], "quant_scale's first"};
  check.tensor("input", args.input, {any_size, any_size}, float_types, Strides::rows)
      .tensor("quant_scale", args.quant_scale, {any_size}, only(TN_DTYPE_F32), Strides::contiguous)
      .that(args.quant_scale.shape[0] == 1 || args.quant_scale.shape[0] == k,
            "quant_scale's first dimension must be 1 or equal input's second",
            joined({"1 or ", std::to_string(k)}), std::to_string(args.quant_scale.shape[0]))
      .optional_tensor("quant_offset", args.quant_offset, {scales}, only(TN_DTYPE_I32),
                       Strides::contiguous)
      .tensor("output", args.output,
              {{args.input.shape[0], "input's first"}, {k, "input's second"}}, only(TN_DTYPE_I8),
              Strides::rows, Access::write);
  return check.answer();
}

void run(const tn_static_quant_args& args, std::span<std::byte>, ThreadPool& pool) {
  const TensorView input("static_quant", "input", args.input);
  const TensorView scale("static_quant", "quant_scale", args.quant_scale);
  const TensorView offset("static_quant", "quant_offset", args.quant_offset);
  const TensorView output("static_quant", "output", args.output);
  if (element_count(args.input) == 0) return;
  const int64_t k = input.shape(1);
  const int64_t step = scale.shape(0) == 1 ? 0 : 1;
  pool.parallel_ranges(input.shape(0), rows_worth_a_thread(4 * k), [&](int64_t begin, int64_t end) {
    std::vector<float> values(static_cast<size_t>(k));
    for (int64_t row = begin; row < end; ++row) {
      input.load_row(row, values.data());
      auto* out = output.as<int8_t>(row * output.stride(0));
      for (int64_t i = 0; i < k; ++i) {
        const double shift = offset.present() ? offset.as<const int32_t>()[i * step] : 0;
        const float divisor = scale.as<const float>()[i * step];
        out[i] = quantise(values[static_cast<size_t>(i)] / divisor, shift);
      }
    }
  });
}

Support query(const tn_dynamic_quant_args& args) {
  Check check("dynamic_quant", args.flags);
  const Dim rows{args.input.shape[0], "input's first"};
  const Dim width{args.input.shape[1], "input's second"};
  check.tensor("input", args.input, {any_size, any_size}, float_types, Strides::rows)
      .optional_tensor("smooth_scale", args.smooth_scale, {width}, only(TN_DTYPE_F32),
                       Strides::contiguous)
      .tensor("output", args.output, {rows, width}, only(TN_DTYPE_I8), Strides::rows, Access::write)
      .tensor("row_scale", args.row_scale, {rows}, only(TN_DTYPE_F32), Strides::contiguous,
              Access::write);
  return check.answer();
}

void run(const tn_dynamic_quant_args& args, std::span<std::byte>, ThreadPool& pool) {
  const TensorView input("dynamic_quant", "input", args.input);
  const TensorView smooth("dynamic_quant", "smooth_scale", args.smooth_scale);
  const TensorView output("dynamic_quant", "output", args.output);
  const TensorView row_scale("dynamic_quant", "row_scale", args.row_scale);
  const int64_t k = input.shape(1);
  pool.parallel_ranges(input.shape(0), rows_worth_a_thread(4 * k), [&](int64_t begin, int64_t end) {
    std::vector<float> values(static_cast<size_t>(k));
    for (int64_t row = begin; row < end; ++row) {
      if (k > 0) input.load_row(row, values.data());
      for (int64_t i = 0; smooth.present() && i < k; ++i) {
        values[static_cast<size_t>(i)] *= smooth.as<const float>()[i];
      }
      float scale = largest_magnitude(values) / 127.0F;
      if (scale == 0) scale = 1;
      row_scale.as<float>()[row] = scale;
      auto* out = output.as<int8_t>(row * output.stride(0));
      for (int64_t i = 0; i < k; ++i) {
        out[i] = quantise(values[static_cast<size_t>(i)] / scale, 0);
      }
    }
  });
}

}  // namespace tenon::cpu_reference
