#include "layers/validation/tensor_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "device/tensor.hpp"
#include "layers/validation/violation.hpp"

namespace tenon::validation {
namespace {

[[noreturn]] void malformed(const std::string& where, const std::string& what,
                            std::string_view problem, std::string_view expected,
                            std::string_view found) {
  violate(rules::well_formed, where, fmt::format("operand '{}' {}", what, problem), expected,
          found);
}

void check_axes(const tn_tensor& tensor, const std::string& where, const std::string& what) {
  for (uint32_t axis = 0; axis < TN_MAX_RANK; ++axis) {
    const int64_t size = tensor.shape[axis];
    const int64_t stride = tensor.strides[axis];
    if (axis < tensor.rank) {
      if (size < 0 || stride < 0) {
        malformed(where, what, fmt::format("has a negative dimension or stride at axis {}", axis),
                  "at least 0", fmt::format("size {}, stride {}", size, stride));
      }
    } else if (size != 0 || stride != 0) {
      malformed(where, what, fmt::format("has entries past its rank, at axis {}", axis), "0",
                fmt::format("size {}, stride {}", size, stride));
    }
  }
}

}  // namespace

void check_form(const tn_tensor& tensor, const std::string& where, const std::string& what) {
  if (dtype_bytes(tensor.dtype) == 0) {
    malformed(where, what, "has an unknown dtype", "a tn_dtype", std::to_string(tensor.dtype));
  }
  if (tensor.rank > TN_MAX_RANK) {
    malformed(where, what, "has too many dimensions", "at most 6", std::to_string(tensor.rank));
  }
  check_axes(tensor, where, what);
  if (tensor.reserved0 != 0 || tensor.reserved1[0] != 0 || tensor.reserved1[1] != 0) {
    malformed(where, what, "has a reserved word that is set", "0", "another value");
  }
}

void check_place(const tn_tensor& tensor, uint64_t buffer_bytes, const std::string& where,
                 const std::string& what) {
  const uint32_t item = dtype_bytes(tensor.dtype);
  if (tensor.byte_offset % item != 0) {
    malformed(where, what, "is not aligned to its item size",
              fmt::format("a byte_offset that is a multiple of {}", item),
              std::to_string(tensor.byte_offset));
  }
  const auto extent = extent_bytes(tensor);
  if (tensor.layout == TN_LAYOUT_ROW_MAJOR && (!extent || *extent > tensor.storage_bytes)) {
    violate(rules::inside_buffer, where,
            fmt::format("shape and strides of operand '{}' reach past its storage_bytes", what),
            extent ? fmt::format("storage_bytes of at least {}", *extent) : "a size that fits",
            fmt::format("{} for {}", tensor.storage_bytes, tensor_text(tensor)));
  }
  if (tensor.byte_offset <= buffer_bytes &&
      tensor.storage_bytes <= buffer_bytes - tensor.byte_offset) {
    return;
  }
  violate(rules::inside_buffer, where, fmt::format("operand '{}' ends past its buffer", what),
          fmt::format("byte_offset + storage_bytes of at most {}", buffer_bytes),
          fmt::format("{} + {}", tensor.byte_offset, tensor.storage_bytes));
}

void check_last_dimension(const tn_tensor& tensor, const std::string& where,
                          const std::string& what) {
  if (tensor.rank == 0 || tensor.layout != TN_LAYOUT_ROW_MAJOR) return;
  const uint32_t last = tensor.rank - 1;
  if (tensor.shape[last] <= 1 || tensor.strides[last] == 1) return;
  violate(rules::contiguous, where,
          fmt::format("the last dimension of operand '{}' is not contiguous", what), "stride 1",
          tensor_text(tensor));
}

void check_dense(const tn_tensor& tensor, const std::string& where, const std::string& what) {
  if (tensor.layout != TN_LAYOUT_ROW_MAJOR || is_contiguous(tensor)) return;
  violate(rules::contiguous, where, fmt::format("operand '{}' is not contiguous", what),
          "a dense tensor", tensor_text(tensor));
}

void check_writable(const tn_tensor& tensor, const std::string& where, const std::string& what) {
  if (tensor.layout != TN_LAYOUT_ROW_MAJOR) return;
  for (uint32_t axis = 0; axis < tensor.rank; ++axis) {
    if (tensor.shape[axis] > 1 && tensor.strides[axis] == 0) {
      violate(rules::contiguous, where,
              fmt::format("the written operand '{}' repeats its elements", what),
              "no stride 0 over a dimension larger than 1", tensor_text(tensor));
    }
  }
}

bool is_all_zero(const tn_tensor& tensor) {
  static const tn_tensor zero{};
  return std::memcmp(&tensor, &zero, sizeof zero) == 0;
}

}  // namespace tenon::validation
