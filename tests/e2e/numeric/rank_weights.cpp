#include "rank_weights.hpp"

#include <algorithm>

namespace tenon {

std::vector<std::byte> cut_weight(const Weight& weight, int64_t columns, uint64_t item,
                                  std::span<const std::byte> whole) {
  if (weight.share.is_whole()) return {whole.begin(), whole.end()};
  const WeightShare& share = weight.share;
  int64_t rows = 0;
  for (const WeightPart& part : weight.parts)
    rows += part.rows;
  const int64_t matrices = std::max<int64_t>(1, weight.stack);
  const bool some_matrices = share.stack.count > 0;
  std::vector<std::byte> result;
  for (int64_t m = some_matrices ? share.stack.first : 0;
       m < (some_matrices ? share.stack.first + share.stack.count : matrices); ++m) {
    int64_t first_row = m * rows;
    for (size_t p = 0; p < weight.parts.size(); ++p) {
      const int64_t part_rows = weight.parts[p].rows;
      const WeightShare::Range range =
          share.part_rows.empty() ? WeightShare::Range{0, part_rows} : share.part_rows[p];
      const WeightShare::Range kept =
          share.columns.count > 0 ? share.columns : WeightShare::Range{0, columns};
      for (int64_t row = first_row + range.first; row < first_row + range.first + range.count;
           ++row) {
        const auto begin =
            whole.begin() +
            static_cast<ptrdiff_t>(static_cast<uint64_t>(row * columns + kept.first) * item);
        result.insert(result.end(), begin,
                      begin + static_cast<ptrdiff_t>(static_cast<uint64_t>(kept.count) * item));
      }
      first_row += part_rows;
    }
  }
  return result;
}

}  // namespace tenon
