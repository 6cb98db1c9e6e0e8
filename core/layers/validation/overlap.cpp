#include "layers/validation/overlap.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "device/tensor.hpp"

namespace tenon::validation {
namespace {

constexpr int64_t most_runs = 1 << 20;

// Bytes [begin, end) of a buffer.
struct Run {
  uint64_t begin = 0;
  uint64_t end = 0;
};

bool meet(const Run& a, const Run& b) {
  return a.begin < b.end && b.begin < a.end;
}

struct Axis {
  int64_t count = 0;
  int64_t pitch = 0;  // bytes
};

// A view as runs of bytes repeated along axes, widest pitch first.
struct Pieces {
  uint64_t begin = 0;
  uint64_t length = 0;  // bytes of one run
  std::vector<Axis> axes;

  int64_t count() const {
    int64_t runs = 1;
    for (const Axis& axis : axes)
      runs = std::min(most_runs + 1, runs) * axis.count;
    return runs;
  }
  uint64_t reach() const {
    uint64_t bytes = length;
    for (const Axis& axis : axes)
      bytes += static_cast<uint64_t>((axis.count - 1) * axis.pitch);
    return bytes;
  }
};

Pieces pieces_of(const tn_tensor& tensor) {
  const int64_t item = dtype_bytes(tensor.dtype);
  Pieces pieces{tensor.byte_offset, static_cast<uint64_t>(item), {}};
  for (uint32_t axis = 0; axis < tensor.rank; ++axis) {
    if (tensor.shape[axis] > 1 && tensor.strides[axis] > 0) {
      pieces.axes.push_back({tensor.shape[axis], tensor.strides[axis] * item});
    }
  }
  std::sort(pieces.axes.begin(), pieces.axes.end(),
            [](const Axis& a, const Axis& b) { return a.pitch > b.pitch; });
  while (!pieces.axes.empty() && pieces.axes.back().pitch == static_cast<int64_t>(pieces.length)) {
    pieces.length *= static_cast<uint64_t>(pieces.axes.back().count);
    pieces.axes.pop_back();
  }
  return pieces;
}

Run extent_of(const tn_tensor& tensor) {
  const uint64_t bytes = tensor.layout == TN_LAYOUT_ROW_MAJOR
                             ? extent_bytes(tensor).value_or(tensor.storage_bytes)
                             : tensor.storage_bytes;
  return {tensor.byte_offset, tensor.byte_offset + bytes};
}

// Two views with the same outer pitch whose rows stay in disjoint columns of it never meet. Nothing
// when this says nothing.
std::optional<bool> by_columns(const Pieces& a, const Pieces& b) {
  if (a.axes.empty() || b.axes.empty() || a.axes[0].pitch != b.axes[0].pitch) return std::nullopt;
  const auto pitch = static_cast<uint64_t>(a.axes[0].pitch);
  const auto width = [](Pieces pieces) {
    pieces.axes.erase(pieces.axes.begin());
    return pieces.reach();
  };
  const uint64_t width_a = width(a);
  const uint64_t width_b = width(b);
  if (width_a > pitch || width_b > pitch) return std::nullopt;
  const uint64_t from_a_to_b = (b.begin % pitch + pitch - a.begin % pitch) % pitch;
  if (from_a_to_b >= width_a && from_a_to_b + width_b <= pitch) return false;
  return std::nullopt;
}

void add_runs(const Pieces& pieces, size_t axis, uint64_t begin, std::vector<Run>& runs) {
  if (axis == pieces.axes.size()) {
    runs.push_back({begin, begin + pieces.length});
    return;
  }
  for (int64_t i = 0; i < pieces.axes[axis].count; ++i) {
    add_runs(pieces, axis + 1, begin + static_cast<uint64_t>(i * pieces.axes[axis].pitch), runs);
  }
}

std::vector<Run> sorted_runs(const Pieces& pieces) {
  std::vector<Run> runs;
  add_runs(pieces, 0, pieces.begin, runs);
  std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.begin < b.begin; });
  return runs;
}

bool any_meet(const std::vector<Run>& a, const std::vector<Run>& b) {
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (meet(a[i], b[j])) return true;
    if (a[i].end <= b[j].begin) {
      ++i;
    } else {
      ++j;
    }
  }
  return false;
}

}  // namespace

bool overlap(const tn_tensor& a, const tn_tensor& b) {
  if (!meet(extent_of(a), extent_of(b))) return false;
  if (a.layout != TN_LAYOUT_ROW_MAJOR || b.layout != TN_LAYOUT_ROW_MAJOR) return true;
  const Pieces pieces_a = pieces_of(a);
  const Pieces pieces_b = pieces_of(b);
  if (const auto known = by_columns(pieces_a, pieces_b)) return *known;
  if (pieces_a.count() > most_runs || pieces_b.count() > most_runs) return false;
  return any_meet(sorted_runs(pieces_a), sorted_runs(pieces_b));
}

bool same_view(const tn_tensor& a, const tn_tensor& b) {
  return a.buffer == b.buffer && a.byte_offset == b.byte_offset && a.dtype == b.dtype &&
         a.layout == b.layout && a.rank == b.rank &&
         std::memcmp(a.shape, b.shape, sizeof a.shape) == 0 &&
         std::memcmp(a.strides, b.strides, sizeof a.strides) == 0;
}

}  // namespace tenon::validation
