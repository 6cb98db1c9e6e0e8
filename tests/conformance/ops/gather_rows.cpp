// gather_rows: of every dtype.
#include <fmt/format.h>

#include "ops/op_suite.hpp"

namespace tenon::conformance {
namespace gather_rows_cases {

OpCase make(int64_t rows, int64_t width, uint32_t dtype, const std::vector<int64_t>& index,
            bool basic, Random& random) {
  auto made = new_case<tn_gather_rows_args>(
      fmt::format("{} of {} rows of {} {}", index.size(), rows, width, dtype_name(dtype)));
  made.activation = is_float(dtype) ? dtype : uint32_t{TN_DTYPE_NONE};
  made.basic = basic && is_float(dtype);
  HostTensor& input = made["input"];
  input = HostTensor(dtype, {rows, width}).poison(Poison::read);
  made["index"] = indices(index);
  made["output"] = HostTensor(dtype, {static_cast<int64_t>(index.size()), width});
  // Any bits, NaN among them; rows that no index names stay poisoned.
  for (const int64_t row : index) {
    for (int64_t i = 0; i < width && row >= 0 && row < rows; ++i)
      input.set_bits(row * width + i, random.bits());
  }
  for (size_t i = 0; i < index.size(); ++i) {
    if (index[i] < 0 || index[i] >= rows) continue;
    for (int64_t j = 0; j < width; ++j)
      made.expect_bits("output", static_cast<int64_t>(i) * width + j,
                       input.bits(index[i] * width + j));
  }
  return made;
}

std::vector<int64_t> draw_index(Random& random, int64_t count, int64_t rows) {
  std::vector<int64_t> index;
  for (int64_t i = 0; i < count; ++i)
    index.push_back(random.integer(0, rows - 1));
  return index;
}

Cases canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  const uint32_t a = grid.activation;
  cases.push_back(make(1, 1, a, {0}, true, random));
  cases.push_back(make(7, 17, a, {6, 0, 6}, true, random));
  cases.push_back(make(33, 64, a, draw_index(random, 40, 33), true, random));
  cases.push_back(make(5, 1027, a, {4, 1}, true, random));
  for (uint32_t dtype = TN_DTYPE_F32; dtype <= TN_DTYPE_U8; ++dtype)
    cases.push_back(make(9, 31, dtype, {8, 3, 3, 0, 5}, false, random));
  return cases;
}

OpCase draw(const Grid&, Random& random) {
  const int64_t rows = random.integer(1, 60);
  return make(rows, random.integer(1, 200), static_cast<uint32_t>(random.integer(1, 7)),
              draw_index(random, random.integer(1, 60), rows), false, random);
}

Cases zero_rows(const Grid& grid) {
  Random random(grid.seed);
  return {make(5, 17, grid.activation, {}, true, random),
          make(0, 17, grid.activation, {}, true, random)};
}

Cases bad_index(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  for (const int64_t bad : {int64_t{5}, int64_t{-1}, int64_t{100000}, int64_t{INT32_MAX}})
    cases.push_back(make(5, 17, grid.activation, {4, bad, 0}, true, random));
  return cases;
}

Cases not_read(const Grid& grid) {
  Random random(grid.seed);
  return {make(60, 33, grid.activation, {7, 59, 7}, true, random)};
}

}  // namespace gather_rows_cases

const OpSuite& gather_rows_suite() {
  using namespace gather_rows_cases;
  static const OpSuite suite{.canonical = canonical,
                             .draw = draw,
                             .zero_rows = zero_rows,
                             .strided = {"input", "output"},
                             .bad_index = bad_index,
                             .not_read = not_read};
  return suite;
}

}  // namespace tenon::conformance
