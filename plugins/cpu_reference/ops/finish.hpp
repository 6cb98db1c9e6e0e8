// What linear and grouped_matmul do with a finished sum.
//
//   float form: y = sum + bias[n]
//   W8A8 form:  y = (sum + quant_bias[n]) * weight_scale[n] * row_scale[m] + bias[n]
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "ops/check.hpp"
#include "tensor_view.hpp"
#include "text.hpp"

namespace tenon::cpu_reference {

// The operands beside input and weight; `group` selects row e of the [E, N] tensors of
// grouped_matmul and is 0 for linear's [N].
class Finish {
 public:
  template <typename Args>
  Finish(const char* op, const Args& args)
      : bias_(op, "bias", args.bias),
        weight_scale_(op, "weight_scale", args.weight_scale),
        quant_bias_(op, "quant_bias", args.quant_bias),
        row_scale_(op, "row_scale", args.row_scale),
        output_(op, "output", args.output),
        columns_(output_.shape(1)) {}

  // Writes output[m, n .. n + count) from the float sums.
  void write(int64_t group, int64_t m, int64_t n, int64_t count, const float* sums) const {
    float values[max_count];
    add_bias(group, n, count, sums, values);
    output_.store(m * output_.stride(0) + n, count, values);
  }

  // The same from the integer sums.
  void write(int64_t group, int64_t m, int64_t n, int64_t count, const int32_t* sums) const {
    float values[max_count];
    const float row_scale = row_scale_.present() ? row_scale_.as<const float>()[m] : 1.0F;
    const auto* weight_scale = weight_scale_.as<const float>(group * columns_ + n);
    for (int64_t i = 0; i < count; ++i) {
      int64_t sum = sums[i];
      if (quant_bias_.present()) sum += quant_bias_.as<const int32_t>(group * columns_ + n)[i];
      values[i] = static_cast<float>(sum) * weight_scale[i] * row_scale;
    }
    add_bias(group, n, count, values, values);
    output_.store(m * output_.stride(0) + n, count, values);
  }

 private:
  static constexpr int64_t max_count = 16;

  void add_bias(int64_t group, int64_t n, int64_t count, const float* sums, float* values) const {
    float bias[max_count] = {};
    if (bias_.present()) bias_.load(group * columns_ + n, 1, count, bias);
    for (int64_t i = 0; i < count; ++i)
      values[i] = sums[i] + bias[i];
  }

  TensorView bias_;
  TensorView weight_scale_;
  TensorView quant_bias_;
  TensorView row_scale_;
  TensorView output_;
  int64_t columns_;
};

// What query demands of these operands. `columns`: the dimensions of bias and scales.
template <typename Args>
void check_finish(Check& check, const Args& args, bool quantised, int64_t k,
                  std::initializer_list<Dim> columns) {
  check.optional_tensor("bias", args.bias, columns, float_types, Strides::contiguous);
  if (!quantised) {
    const char* because = "unless weight is i8";
    check.absent("weight_scale", args.weight_scale, because)
        .absent("quant_bias", args.quant_bias, because)
        .absent("row_scale", args.row_scale, because)
        .that(args.output.dtype == args.input.dtype || args.output.dtype == TN_DTYPE_F32,
              "output's dtype must be input's or f32", dtype_name(args.input.dtype),
              dtype_name(args.output.dtype));
    return;
  }
  const int64_t longest = (int64_t{1} << 17) - 1;  // K 2^14 < 2^31
  check.tensor("weight_scale", args.weight_scale, columns, only(TN_DTYPE_F32), Strides::contiguous)
      .optional_tensor("quant_bias", args.quant_bias, columns, only(TN_DTYPE_I32),
                       Strides::contiguous)
      .optional_tensor("row_scale", args.row_scale, {{args.input.shape[0], "input's first"}},
                       only(TN_DTYPE_F32), Strides::contiguous)
      .that(k <= longest, "a sum of so many int8 products does not fit 32 bits",
            joined({"at most ", std::to_string(longest)}), std::to_string(k));
}

}  // namespace tenon::cpu_reference
