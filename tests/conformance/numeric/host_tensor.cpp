#include "numeric/host_tensor.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace tenon::conformance {
namespace {

std::vector<int64_t> row_major_strides(const std::vector<int64_t>& shape, int64_t row_gap) {
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    strides[axis] = stride;
    stride *= std::max<int64_t>(shape[axis], 1);
    if (axis + 1 == shape.size()) stride += row_gap;
  }
  return strides;
}

double draw(Random& random, Fill fill) {
  if (fill == Fill::positive) return random.uniform(0.5, 1.5);
  if (fill == Fill::unit) return random.uniform(-2, 2);
  const double magnitude = std::exp2(random.uniform(-6, 6));
  switch (random.integer(0, 15)) {
    case 0:
      return -0.0;
    case 1:
      return -std::exp2(std::floor(std::log2(magnitude)));
    default:
      return random.chance(0.5) ? magnitude : -magnitude;
  }
}

}  // namespace

void poison_bytes(std::vector<std::byte>& bytes, Poison poison) {
  const auto pattern = static_cast<uint16_t>(poison);
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(pattern >> (8 * (i % 2)));
}

HostTensor::HostTensor(uint32_t dtype, std::vector<int64_t> shape, int64_t row_gap)
    : dtype_(dtype), shape_(std::move(shape)), strides_(row_major_strides(shape_, row_gap)) {
  allocate();
}

HostTensor HostTensor::with_strides(uint32_t dtype, std::vector<int64_t> shape,
                                    std::vector<int64_t> strides) {
  HostTensor made;
  made.dtype_ = dtype;
  made.shape_ = std::move(shape);
  made.strides_ = std::move(strides);
  made.allocate();
  return made;
}

HostTensor HostTensor::in_layout(uint32_t dtype, std::vector<int64_t> shape, tn_layout layout,
                                 uint64_t storage_bytes) {
  HostTensor made;
  made.dtype_ = dtype;
  made.layout_ = layout;
  made.strides_ = row_major_strides(shape, 0);
  made.shape_ = std::move(shape);
  made.storage_.resize(storage_bytes);
  return made;
}

void HostTensor::allocate() {
  int64_t last = 0;
  for (size_t axis = 0; axis < shape_.size(); ++axis)
    last += (shape_[axis] - 1) * strides_[axis];
  storage_.resize(count() == 0 ? 0 : static_cast<uint64_t>(last + 1) * item_bytes(dtype_));
}

int64_t HostTensor::count() const {
  int64_t count = 1;
  for (const int64_t extent : shape_)
    count *= extent;
  return count;
}

bool HostTensor::contiguous() const {
  int64_t expected = 1;
  for (size_t axis = shape_.size(); axis-- > 0;) {
    if (shape_[axis] > 1 && strides_[axis] != expected) return false;
    expected *= std::max<int64_t>(shape_[axis], 1);
  }
  return true;
}

tn_tensor HostTensor::descriptor() const {
  tn_tensor tensor{};
  if (!present()) return tensor;
  tensor.dtype = dtype_;
  tensor.layout = layout_;
  tensor.storage_bytes = storage_.size();
  tensor.rank = static_cast<uint32_t>(shape_.size());
  std::copy(shape_.begin(), shape_.end(), tensor.shape);
  std::copy(strides_.begin(), strides_.end(), tensor.strides);
  return tensor;
}

uint64_t HostTensor::offset(int64_t flat) const {
  int64_t element = 0;
  for (size_t axis = shape_.size(); axis-- > 0;) {
    element += flat % shape_[axis] * strides_[axis];
    flat /= shape_[axis];
  }
  return static_cast<uint64_t>(element) * item_bytes(dtype_);
}

uint64_t HostTensor::bits(int64_t flat) const {
  uint64_t value = 0;
  std::memcpy(&value, storage_.data() + offset(flat), item_bytes(dtype_));
  return value;
}

void HostTensor::set_bits(int64_t flat, uint64_t bits) {
  std::memcpy(storage_.data() + offset(flat), &bits, item_bytes(dtype_));
}

std::vector<double> HostTensor::values() const {
  std::vector<double> result(static_cast<size_t>(count()));
  for (size_t i = 0; i < result.size(); ++i)
    result[i] = at(static_cast<int64_t>(i));
  return result;
}

std::vector<uint64_t> HostTensor::all_bits() const {
  std::vector<uint64_t> result(static_cast<size_t>(count()));
  for (size_t i = 0; i < result.size(); ++i)
    result[i] = bits(static_cast<int64_t>(i));
  return result;
}

HostTensor& HostTensor::fill(const std::vector<double>& values) {
  for (size_t i = 0; i < values.size(); ++i)
    set(static_cast<int64_t>(i), values[i]);
  return *this;
}

HostTensor& HostTensor::fill(double value) {
  for (int64_t i = 0; i < count(); ++i)
    set(i, value);
  return *this;
}

HostTensor& HostTensor::random(Random& random, Fill fill) {
  for (int64_t i = 0; i < count(); ++i)
    set(i, draw(random, fill));
  return *this;
}

HostTensor& HostTensor::random(Random& random, double low, double high) {
  for (int64_t i = 0; i < count(); ++i) {
    set(i, is_float(dtype_) ? random.uniform(low, high)
                            : static_cast<double>(random.integer(static_cast<int64_t>(low),
                                                                 static_cast<int64_t>(high))));
  }
  return *this;
}

HostTensor& HostTensor::random_bits(Random& random) {
  for (int64_t i = 0; i < count(); ++i)
    set_bits(i, random.bits());
  return *this;
}

HostTensor& HostTensor::poison(Poison poison) {
  poison_bytes(storage_, poison);
  return *this;
}

HostTensor HostTensor::with_gaps(int64_t gap) const {
  HostTensor made(dtype_, shape_, gap);
  for (int64_t i = 0; i < count(); ++i)
    made.set_bits(i, bits(i));
  return made;
}

HostTensor HostTensor::swapped(size_t one, size_t other) const {
  HostTensor made = *this;
  std::swap(made.shape_[one], made.shape_[other]);
  std::swap(made.strides_[one], made.strides_[other]);
  return made;
}

HostTensor HostTensor::rows(int64_t begin, int64_t count) const {
  std::vector<int64_t> shape = shape_;
  shape[0] = count;
  HostTensor made(dtype_, shape);
  const int64_t first = shape_[0] == 0 ? 0 : begin * (this->count() / shape_[0]);
  for (int64_t i = 0; i < made.count(); ++i)
    made.set_bits(i, bits(first + i));
  return made;
}

std::vector<bool> HostTensor::owned_bytes() const {
  if (layout_ != TN_LAYOUT_ROW_MAJOR) return std::vector<bool>(storage_.size(), true);
  std::vector<bool> owned(storage_.size(), false);
  const uint64_t item = item_bytes(dtype_);
  for (int64_t i = 0; i < count(); ++i) {
    const uint64_t first = offset(i);
    for (uint64_t byte = 0; byte < item; ++byte)
      owned[first + byte] = true;
  }
  return owned;
}

HostTensor indices(const std::vector<int64_t>& values) {
  HostTensor tensor(TN_DTYPE_I32, {static_cast<int64_t>(values.size())});
  for (size_t i = 0; i < values.size(); ++i)
    tensor.set(static_cast<int64_t>(i), static_cast<double>(values[i]));
  return tensor;
}

}  // namespace tenon::conformance
