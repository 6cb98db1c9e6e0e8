#include "checkpoint/tensor_info.hpp"

#include <algorithm>
#include <numeric>

namespace tenon {

uint64_t TensorInfo::elements() const {
  return std::accumulate(shape.begin(), shape.end(), uint64_t{1}, std::multiplies<>());
}

bool TensorInfo::has_shape(std::span<const int64_t> wanted) const {
  return std::ranges::equal(shape, wanted, [](uint64_t found, int64_t expected) {
    return expected >= 0 && found == static_cast<uint64_t>(expected);
  });
}

std::string shape_text(std::span<const uint64_t> shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

std::vector<uint32_t> order_by_name(std::span<const TensorInfo> tensors) {
  std::vector<uint32_t> order(tensors.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](uint32_t i) -> std::string_view { return tensors[i].name; });
  return order;
}

const TensorInfo* find_by_name(std::span<const TensorInfo> tensors, std::span<const uint32_t> order,
                               std::string_view name) {
  const auto name_of = [&](uint32_t i) -> std::string_view { return tensors[i].name; };
  const auto found = std::ranges::lower_bound(order, name, {}, name_of);
  if (found == order.end() || name_of(*found) != name) return nullptr;
  return &tensors[*found];
}

}  // namespace tenon
