// Which columns of each row of a value a rank has.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace tenon {

// Columns that are divided by themselves: the heads of q, those of k, the rows of one packed matrix.
struct ColumnSegment {
  int64_t columns = 0;      // of the whole value
  int64_t first = 0;        // that this rank has, counted within the segment
  int64_t kept = 0;         // that this rank has
  bool replicated = false;  // other ranks have the same ones

  bool operator==(const ColumnSegment&) const = default;
};

// Value type: the segments of a row, from left to right.
class ColumnSplit {
 public:
  ColumnSplit() = default;
  explicit ColumnSplit(std::vector<ColumnSegment> segments) : segments_(std::move(segments)) {}

  const std::vector<ColumnSegment>& segments() const { return segments_; }
  bool operator==(const ColumnSplit&) const = default;
  int64_t kept() const;  // columns of a row of the rank's value
  bool replicated() const;

  // The segments that columns [first, first + columns) of the whole value consist of; nothing where
  // the range begins or ends within one.
  struct Part;
  std::optional<Part> part(int64_t first, int64_t columns) const;

 private:
  std::vector<ColumnSegment> segments_;
};

struct ColumnSplit::Part {
  ColumnSplit split;
  int64_t column = 0;  // where it begins in a row of the rank's value
};

}  // namespace tenon
