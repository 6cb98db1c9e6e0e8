// Calls that the tests of the Ascend emulation share, beside the runtime's fixture.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "runtime_fixture.hpp"

namespace ascend_test {

using namespace runtime_test;

// The answer of op_query; a failing call is a test failure.
template <class Args>
tn_op_support ask(TestBackend& backend, std::uint32_t op, const Args& args) {
  tn_op_support support{};
  support.struct_size = sizeof support;
  tn_error error{};
  EXPECT_EQ(table().op_query(backend.device(), op, &args, &support, &error), TN_OK)
      << error.message;
  return support;
}

// Refused with a reason that holds `text`.
template <class Args>
void expect_refused(TestBackend& backend, std::uint32_t op, const Args& args, const char* text) {
  const tn_op_support support = ask(backend, op, args);
  EXPECT_EQ(support.supported, 0U);
  EXPECT_NE(std::string(support.reason).find(text), std::string::npos) << support.reason;
}

template <class Args>
void expect_taken(TestBackend& backend, std::uint32_t op, const Args& args) {
  const tn_op_support support = ask(backend, op, args);
  EXPECT_EQ(support.supported, 1U) << support.reason;
}

// A tensor without a buffer, for op_query.
inline tn_tensor shaped(std::vector<std::int64_t> shape, tn_dtype dtype) {
  return tensor(nullptr, std::move(shape), dtype);
}

inline tn_tensor as_nz(tn_tensor tensor) {
  tensor.layout = TN_LAYOUT_FRACTAL_NZ;
  return tensor;
}

// The last two dimensions swapped.
inline tn_tensor swapped(tn_tensor tensor) {
  std::swap(tensor.shape[tensor.rank - 1], tensor.shape[tensor.rank - 2]);
  std::swap(tensor.strides[tensor.rank - 1], tensor.strides[tensor.rank - 2]);
  return tensor;
}

inline tn_linear_args linear_args(const tn_tensor& input, const tn_tensor& weight,
                                  const tn_tensor& output) {
  tn_linear_args args{};
  args.struct_size = sizeof args;
  args.input = input;
  args.weight = weight;
  args.output = output;
  return args;
}

inline tn_copy_cast_args cast_args(const tn_tensor& input, const tn_tensor& output) {
  tn_copy_cast_args args{};
  args.struct_size = sizeof args;
  args.input = input;
  args.output = output;
  return args;
}

// Sizes of groups, weight as given.
inline tn_grouped_matmul_args grouped_args(const tn_tensor& input, const tn_tensor& weight,
                                           const tn_tensor& group_list, const tn_tensor& output) {
  tn_grouped_matmul_args args{};
  args.struct_size = sizeof args;
  args.input = input;
  args.weight = weight;
  args.group_list = group_list;
  args.output = output;
  return args;
}

}  // namespace ascend_test
