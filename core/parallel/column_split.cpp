#include "parallel/column_split.hpp"

#include <algorithm>

namespace tenon {

int64_t ColumnSplit::kept() const {
  int64_t sum = 0;
  for (const ColumnSegment& segment : segments_)
    sum += segment.kept;
  return sum;
}

bool ColumnSplit::replicated() const {
  return std::ranges::any_of(segments_, &ColumnSegment::replicated);
}

std::optional<ColumnSplit::Part> ColumnSplit::part(int64_t first, int64_t columns) const {
  int64_t begin = 0;
  int64_t column = 0;
  std::vector<ColumnSegment> covered;
  for (const ColumnSegment& segment : segments_) {
    const int64_t end = begin + segment.columns;
    if (begin < first && first < end) return std::nullopt;
    if (begin < first + columns && first + columns < end) return std::nullopt;
    if (end <= first) column += segment.kept;
    if (begin >= first && end <= first + columns) covered.push_back(segment);
    begin = end;
  }
  return Part{ColumnSplit(std::move(covered)), column};
}

}  // namespace tenon
