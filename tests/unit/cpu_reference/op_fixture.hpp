// Tensors with memory of their own, for what the reference kernels do beyond the specification. The
// specification itself is tested by tests/conformance/ops.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <tenon/ops.h>
#include <tenon/plugin/failure.hpp>

#include "memory.hpp"
#include "numeric/format.hpp"
#include "ops/kernels.hpp"

namespace tenon::cpu_reference {

// Formats from their definitions, independent of the kernels' code.
using conformance::decode;
using conformance::encode;
using conformance::float_dtypes;
using conformance::item_bytes;

// A tensor of its own: contiguous unless `row_gap` elements lie between rows of the last dimension.
// Memory outside the elements, and unwritten elements, hold 0xFF bytes: NaN in every float type.
class TestTensor {
 public:
  TestTensor(uint32_t dtype, std::vector<int64_t> shape, int64_t row_gap = 0,
             int64_t first_element = 0) {
    tensor_ = tn_tensor{};
    tensor_.dtype = dtype;
    tensor_.rank = static_cast<uint32_t>(shape.size());
    int64_t stride = 1;
    for (size_t axis = shape.size(); axis-- > 0;) {
      tensor_.shape[axis] = shape[axis];
      tensor_.strides[axis] = stride;
      stride *= shape[axis];
      if (axis + 1 == shape.size()) stride += row_gap;
    }
    const auto elements = static_cast<uint64_t>(std::max<int64_t>(stride, 1) + first_element + 8);
    allocate(elements * item_bytes(dtype));
    tensor_.byte_offset = static_cast<uint64_t>(first_element) * item_bytes(dtype);
    tensor_.storage_bytes = memory_->size() - tensor_.byte_offset;
  }

  // Storage of `bytes` bytes in a layout other than row-major.
  static TestTensor blocked(uint32_t dtype, const std::vector<int64_t>& shape, tn_layout layout,
                            uint64_t bytes) {
    TestTensor tensor(dtype, shape);
    tensor.allocate(bytes);
    tensor.tensor_.layout = layout;
    tensor.tensor_.storage_bytes = bytes;
    return tensor;
  }

  const tn_tensor& view() const { return tensor_; }
  operator const tn_tensor&() const { return tensor_; }  // NOLINT: stands for its tensor
  std::vector<std::byte>& memory() { return *memory_; }
  const std::vector<std::byte>& memory() const { return *memory_; }
  int64_t count() const {
    int64_t count = 1;
    for (uint32_t axis = 0; axis < tensor_.rank; ++axis)
      count *= tensor_.shape[axis];
    return count;
  }

  // Elements by flat index in row-major order of the shape.
  uint64_t offset(int64_t flat) const {
    int64_t element = 0;
    for (uint32_t axis = tensor_.rank; axis-- > 0;) {
      element += flat % tensor_.shape[axis] * tensor_.strides[axis];
      flat /= tensor_.shape[axis];
    }
    return tensor_.byte_offset + static_cast<uint64_t>(element) * item_bytes(tensor_.dtype);
  }
  uint64_t bits(int64_t flat) const {
    uint64_t value = 0;
    std::memcpy(&value, memory_->data() + offset(flat), item_bytes(tensor_.dtype));
    return value;
  }
  void set_bits(int64_t flat, uint64_t value) {
    std::memcpy(memory_->data() + offset(flat), &value, item_bytes(tensor_.dtype));
  }
  double at(int64_t flat) const { return decode(tensor_.dtype, bits(flat)); }
  void set(int64_t flat, double value) { set_bits(flat, encode(tensor_.dtype, value)); }
  TestTensor& fill(const std::vector<double>& values) {
    for (size_t i = 0; i < values.size(); ++i)
      set(static_cast<int64_t>(i), values[i]);
    return *this;
  }
  TestTensor& random(uint32_t seed, double low = -2, double high = 2) {
    std::mt19937 generator(seed);
    std::uniform_real_distribution<double> draw(low, high);
    for (int64_t i = 0; i < count(); ++i)
      set(i, conformance::is_float(tensor_.dtype) ? draw(generator) : std::round(draw(generator)));
    return *this;
  }
  std::vector<double> values() const {
    std::vector<double> result;
    for (int64_t i = 0; i < count(); ++i)
      result.push_back(at(i));
    return result;
  }
  std::vector<uint64_t> all_bits() const {
    std::vector<uint64_t> result;
    for (int64_t i = 0; i < count(); ++i)
      result.push_back(bits(i));
    return result;
  }
  // How many bytes outside the elements are no longer 0xFF.
  int64_t touched_outside() const {
    std::vector<bool> inside(memory_->size(), false);
    for (int64_t i = 0; i < count(); ++i) {
      for (uint64_t b = 0; b < item_bytes(tensor_.dtype); ++b)
        inside[offset(i) + b] = true;
    }
    int64_t touched = 0;
    for (size_t i = 0; i < inside.size(); ++i) {
      touched += !inside[i] && (*memory_)[i] != std::byte{0xff} ? 1 : 0;
    }
    return touched;
  }

