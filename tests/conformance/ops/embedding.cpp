// embedding: rows of a table, also of a vocabulary that is sharded over cards.
#include <fmt/format.h>

#include "ops/op_suite.hpp"

namespace tenon::conformance {
namespace embedding_cases {

struct Form {
  int64_t vocabulary = 1, width = 1;
  std::vector<int64_t> ids;
  uint32_t table = TN_DTYPE_F32;
  uint32_t activation = TN_DTYPE_F32;
  int32_t first_id = 0;
  bool zero_outside = false;
  bool poison_others = false;  // rows that no id names
  bool basic = false;
};

OpCase make(const Form& form, Random& random) {
  const auto count = static_cast<int64_t>(form.ids.size());
  auto made = new_case<tn_embedding_args>(
      fmt::format("V {} D {} n {}, {} -> {}, first_id {}{}", form.vocabulary, form.width, count,
                  dtype_name(form.table), dtype_name(form.activation), form.first_id,
                  form.zero_outside ? ", zero_outside" : ""));
  made.activation = form.activation;
  made.basic = form.basic;
  made.args<tn_embedding_args>().first_id = form.first_id;
  made.args<tn_embedding_args>().zero_outside = form.zero_outside ? 1 : 0;
  HostTensor& table = made["table"];
  table = HostTensor(form.table, {form.vocabulary, form.width}).random(random, Fill::wide);
  made["token_ids"] = indices(form.ids);
  made["output"] = HostTensor(form.activation, {count, form.width});
  std::vector<bool> used(static_cast<size_t>(form.vocabulary), false);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t row = form.ids[static_cast<size_t>(i)] - form.first_id;
    const bool inside = row >= 0 && row < form.vocabulary;
    if (inside) used[static_cast<size_t>(row)] = true;
    for (int64_t j = 0; j < form.width; ++j) {
      made.expect_value("output", i * form.width + j, inside ? table.at(row * form.width + j) : 0);
    }
  }
  for (int64_t row = 0; form.poison_others && row < form.vocabulary; ++row) {
    for (int64_t j = 0; j < form.width && !used[static_cast<size_t>(row)]; ++j)
      table.set_bits(row * form.width + j, 0xffffffff);
  }
  return made;
}

std::vector<int64_t> draw_ids(Random& random, int64_t count, int64_t low, int64_t high) {
  std::vector<int64_t> ids;
  for (int64_t i = 0; i < count; ++i)
    ids.push_back(random.integer(low, high));
  return ids;
}

Cases canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  const uint32_t a = grid.activation;
  // The last row of the table is named each time.
  cases.push_back(make({1, 1, {0}, a, a, 0, false, false, true}, random));
  cases.push_back(make({7, 17, {6, 6, 0}, a, a, 0, false, false, true}, random));
  cases.push_back(make({100, 64, {99, 0, 50, 1, 98}, a, a, 0, false, false, true}, random));
  std::vector<int64_t> many;
  for (int64_t i = 0; i < 67; ++i)
    many.push_back((i * 29 + 32) % 33);
  cases.push_back(make({33, 129, many, a, a, 0, false, false, true}, random));
  for (const uint32_t w : float_dtypes) {
    for (const uint32_t activation : grid.activations()) {
      cases.push_back(make({9, 33, {8, 3, 3, 0}, w, activation, 0, false, false, false}, random));
      cases.push_back(
          make({5, 31, {14, 15, 10, 9, 12}, w, activation, 10, true, false, false}, random));
    }
  }
  return cases;
}

OpCase draw(const Grid& grid, Random& random) {
  Form form;
  form.vocabulary = random.integer(1, 300);
  form.width = random.integer(1, 200);
  form.table = random.pick({TN_DTYPE_F32, TN_DTYPE_F16, TN_DTYPE_BF16});
  form.activation = random.pick(grid.activations());
  form.first_id = static_cast<int32_t>(random.integer(0, 1) * random.integer(1, 1000));
  form.zero_outside = random.chance(0.5);
  const int64_t spread = form.zero_outside ? random.integer(0, 50) : 0;
  form.ids = draw_ids(random, random.integer(1, 70), form.first_id - spread,
                      form.first_id + form.vocabulary - 1 + spread);
  form.poison_others = random.chance(0.5);
  return make(form, random);
}

Cases zero_rows(const Grid& grid) {
  Random random(grid.seed);
  const uint32_t a = grid.activation;
  return {make({9, 33, {}, a, a, 0, false, false, true}, random),
          make({9, 33, {}, a, a, 4, true, false, false}, random)};
}

Cases bad_index(const Grid& grid) {
  Random random(grid.seed);
  const uint32_t a = grid.activation;
  Cases cases;
  for (const int64_t bad : {int64_t{7}, int64_t{-1}, int64_t{1000}, int64_t{INT32_MAX}})
    cases.push_back(make({7, 17, {3, bad, 6}, a, a, 0, false, false, true}, random));
  return cases;
}

Cases not_read(const Grid& grid) {
  Random random(grid.seed);
  const uint32_t a = grid.activation;
  return {make({50, 33, {0, 49, 7}, a, a, 0, false, true, true}, random),
          make({50, 33, {3, 60, 23}, a, a, 10, true, true, false}, random)};
}

Cases written_as_zero(const Grid& grid) {
  Random random(grid.seed);
  const uint32_t a = grid.activation;
  return {make({5, 65, {4, 15, 10, 0, 9, -1, 12}, a, a, 10, true, false, false}, random),
          make({5, 65, {2000000, 3000000}, a, a, 0, true, true, false}, random)};
}

}  // namespace embedding_cases

const OpSuite& embedding_suite() {
  using namespace embedding_cases;
  static const OpSuite suite{.canonical = canonical,
                             .draw = draw,
                             .zero_rows = zero_rows,
                             .strided = {"table", "output"},
                             .bad_index = bad_index,
                             .not_read = not_read,
                             .written_as_zero = written_as_zero};
  return suite;
}

}  // namespace tenon::conformance
