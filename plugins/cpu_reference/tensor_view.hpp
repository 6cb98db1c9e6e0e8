// The elements of a row-major tensor, read as float whatever their type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>

#include <tenon/types.h>
#include <tenon/plugin/failure.hpp>

#include "element.hpp"
#include "memory.hpp"
#include "text.hpp"

namespace tenon::cpu_reference {

inline bool is_absent(const tn_tensor& tensor) {
  return tensor.dtype == TN_DTYPE_NONE;
}

inline int64_t element_count(const tn_tensor& tensor) {
  int64_t count = 1;
  for (uint32_t axis = 0; axis < tensor.rank; ++axis)
    count *= tensor.shape[axis];
  return count;
}

// A kernel's access to one operand. Offsets are in elements from the tensor's first one; "row" is a
// row of the last dimension, all leading dimensions counted through in order. Not owning; views of
// one tensor may be used from several threads.
class TensorView {
 public:
  // `op` and `name` are for error texts; they and the tensor must outlive the view.
  TensorView(const char* op, const char* name, const tn_tensor& tensor)
      : tensor_(tensor), op_(op), name_(name) {
    if (is_absent(tensor) || element_count(tensor) == 0) return;
    base_ = buffer_address(tensor.buffer) + tensor.byte_offset;
  }

  bool present() const { return !is_absent(tensor_); }
  uint32_t dtype() const { return tensor_.dtype; }
  int64_t shape(int axis) const { return tensor_.shape[axis]; }
  int64_t stride(int axis) const { return tensor_.strides[axis]; }
  int64_t last_shape() const { return tensor_.shape[tensor_.rank - 1]; }
  int64_t row_count() const {
    int64_t count = 1;
    for (uint32_t axis = 0; axis + 1 < tensor_.rank; ++axis)
      count *= tensor_.shape[axis];
    return count;
  }

  int64_t row_offset(int64_t row) const {
    int64_t offset = 0;
    for (uint32_t axis = tensor_.rank - 1; axis-- > 0;) {
      offset += row % tensor_.shape[axis] * tensor_.strides[axis];
      row /= tensor_.shape[axis];
    }
    return offset;
  }

  // NULL for a tensor without elements.
  std::byte* address(int64_t offset) const {
    return base_ == nullptr ? nullptr : base_ + offset * item_size(tensor_.dtype);
  }
  // Elements of type T from `offset` on, wherever they lie. T may be const.
  template <typename T>
  auto* as(int64_t offset = 0) const {
    using Place = std::conditional_t<std::is_const_v<T>, const Unaligned<std::remove_const_t<T>>,
                                     Unaligned<T>>;
    return base_ == nullptr ? nullptr : reinterpret_cast<Place*>(base_) + offset;
  }
  // Whether as<float> may be read as plain floats, in place.
  bool holds_aligned_floats() const {
    return tensor_.dtype == TN_DTYPE_F32 &&
           reinterpret_cast<uintptr_t>(base_) % alignof(float) == 0;
  }
  const float* aligned_floats(int64_t offset) const {
    return reinterpret_cast<const float*>(address(offset));
  }
  const int8_t* int8s(int64_t offset) const {
    return reinterpret_cast<const int8_t*>(address(offset));
  }

  // out[i] = element at offset + i * stride, widened (float types).
  void load(int64_t offset, int64_t stride, int64_t count, float* out) const {
    visit_float_type(tensor_.dtype, [&](auto type) {
      const auto* source = as<const decltype(type)>(offset);
      if (stride == 1) {
        for (int64_t i = 0; i < count; ++i)
          out[i] = to_float(source[i].value);
      } else {
        for (int64_t i = 0; i < count; ++i)
          out[i] = to_float(source[i * stride].value);
      }
    });
  }
  // `count` neighbouring elements as floats: where they lie if they are that, else in `scratch`.
  const float* widened(int64_t offset, int64_t count, float* scratch) const {
    if (holds_aligned_floats()) return aligned_floats(offset);
    load(offset, 1, count, scratch);
    return scratch;
  }
  void load_row(int64_t row, float* out) const { load(row_offset(row), 1, last_shape(), out); }

  // Rounds `count` values into the elements from `offset` on (float types).
  void store(int64_t offset, int64_t count, const float* values) const {
    visit_float_type(tensor_.dtype, [&](auto type) {
      auto* target = as<decltype(type)>(offset);
      for (int64_t i = 0; i < count; ++i) {
        auto rounded = type;
        round_to(values[i], rounded);
        target[i] = rounded;
      }
    });
  }
  void store_row(int64_t row, const float* values) const {
    store(row_offset(row), last_shape(), values);
  }

  // A contiguous int32 tensor's element, which must lie in [low, high].
  int32_t index(int64_t position, int64_t low, int64_t high) const {
    const int32_t found = as<const int32_t>()[position];
    if (found < low || found > high) refuse_index(position, low, high, found);
    return found;
  }

  [[noreturn]] void refuse_index(int64_t position, int64_t low, int64_t high, int64_t found) const {
    throw plugin::Failure(TN_INVALID_ARGUMENT,
                          joined({"[", op_, "] ", name_, "[", position_text(position),
                                  "] is out of range; expected ", std::to_string(low), "..",
                                  std::to_string(high), "; found ", std::to_string(found)}));
  }

 private:
  // "5" in a vector, "1][2" in a matrix.
  std::string position_text(int64_t position) const {
    const int64_t width = last_shape();
    if (tensor_.rank < 2 || width == 0) return std::to_string(position);
    return joined({std::to_string(position / width), "][", std::to_string(position % width)});
  }

  const tn_tensor& tensor_;
  const char* op_;
  const char* name_;
  std::byte* base_ = nullptr;
};

}  // namespace tenon::cpu_reference
