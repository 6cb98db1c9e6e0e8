// Where the elements of a FRACTAL_NZ tensor lie.
#pragma once

#include "plant/elements.hpp"

namespace tenon::mutants {

// The fractals of one NZ matrix: `down` x `across` of 16 x c0 elements, lying column by column.
struct Fractals {
  int64_t c0, down, across, matrices, item;

  explicit Fractals(const tn_tensor& tensor)
      : c0(item_size(tensor.dtype) == 1 ? 32 : 16),
        down((tensor.shape[tensor.rank - 2] + 15) / 16),
        across((tensor.shape[tensor.rank - 1] + c0 - 1) / c0),
        matrices(1),
        item(item_size(tensor.dtype)) {
    for (uint32_t axis = 0; axis + 2 < tensor.rank; ++axis)
      matrices *= tensor.shape[axis];
  }
  size_t bytes() const { return static_cast<size_t>(16 * c0 * item); }
  // Of element (m, n) in its matrix.
  int64_t offset(int64_t m, int64_t n) const {
    return ((n / c0 * down + m / 16) * 16 * c0 + m % 16 * c0 + n % c0) * item;
  }
  size_t matrix_bytes() const { return static_cast<size_t>(down * across) * bytes(); }
};

}  // namespace tenon::mutants
