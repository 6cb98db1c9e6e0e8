#include "ops/check.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "element.hpp"
#include "ops/layouts.hpp"
#include "text.hpp"

namespace tenon::cpu_reference {
namespace {

constexpr const char* ordinals[] = {"first", "second", "third", "fourth", "fifth", "sixth"};

std::string type_names(DtypeSet types) {
  std::string names;
  for (uint32_t dtype = 1; dtype <= TN_DTYPE_U8; ++dtype) {
    if ((types & (1U << dtype)) == 0) continue;
    if (!names.empty()) names += ", ";
    names += dtype_name(dtype);
  }
  return names;
}

std::string shape_text(const tn_tensor& tensor) {
  std::string text = "[";
  for (uint32_t axis = 0; axis < tensor.rank; ++axis) {
    if (axis > 0) text += ", ";
    text += std::to_string(tensor.shape[axis]);
  }
  return text + "]";
}

// Bytes from the first element to the end of the last one; -1 if that overflows.
int64_t extent_bytes(const tn_tensor& tensor) {
  int64_t last = 0;
  int64_t count = 1;
  for (uint32_t axis = 0; axis < tensor.rank; ++axis) {
    if (tensor.shape[axis] == 0) return 0;
  }
  for (uint32_t axis = 0; axis < tensor.rank; ++axis) {
    int64_t reach = 0;
    if (__builtin_mul_overflow(count, tensor.shape[axis], &count) ||
        __builtin_mul_overflow(tensor.shape[axis] - 1, tensor.strides[axis], &reach) ||
        __builtin_add_overflow(last, reach, &last)) {
      return -1;
    }
  }
  int64_t bytes = 0;
  int64_t widened = 0;  // room for kernels that pad and widen
  if (__builtin_mul_overflow(count, 64, &widened) || __builtin_add_overflow(last, 1, &last) ||
      __builtin_mul_overflow(last, item_size(tensor.dtype), &bytes)) {
    return -1;
  }
  return bytes;
}

int64_t checked_element_count(const tn_tensor& tensor) {
  int64_t count = 1;
  for (uint32_t axis = 0; axis < tensor.rank; ++axis) {
    if (__builtin_mul_overflow(count, tensor.shape[axis], &count)) return -1;
  }
  return count;
}

}  // namespace

bool is_contiguous(const tn_tensor& tensor) {
  int64_t expected = 1;
  for (uint32_t axis = tensor.rank; axis-- > 0;) {
    if (tensor.shape[axis] == 0) return true;
    if (tensor.shape[axis] > 1 && tensor.strides[axis] != expected) return false;
    expected *= tensor.shape[axis];
  }
  return true;
}

std::string dtype_name(uint32_t dtype) {
  static constexpr const char* names[] = {"none", "f32", "f16", "bf16", "i8", "i32", "i64", "u8"};
  return dtype <= TN_DTYPE_U8 ? names[dtype] : joined({"dtype ", std::to_string(dtype)});
}

Check::Check(const char* op, uint32_t flags) : op_(op) {
  if (flags != 0) refuse({"flags are not known to this backend"}, {"0"}, {std::to_string(flags)});
}

void Check::refuse(Pieces what, Pieces expected, Pieces found) {
  if (failed_) return;
  failed_ = true;
  reason_ = joined(
      {"[", op_, "] ", joined(what), "; expected ", joined(expected), "; found ", joined(found)});
}

Check& Check::that(bool holds, std::string_view what, std::string_view expected,
                   std::string_view found) {
  if (!holds) refuse({what}, {expected}, {found});
  return *this;
}

void Check::storage(const char* name, const tn_tensor& tensor, DtypeSet types) {
  if (tensor.dtype > TN_DTYPE_U8 || ((types >> tensor.dtype) & 1U) == 0) {
    return refuse({name, "'s dtype is not supported here"}, {type_names(types)},
                  {dtype_name(tensor.dtype)});
  }
  if (tensor.reserved0 != 0 || tensor.reserved1[0] != 0 || tensor.reserved1[1] != 0) {
    refuse({name, "'s reserved words must be zero"}, {"0"}, {"another value"});
  }
  for (uint32_t axis = 0; axis < tensor.rank; ++axis) {
    const int64_t lower = std::min(tensor.shape[axis], tensor.strides[axis]);
    if (lower >= 0) continue;
    refuse({name, "'s ", ordinals[axis], " dimension and its stride must not be negative"},
           {"0 or more"}, {std::to_string(lower)});
  }
}

void Check::row_major(const char* name, const tn_tensor& tensor, Strides strides, Access access) {
  const int64_t needed = extent_bytes(tensor);
  if (needed < 0) {
    return refuse({name, "'s shape and strides overflow 64 bits"}, {"less"}, {shape_text(tensor)});
  }
  if (tensor.rank == 0 || needed == 0) return;
  const uint32_t last = tensor.rank - 1;
  if (strides == Strides::contiguous && !is_contiguous(tensor)) {
    refuse({name, " must be contiguous"}, {"no gaps"},
           {"strides with gaps for shape ", shape_text(tensor)});
  }
  if (strides == Strides::rows && tensor.shape[last] > 1 && tensor.strides[last] != 1) {
    refuse({name, "'s last dimension must be contiguous"}, {"stride 1"},
           {std::to_string(tensor.strides[last])});
  }
  for (uint32_t axis = 0; access == Access::write && axis < tensor.rank; ++axis) {
    if (tensor.shape[axis] <= 1 || tensor.strides[axis] != 0) continue;
    refuse({name, "'s ", ordinals[axis], " dimension is written and must not overlap itself"},
           {"a stride above 0"}, {"0"});
  }
}

void Check::blocked(const char* name, const tn_tensor& tensor) {
  if (tensor.rank < 2) {
    return refuse({name, " has too few dimensions for its layout"}, {"2 or more"},
                  {std::to_string(tensor.rank)});
  }
  const uint64_t needed = blocked_storage_bytes(tensor);
  if (needed == 0 && checked_element_count(tensor) != 0) {
    refuse({name, "'s padded blocks overflow 64 bits"}, {"less"}, {shape_text(tensor)});
  }
  if (!is_contiguous(tensor)) {
    refuse({name, "'s strides must be those of the contiguous tensor"},
           {"no gaps, no transposed view"}, {"others for shape ", shape_text(tensor)});
  }
}

Check& Check::ranked_tensor(const char* name, const tn_tensor& tensor, uint32_t low, uint32_t high,
                            DtypeSet types, Strides strides, Access access) {
  if (tensor.layout != TN_LAYOUT_ROW_MAJOR) {
    refuse({name, "'s layout is not supported here"}, {"row-major"}, {layout_name(tensor.layout)});
  }
  return laid_out_tensor(name, tensor, low, high, types, strides, access);
}

Check& Check::laid_out_tensor(const char* name, const tn_tensor& tensor, uint32_t low,
                              uint32_t high, DtypeSet types, Strides strides, Access access) {
  if (!is_known_layout(tensor.layout)) {
    refuse({name, "'s layout is not known to this backend"},
           {"row-major, FRACTAL_NZ or its blocked layout"}, {layout_name(tensor.layout)});
  }
  if (tensor.dtype == TN_DTYPE_NONE) refuse({name, " is missing"}, {"a tensor"}, {"none"});
  if (tensor.rank < low || tensor.rank > high) {
    const std::string range = std::to_string(low);
    refuse({name, " has the wrong rank"},
           {low == high ? range : joined({range, "..", std::to_string(high)})},
           {std::to_string(tensor.rank)});
  }
  if (!failed_) storage(name, tensor, types);
  if (!failed_ && tensor.layout == TN_LAYOUT_ROW_MAJOR) row_major(name, tensor, strides, access);
  if (!failed_ && tensor.layout != TN_LAYOUT_ROW_MAJOR) blocked(name, tensor);
  return *this;
}

Check& Check::tensor(const char* name, const tn_tensor& tensor, std::initializer_list<Dim> dims,
                     DtypeSet types, Strides strides, Access access) {
  const auto rank = static_cast<uint32_t>(dims.size());
  ranked_tensor(name, tensor, rank, rank, types, strides, access);
  uint32_t axis = 0;
  for (const Dim& dim : dims) {
    if (failed_) break;
    if (dim.size >= 0 && tensor.shape[axis] != dim.size) {
      refuse({name, "'s ", ordinals[axis], " dimension must equal ", dim.meaning},
             {std::to_string(dim.size)}, {std::to_string(tensor.shape[axis])});
    }
    ++axis;
  }
  return *this;
}

Check& Check::optional_tensor(const char* name, const tn_tensor& tensor,
                              std::initializer_list<Dim> dims, DtypeSet types, Strides strides) {
  if (tensor.dtype == TN_DTYPE_NONE) return *this;
  return this->tensor(name, tensor, dims, types, strides);
}

Check& Check::same_shape(const char* name, const tn_tensor& tensor, const char* other_name,
                         const tn_tensor& other) {
  if (failed_ || tensor.dtype == TN_DTYPE_NONE) return *this;
  const bool same = tensor.rank == other.rank &&
                    std::equal(tensor.shape, tensor.shape + tensor.rank, other.shape);
  if (!same) {
    refuse({name, " must have the shape of ", other_name}, {shape_text(other)},
           {shape_text(tensor)});
  }
  return *this;
}

Check& Check::same_dtype(const char* name, const tn_tensor& tensor, const char* other_name,
                         const tn_tensor& other) {
  if (tensor.dtype == TN_DTYPE_NONE || tensor.dtype == other.dtype) return *this;
  refuse({name, " must have the dtype of ", other_name}, {dtype_name(other.dtype)},
         {dtype_name(tensor.dtype)});
  return *this;
}

Check& Check::absent(const char* name, const tn_tensor& tensor, const char* because) {
  if (tensor.dtype == TN_DTYPE_NONE) return *this;
  refuse({name, " must be absent ", because}, {"none"}, {dtype_name(tensor.dtype)});
  return *this;
}

Check& Check::attribute(const char* name, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return *this;
  const bool open = high == std::numeric_limits<int32_t>::max();
  refuse({name, " is out of range"},
         {std::to_string(low), open ? " or more" : "..", open ? "" : std::to_string(high)},
         {std::to_string(value)});
  return *this;
}

Check& Check::finite(const char* name, double value) {
  if (!std::isfinite(value)) {
    refuse({name, " must be finite"}, {"a number"}, {std::to_string(value)});
  }
  return *this;
}

Check& Check::reserved(uint64_t value) {
  if (value != 0) refuse({"a reserved field is not zero"}, {"0"}, {std::to_string(value)});
  return *this;
}

plugin::Support Check::answer(uint64_t workspace_bytes, bool capturable) const {
  if (failed_) return plugin::Support::no(reason_);
  return plugin::Support{true, capturable, workspace_bytes, {}};
}

}  // namespace tenon::cpu_reference
