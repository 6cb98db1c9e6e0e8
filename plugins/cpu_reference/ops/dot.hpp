// Dot products in f32 and int32 whose order of summation depends on K alone.
//
//   sum_k a[k] b[k]: lane l of 8 adds the products of k = l, l + 8, l + 16, ... in that order; the
//   lanes are then added as ((0+4) + (2+6)) + ((1+5) + (3+7)).
//
// Every matrix product and every attention score is such a sum, so a result never depends on what
// is computed beside it, and is the same on every machine that does not fuse multiply and add.
// Operands are padded with zeros to whole chunks of 8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <Eigen/Core>

namespace tenon::cpu_reference {

inline constexpr int64_t dot_chunk = 8;
constexpr int64_t dot_chunks(int64_t k) {
  return (k + dot_chunk - 1) / dot_chunk;
}
constexpr int64_t dot_padded(int64_t k) {
  return dot_chunks(k) * dot_chunk;
}

using Lanes = Eigen::Array<float, dot_chunk, 1>;

inline float add_lanes(const Lanes& lanes) {
  const Eigen::Array4f four = lanes.head<4>() + lanes.tail<4>();
  return (four[0] + four[2]) + (four[1] + four[3]);
}

// Rows of chunks: chunk c of row r begins at data + r * row_stride + c * chunk_stride.
struct Panel {
  const float* data;
  int64_t row_stride;
  int64_t chunk_stride;

  Panel from_row(int64_t row) const { return {data + row * row_stride, row_stride, chunk_stride}; }
};

namespace detail {

inline Lanes chunk_at(const Panel& panel, size_t row, int64_t chunk) {
  return Eigen::Map<const Lanes>(panel.data + static_cast<int64_t>(row) * panel.row_stride +
                                 chunk * panel.chunk_stride);
}

// Index packs instead of loops: every sum then lives in a register at any level of optimisation.
template <size_t AR, size_t... J, size_t... S>
void dot_rows(const Panel& a, const Panel& b, int64_t chunks, float* out, int64_t out_stride,
              std::index_sequence<J...>, std::index_sequence<S...>) {
  Lanes sums[] = {(static_cast<void>(S), Lanes::Zero())...};
  for (int64_t chunk = 0; chunk < chunks; ++chunk) {
    const Lanes a_values[] = {chunk_at(a, J, chunk)...};
    ((sums[S] += a_values[S % AR] * chunk_at(b, S / AR, chunk)), ...);
  }
  ((out[static_cast<int64_t>(S / AR) * out_stride + static_cast<int64_t>(S % AR)] =
        add_lanes(sums[S])),
   ...);
}

}  // namespace detail

// out[i * out_stride + j] = row j of a times row i of b, for AR x BR rows at once so that loaded
// values are used several times. Each sum has its own lanes: AR and BR never change a bit.
template <size_t AR, size_t BR>
void dot_rows(const Panel& a, const Panel& b, int64_t chunks, float* out, int64_t out_stride) {
  using ARows = std::make_index_sequence<AR>;
  using Sums = std::make_index_sequence<AR * BR>;  // sum s is of rows s % AR of a and s / AR of b
  detail::dot_rows<AR>(a, b, chunks, out, out_stride, ARows{}, Sums{});
}

inline float dot(const float* a, const float* b, int64_t chunks) {
  float result = 0;
  dot_rows<1, 1>({a, 0, dot_chunk}, {b, 0, dot_chunk}, chunks, &result, 0);
  return result;
}

// Exact in any order while the sum fits 32 bits.
inline int32_t dot(const int16_t* a, const int16_t* b, int64_t count) {
  int32_t sum = 0;
  for (int64_t k = 0; k < count; ++k)
    sum += int32_t{a[k]} * int32_t{b[k]};
  return sum;
}

}  // namespace tenon::cpu_reference
