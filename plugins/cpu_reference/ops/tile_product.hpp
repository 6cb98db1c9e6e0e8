// The product of a few weight rows with many activation rows, which linear, grouped_matmul and
// batched_matmul are made of: sums[m][r] = sum_k x[m][k] w[r][k].
//
// A tile is at most 16 weight rows, widened once and used for every activation row while it is in
// the cache.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ops/dot.hpp"
#include "ops/layouts.hpp"
#include "tensor_view.hpp"
#include "thread_pool.hpp"

namespace tenon::cpu_reference {

inline constexpr int64_t tile_rows = 16;
constexpr int64_t tile_count(int64_t rows) {
  return (rows + tile_rows - 1) / tile_rows;
}

// Rows of a matrix widened to f32 and padded with zeros to whole chunks.
class FloatRows {
 public:
  // Row r of the operand begins at `offset` + r * row_stride, its elements k_stride apart. Rows
  // that lie in memory just as they are needed are used in place; the result is valid until the
  // next call, and as long as the operand.
  Panel widen(const TensorView& source, int64_t offset, int64_t row_stride, int64_t k_stride,
              int64_t rows, int64_t k) {
    const int64_t padded = dot_padded(k);
    if (k == 0) return {nullptr, 0, 0};
    if (source.holds_aligned_floats() && k_stride == 1 && k == padded) {
      return {source.aligned_floats(offset), row_stride, dot_chunk};
    }
    values_.resize(static_cast<size_t>(rows * padded));
    for (int64_t row = 0; row < rows; ++row) {
      float* out = values_.data() + row * padded;
      source.load(offset + row * row_stride, k_stride, k, out);
      std::fill(out + k, out + padded, 0.0F);
    }
    return {values_.data(), padded, dot_chunk};
  }

  // The same for rows of a blocked layout, each at the RowPlace that place_of(row) gives.
  template <typename PlaceOf>
  Panel widen_places(const TensorView& source, PlaceOf&& place_of, int64_t rows, int64_t k) {
    const int64_t padded = dot_padded(k);
    values_.resize(static_cast<size_t>(rows * padded));
    for (int64_t row = 0; row < rows; ++row) {
      const RowPlace place = place_of(row);
      float* out = values_.data() + row * padded;
      for (int64_t i = 0; i < k; i += place.chunk)
        source.load(place.at(i), 1, std::min(place.chunk, k - i), out + i);
      std::fill(out + k, out + padded, 0.0F);
    }
    return {values_.data(), padded, dot_chunk};
  }

  // `count` neighbouring elements as they lie, for a source that is already in blocks.
  const float* widen_block(const TensorView& source, int64_t offset, int64_t count) {
    values_.resize(static_cast<size_t>(count));
    return source.widened(offset, count, values_.data());
  }

 private:
  std::vector<float> values_;
};

// Widens k int8 elements that lie `stride` apart.
inline void widen_int8(const int8_t* source, int64_t stride, int64_t k, int16_t* out) {
  for (int64_t i = 0; i < k; ++i)
    out[i] = static_cast<int16_t>(source[i * stride]);
}

// An [M, K] operand for multiply_tile: as it lies where that will do, else widened into the
// workspace, which must have widened_bytes(tensor) bytes.
inline uint64_t widened_bytes(const tn_tensor& tensor) {
  const int64_t k = tensor.shape[1];
  if (tensor.dtype == TN_DTYPE_F32 && k == dot_padded(k)) return 0;
  const int64_t row_bytes = tensor.dtype == TN_DTYPE_I8
                                ? k * static_cast<int64_t>(sizeof(int16_t))
                                : dot_padded(k) * static_cast<int64_t>(sizeof(float));
  return static_cast<uint64_t>(tensor.shape[0] * row_bytes);
}

// `spare` stands in for the workspace where only a misaligned address keeps f32 rows from being
// used in place, which query cannot see.
inline Panel widen_float_rows(const TensorView& source, std::span<std::byte> workspace,
                              std::vector<float>& spare, ThreadPool& pool) {
  const int64_t k = source.shape(1);
  const int64_t padded = dot_padded(k);
  if (k == 0) return {nullptr, 0, 0};
  auto* widened = reinterpret_cast<float*>(workspace.data());
  if (source.dtype() == TN_DTYPE_F32 && k == padded) {
    if (source.holds_aligned_floats()) {
      return {source.aligned_floats(0), source.stride(0), dot_chunk};
    }
    spare.resize(static_cast<size_t>(source.shape(0) * padded));
    widened = spare.data();
  }
  pool.parallel_for(
      source.shape(0),
      [&](int64_t row) {
        source.load_row(row, widened + row * padded);
        std::fill(widened + row * padded + k, widened + (row + 1) * padded, 0.0F);
      },
      rows_worth_a_thread(k));
  return {widened, padded, dot_chunk};
}

inline const int16_t* widen_int8_rows(const TensorView& source, std::span<std::byte> workspace,
                                      ThreadPool& pool) {
  const int64_t k = source.shape(1);
  auto* widened = reinterpret_cast<int16_t*>(workspace.data());
  pool.parallel_for(
      source.shape(0),
      [&](int64_t row) {
        widen_int8(source.int8s(row * source.stride(0)), 1, k, widened + row * k);
      },
      rows_worth_a_thread(k));
  return widened;
}

// Calls emit(m, sums) for every activation row m in [0, x_rows), `sums` being its products with the
// `weight_rows` rows of the tile.
template <typename Emit>
void multiply_tile(const Panel& weights, int64_t weight_rows, const Panel& x, int64_t x_rows,
                   int64_t chunks, Emit&& emit) {
  float sums[2][tile_rows];
  int64_t m = 0;
  for (; m + 2 <= x_rows; m += 2) {
    int64_t row = 0;
    for (; row + 4 <= weight_rows; row += 4) {
      dot_rows<4, 2>(weights.from_row(row), x.from_row(m), chunks, &sums[0][row], tile_rows);
    }
    for (; row < weight_rows; ++row) {
      dot_rows<1, 2>(weights.from_row(row), x.from_row(m), chunks, &sums[0][row], tile_rows);
    }
    emit(m, static_cast<const float*>(sums[0]));
    emit(m + 1, static_cast<const float*>(sums[1]));
  }
  if (m == x_rows) return;
  int64_t row = 0;
  for (; row + 8 <= weight_rows; row += 8) {
    dot_rows<8, 1>(weights.from_row(row), x.from_row(m), chunks, &sums[0][row], 0);
  }
  for (; row < weight_rows; ++row) {
    dot_rows<1, 1>(weights.from_row(row), x.from_row(m), chunks, &sums[0][row], 0);
  }
  emit(m, static_cast<const float*>(sums[0]));
}

// The same for int8 operands widened to int16, `k` to a row, with exact int32 sums.
template <typename Emit>
void multiply_tile(const int16_t* weights, int64_t weight_rows, const int16_t* x, int64_t x_rows,
                   int64_t k, Emit&& emit) {
  int32_t sums[tile_rows];
  for (int64_t m = 0; m < x_rows; ++m) {
    for (int64_t row = 0; row < weight_rows; ++row)
      sums[row] = dot(weights + row * k, x + m * k, k);
    emit(m, static_cast<const int32_t*>(sums));
  }
}

}  // namespace tenon::cpu_reference
