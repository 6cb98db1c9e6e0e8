// rms_norm:      output = input * rsqrt(mean(input^2) + epsilon) * weight + bias
// add_rms_norm:  sum = input + residual, rounded to A; output = rms_norm(sum as rounded)
// over the last dimension D. The sum of squares is taken in double, in ascending order.
#include <cmath>
#include <vector>

#include "ops/check.hpp"
#include "ops/kernels.hpp"
#include "tensor_view.hpp"

namespace tenon::cpu_reference {
namespace {

// weight and bias, widened once for all rows.
class Affine {
 public:
  template <typename Args>
  Affine(const char* op, const Args& args, int64_t width)
      : weight_(static_cast<size_t>(width), 1.0F), bias_(static_cast<size_t>(width), 0.0F) {
    const TensorView weight(op, "weight", args.weight);
    const TensorView bias(op, "bias", args.bias);
    if (weight.present()) weight.load(0, 1, width, weight_.data());
    if (bias.present()) bias.load(0, 1, width, bias_.data());
  }

  void normalise(std::vector<float>& row, float epsilon) const {
    double squares = 0;
    for (const float value : row)
      squares += static_cast<double>(value) * value;
    const double mean = squares / static_cast<double>(row.size());
    const auto factor = static_cast<float>(1.0 / std::sqrt(mean + epsilon));
    for (size_t i = 0; i < row.size(); ++i)
      row[i] = row[i] * factor * weight_[i] + bias_[i];
  }

 private:
  std::vector<float> weight_;
  std::vector<float> bias_;
};

template <typename Args>
void check_affine(Check& check, const Args& args, int64_t width) {
  const Dim dim{width, "input's last"};
  check.optional_tensor("weight", args.weight, {dim}, float_types, Strides::contiguous)
      .optional_tensor("bias", args.bias, {dim}, float_types, Strides::contiguous)
      .that(std::isfinite(args.epsilon) && args.epsilon >= 0, "epsilon is out of range",
            "0 or more", std::to_string(args.epsilon))
      .reserved(args.reserved0);
}

}  // namespace

Support query(const tn_rms_norm_args& args) {
  Check check("rms_norm", args.flags);
  check.ranked_tensor("input", args.input, 1, 4, float_types, Strides::rows)
      .ranked_tensor("output", args.output, 1, 4, float_types, Strides::rows, Access::write)
      .same_shape("output", args.output, "input", args.input)
      .same_dtype("output", args.output, "input", args.input);
  if (!check.failed()) check_affine(check, args, args.input.shape[args.input.rank - 1]);
  return check.answer();
}

void run(const tn_rms_norm_args& args, std::span<std::byte>, ThreadPool& pool) {
  const TensorView input("rms_norm", "input", args.input);
  const TensorView output("rms_norm", "output", args.output);
  if (element_count(args.input) == 0) return;
  const int64_t width = input.last_shape();
  const Affine affine("rms_norm", args, width);
  pool.parallel_ranges(input.row_count(), rows_worth_a_thread(width),
                       [&](int64_t begin, int64_t end) {
                         std::vector<float> values(static_cast<size_t>(width));
                         for (int64_t row = begin; row < end; ++row) {
                           input.load_row(row, values.data());
                           affine.normalise(values, args.epsilon);
                           output.store_row(row, values.data());
                         }
                       });
}

Support query(const tn_add_rms_norm_args& args) {
  Check check("add_rms_norm", args.flags);
  const Dim rows{args.input.shape[0], "input's first"};
  const Dim width{args.input.shape[1], "input's second"};
  check.tensor("input", args.input, {any_size, any_size}, float_types, Strides::rows)
      .tensor("residual", args.residual, {rows, width}, float_types, Strides::rows)
      .tensor("sum", args.sum, {rows, width}, float_types, Strides::rows, Access::write)
      .tensor("output", args.output, {rows, width}, float_types, Strides::rows, Access::write)
      .same_dtype("residual", args.residual, "input", args.input)
      .same_dtype("sum", args.sum, "input", args.input)
      .same_dtype("output", args.output, "input", args.input);
  check_affine(check, args, args.input.shape[1]);
  return check.answer();
}

void run(const tn_add_rms_norm_args& args, std::span<std::byte>, ThreadPool& pool) {
  const TensorView input("add_rms_norm", "input", args.input);
  const TensorView residual("add_rms_norm", "residual", args.residual);
  const TensorView sum("add_rms_norm", "sum", args.sum);
  const TensorView output("add_rms_norm", "output", args.output);
  if (element_count(args.input) == 0) return;
  const int64_t width = input.shape(1);
  const Affine affine("add_rms_norm", args, width);
  pool.parallel_ranges(input.shape(0), rows_worth_a_thread(width), [&](int64_t begin, int64_t end) {
    std::vector<float> values(static_cast<size_t>(width));
    std::vector<float> others(static_cast<size_t>(width));
    for (int64_t row = begin; row < end; ++row) {
      input.load_row(row, values.data());
      residual.load_row(row, others.data());
      for (size_t i = 0; i < values.size(); ++i)
        values[i] += others[i];
      sum.store_row(row, values.data());
      sum.load_row(row, values.data());  // as rounded
      affine.normalise(values, args.epsilon);
      output.store_row(row, values.data());
    }
  });
}

}  // namespace tenon::cpu_reference
