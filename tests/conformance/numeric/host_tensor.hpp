// A tensor in the suite's own memory: what an operand holds before an op, or is expected to hold.
#pragma once

#include <tenon/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "numeric/format.hpp"
#include "numeric/random.hpp"

namespace tenon::conformance {

// What bytes that no element owns are filled with: NaN in every float type, and three patterns that
// differ so that poison copied from one operand into another is seen.
enum class Poison : uint16_t {
  read = 0xffff,           // read operands
  read_index = 0x7fff,     // int32 read operands: a large index
  written = 0xffd5,        // written operands
  written_again = 0x7fb3,  // the same in a second run, whose bits must not differ
  zero = 0x0000
};
void poison_bytes(std::vector<std::byte>& bytes, Poison poison);

// How values are drawn.
enum class Fill {
  unit,      // uniform in [-2, 2)
  positive,  // uniform in [0.5, 1.5): sums grow, so that rounding in between shows
  wide       // magnitudes from 2^-6 to 2^6, negative zero and exact powers of two among them
};

// Elements by flat index in row-major order of the shape; storage is what lies between the first
// and the last element, gaps included.
class HostTensor {
 public:
  HostTensor() = default;  // absent
  HostTensor(uint32_t dtype, std::vector<int64_t> shape, int64_t row_gap = 0);
  static HostTensor with_strides(uint32_t dtype, std::vector<int64_t> shape,
                                 std::vector<int64_t> strides);
  // Storage in a layout other than row-major, of which only bytes are known.
  static HostTensor in_layout(uint32_t dtype, std::vector<int64_t> shape, tn_layout layout,
                              uint64_t storage_bytes);

  bool present() const { return dtype_ != TN_DTYPE_NONE; }
  uint32_t dtype() const { return dtype_; }
  tn_layout layout() const { return layout_; }
  const std::vector<int64_t>& shape() const { return shape_; }
  const std::vector<int64_t>& strides() const { return strides_; }
  int64_t dim(size_t axis) const { return shape_[axis]; }
  int64_t count() const;
  bool contiguous() const;
  // As a tensor of the device API at the start of no buffer.
  tn_tensor descriptor() const;

  std::vector<std::byte>& storage() { return storage_; }
  const std::vector<std::byte>& storage() const { return storage_; }
  // Byte offset of an element in storage().
  uint64_t offset(int64_t flat) const;
  uint64_t bits(int64_t flat) const;
  void set_bits(int64_t flat, uint64_t bits);
  double at(int64_t flat) const { return decode(dtype_, bits(flat)); }
  void set(int64_t flat, double value) { set_bits(flat, encode(dtype_, value)); }
  std::vector<double> values() const;
  std::vector<uint64_t> all_bits() const;

  HostTensor& fill(const std::vector<double>& values);
  HostTensor& fill(double value);
  HostTensor& random(Random& random, Fill fill = Fill::unit);
  HostTensor& random(Random& random, double low, double high);  // integers: in [low, high]
  HostTensor& random_bits(Random& random);
  HostTensor& poison(Poison poison);  // elements and gaps

  // The same elements with `gap` more elements between rows of the last dimension.
  HostTensor with_gaps(int64_t gap) const;
  // The same storage seen with two dimensions swapped.
  HostTensor swapped(size_t one, size_t other) const;
  // Rows [begin, begin + count) of the first dimension, contiguous.
  HostTensor rows(int64_t begin, int64_t count) const;

  // Marks the bytes of storage() that elements own.
  std::vector<bool> owned_bytes() const;

 private:
  void allocate();

  uint32_t dtype_ = TN_DTYPE_NONE;
  tn_layout layout_ = TN_LAYOUT_ROW_MAJOR;
  std::vector<int64_t> shape_, strides_;
  std::vector<std::byte> storage_;
};

// A rank-1 int32 tensor.
HostTensor indices(const std::vector<int64_t>& values);

}  // namespace tenon::conformance