  // A view of rows [begin, begin + rows) of the first dimension; the memory is shared.
  TestTensor rows(int64_t begin, int64_t rows) const {
    TestTensor part = *this;
    part.tensor_.shape[0] = rows;
    part.tensor_.byte_offset +=
        static_cast<uint64_t>(begin * tensor_.strides[0]) * item_bytes(tensor_.dtype);
    part.tensor_.storage_bytes = memory_->size() - part.tensor_.byte_offset;
    return part;
  }
  TestTensor swapped(uint32_t one, uint32_t other) const {
    TestTensor part = *this;
    std::swap(part.tensor_.shape[one], part.tensor_.shape[other]);
    std::swap(part.tensor_.strides[one], part.tensor_.strides[other]);
    return part;
  }

 private:
  void allocate(uint64_t bytes) {
    memory_ = std::make_shared<std::vector<std::byte>>(bytes, std::byte{0xff});
    buffer_ = std::make_shared<MemoryBuffer>(memory_->data(), bytes);
    tensor_.buffer = buffer_->handle();
    tensor_.byte_offset = 0;
  }

  std::shared_ptr<std::vector<std::byte>> memory_;
  std::shared_ptr<MemoryBuffer> buffer_;
  tn_tensor tensor_;
};

inline TestTensor indices(const std::vector<double>& values) {
  TestTensor tensor(TN_DTYPE_I32, {static_cast<int64_t>(values.size())});
  return tensor.fill(values);
}

// Asks, then runs with a workspace of exactly the size that was named.
template <typename Args>
void run_op(const Args& args, unsigned threads = 2) {
  const Support support = query(args);
  ASSERT_TRUE(support.supported) << support.reason;
  const auto words = static_cast<size_t>((support.workspace_bytes + 7) / 8);
  std::vector<uint64_t> workspace(words, ~uint64_t{0});
  ThreadPool pool(threads);
  run(args, std::as_writable_bytes(std::span(workspace)).first(support.workspace_bytes), pool);
}

template <typename Args>
std::string refusal(const Args& args) {
  const Support support = query(args);
  EXPECT_FALSE(support.supported);
  EXPECT_LT(support.reason.size(), 256U);
  return support.reason;
}

// The text of the Failure(TN_INVALID_ARGUMENT) that running throws.
template <typename Args>
std::string failure_of(const Args& args) {
  const Support support = query(args);
  EXPECT_TRUE(support.supported) << support.reason;
  std::vector<uint64_t> workspace(static_cast<size_t>(support.workspace_bytes / 8 + 1));
  ThreadPool pool(2);
  try {
    run(args, std::as_writable_bytes(std::span(workspace)), pool);
  } catch (const plugin::Failure& failure) {
    EXPECT_EQ(failure.status(), TN_INVALID_ARGUMENT);
    return failure.what();
  }
  return "nothing was thrown";
}

template <typename Args>
Args new_args() {
  Args args{};
  args.struct_size = sizeof(Args);
  return args;
}

}  // namespace tenon::cpu_reference
