#include "ops/layouts.hpp"

#include <algorithm>

#include "element.hpp"
#include "ops/private_layout.hpp"
#include "text.hpp"

namespace tenon::cpu_reference {
namespace {

// Both blocked layouts cut the matrix [M, N] into blocks of rows x columns elements, a block
// row-major. FRACTAL_NZ lays the blocks column by column, the private layout row by row.
struct Blocks {
  int64_t rows;
  int64_t columns;
  int64_t down;    // blocks in M
  int64_t across;  // blocks in N
  bool by_column;

  int64_t elements() const { return rows * columns; }
};

Blocks blocks_of(const tn_tensor& tensor) {
  const int64_t m = tensor.shape[tensor.rank - 2];
  const int64_t n = tensor.shape[tensor.rank - 1];
  const bool nz = tensor.layout == TN_LAYOUT_FRACTAL_NZ;
  const int64_t rows = nz ? 16 : private_block_rows;
  const int64_t nz_columns = item_size(tensor.dtype) == 1 ? 32 : 16;
  const int64_t columns = nz ? nz_columns : private_block_columns;
  return {rows, columns, m / rows + (m % rows != 0 ? 1 : 0),
          n / columns + (n % columns != 0 ? 1 : 0), nz};
}

}  // namespace

bool is_known_layout(tn_layout layout) {
  return layout == TN_LAYOUT_ROW_MAJOR || layout == TN_LAYOUT_FRACTAL_NZ ||
         layout == private_blocked_layout;
}

std::string layout_name(tn_layout layout) {
  if (layout == TN_LAYOUT_ROW_MAJOR) return "row-major";
  if (layout == TN_LAYOUT_FRACTAL_NZ) return "FRACTAL_NZ";
  if (layout == private_blocked_layout) return "this backend's blocked layout";
  return joined({"layout ", std::to_string(layout)});
}

uint64_t blocked_storage_bytes(const tn_tensor& tensor) {
  if (tensor.rank < 2) return 0;
  const Blocks blocks = blocks_of(tensor);
  int64_t bytes = item_size(tensor.dtype) * blocks.elements();
  bool overflow = __builtin_mul_overflow(bytes, blocks.down, &bytes);
  overflow = __builtin_mul_overflow(bytes, blocks.across, &bytes) || overflow;
  for (uint32_t axis = 0; axis + 2 < tensor.rank; ++axis) {
    overflow = __builtin_mul_overflow(bytes, tensor.shape[axis], &bytes) || overflow;
  }
  return overflow ? 0 : static_cast<uint64_t>(bytes);
}

uint64_t private_layout_bytes(const tn_tensor& tensor) {
  tn_tensor blocked = tensor;
  blocked.layout = private_blocked_layout;
  return blocked_storage_bytes(blocked);
}

RowPlace place_of_row(const tn_tensor& tensor, int64_t row) {
  if (tensor.layout == TN_LAYOUT_ROW_MAJOR) {
    int64_t first = 0;
    for (uint32_t axis = tensor.rank - 1; axis-- > 0;) {
      first += row % tensor.shape[axis] * tensor.strides[axis];
      row /= tensor.shape[axis];
    }
    const int64_t width = std::max<int64_t>(tensor.shape[tensor.rank - 1], 1);
    const int64_t stride = tensor.strides[tensor.rank - 1];
    return stride == 1 ? RowPlace{first, width, width} : RowPlace{first, 1, stride};
  }
  const Blocks blocks = blocks_of(tensor);
  const int64_t m = row % tensor.shape[tensor.rank - 2];
  const int64_t matrix = row / tensor.shape[tensor.rank - 2];
  const int64_t matrix_start = matrix * blocks.down * blocks.across * blocks.elements();
  const int64_t to_next_row = blocks.by_column ? 1 : blocks.across;
  const int64_t to_next_column = blocks.by_column ? blocks.down : 1;
  const int64_t first = matrix_start + m / blocks.rows * to_next_row * blocks.elements() +
                        m % blocks.rows * blocks.columns;
  return {first, blocks.columns, to_next_column * blocks.elements()};
}

}  // namespace tenon::cpu_reference
