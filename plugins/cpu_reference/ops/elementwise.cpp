// add:    output = a + b        b is broadcast along the dimensions in which its size is 1
// mul:    output = a * b
// scale:  output = input * factor
#include <vector>

#include "ops/check.hpp"
#include "ops/kernels.hpp"
#include "tensor_view.hpp"
#include "text.hpp"

namespace tenon::cpu_reference {
namespace {

template <typename Args>
Support query_pair(const char* op, const Args& args) {
  Check check(op, args.flags);
  check.ranked_tensor("a", args.a, 1, 4, float_types, Strides::rows)
      .ranked_tensor("b", args.b, args.a.rank, args.a.rank, float_types, Strides::rows);
  for (uint32_t axis = 0; !check.failed() && axis < args.a.rank; ++axis) {
    check.that(args.b.shape[axis] == args.a.shape[axis] || args.b.shape[axis] == 1,
               "each dimension of b must equal a's or be 1",
               joined({std::to_string(args.a.shape[axis]), " or 1"}),
               std::to_string(args.b.shape[axis]));
  }
  check.ranked_tensor("output", args.output, 1, 4, float_types, Strides::rows, Access::write)
      .same_shape("output", args.output, "a", args.a)
      .same_dtype("output", args.output, "a", args.a);
  return check.answer();
}

// b as a tensor of a's shape: a stride of 0 repeats what is there once.
tn_tensor broadcast(tn_tensor b, const tn_tensor& a) {
  for (uint32_t axis = 0; axis < a.rank; ++axis) {
    if (b.shape[axis] == a.shape[axis]) continue;
    b.shape[axis] = a.shape[axis];
    b.strides[axis] = 0;
  }
  return b;
}

template <typename Args, typename Function>
void run_pair(const char* op, const Args& args, ThreadPool& pool, Function&& function) {
  const tn_tensor wide_b = broadcast(args.b, args.a);
  const TensorView a(op, "a", args.a);
  const TensorView b(op, "b", wide_b);
  const TensorView output(op, "output", args.output);
  if (element_count(args.a) == 0) return;
  const int64_t width = a.last_shape();
  const int64_t b_stride = wide_b.strides[wide_b.rank - 1];
  pool.parallel_ranges(a.row_count(), rows_worth_a_thread(width), [&](int64_t begin, int64_t end) {
    std::vector<float> values(static_cast<size_t>(width));
    std::vector<float> others(static_cast<size_t>(width));
    for (int64_t row = begin; row < end; ++row) {
      a.load_row(row, values.data());
      b.load(b.row_offset(row), b_stride, width, others.data());
      for (size_t i = 0; i < values.size(); ++i)
        values[i] = function(values[i], others[i]);
      output.store_row(row, values.data());
    }
  });
}

}  // namespace

Support query(const tn_add_args& args) {
  return query_pair("add", args);
}

void run(const tn_add_args& args, std::span<std::byte>, ThreadPool& pool) {
  run_pair("add", args, pool, [](float a, float b) { return a + b; });
}

Support query(const tn_mul_args& args) {
  return query_pair("mul", args);
}

void run(const tn_mul_args& args, std::span<std::byte>, ThreadPool& pool) {
  run_pair("mul", args, pool, [](float a, float b) { return a * b; });
}

Support query(const tn_scale_args& args) {
  Check check("scale", args.flags);
  check.ranked_tensor("input", args.input, 1, 4, float_types, Strides::rows)
      .ranked_tensor("output", args.output, 1, 4, float_types, Strides::rows, Access::write)
      .same_shape("output", args.output, "input", args.input)
      .same_dtype("output", args.output, "input", args.input)
      .finite("factor", args.factor)
      .reserved(args.reserved0);
  return check.answer();
}

void run(const tn_scale_args& args, std::span<std::byte>, ThreadPool& pool) {
  const TensorView input("scale", "input", args.input);
  const TensorView output("scale", "output", args.output);
  if (element_count(args.input) == 0) return;
  const int64_t width = input.last_shape();
  pool.parallel_ranges(input.row_count(), rows_worth_a_thread(width),
                       [&](int64_t begin, int64_t end) {
                         std::vector<float> values(static_cast<size_t>(width));
                         for (int64_t row = begin; row < end; ++row) {
                           input.load_row(row, values.data());
                           for (float& value : values)
                             value *= args.factor;
                           output.store_row(row, values.data());
                         }
                       });
}

}  // namespace tenon::cpu_reference
