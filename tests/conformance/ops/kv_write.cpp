// kv_write: keys and values into slots of paged caches.
#include <fmt/format.h>

#include "ops/op_suite.hpp"

namespace tenon::conformance {
namespace kv_write_cases {

struct Form {
  std::vector<int64_t> slots;
  int64_t blocks = 2, block_size = 4, heads = 1, width = 8, value_width = 8;
  uint32_t activation = TN_DTYPE_F32;
  uint32_t cache = TN_DTYPE_F32;
  bool value = true;
  bool basic = false;
};

// One of the two caches: full of NaN where no token is written.
void write(OpCase& made, const Form& form, const char* source, const char* cache, int64_t width,
           Random& random) {
  const auto tokens = static_cast<int64_t>(form.slots.size());
  const int64_t row = form.heads * width;
  HostTensor& values = made[source];
  values = HostTensor(form.activation, {tokens, form.heads, width}).random(random, Fill::wide);
  made[cache] = HostTensor(form.cache, {form.blocks, form.block_size, form.heads, width})
                    .poison(Poison::written);
  for (int64_t token = 0; token < tokens; ++token) {
    const int64_t slot = form.slots[static_cast<size_t>(token)];
    for (int64_t i = 0; i < row; ++i) {
      if (slot < 0) {
        values.set_bits(token * row + i, 0xffffffff);  // a skipped token may hold NaN
      } else if (slot < form.blocks * form.block_size) {
        made.expect_value(cache, slot * row + i, values.at(token * row + i));
      }
    }
  }
}

OpCase make(const Form& form, Random& random) {
  auto made = new_case<tn_kv_write_args>(
      fmt::format("{} tokens, {} blocks of {}, {} heads of {}{}, {} -> {}", form.slots.size(),
                  form.blocks, form.block_size, form.heads, form.width,
                  form.value ? fmt::format(" and {}", form.value_width) : ", no value",
                  dtype_name(form.activation), dtype_name(form.cache)));
  made.activation = form.activation;
  made.basic = form.basic;
  write(made, form, "key", "key_cache", form.width, random);
  if (form.value) write(made, form, "value", "value_cache", form.value_width, random);
  made["slot_mapping"] = indices(form.slots);
  return made;
}

// `count` different slots in random order.
std::vector<int64_t> draw_slots(Random& random, int64_t count, int64_t of) {
  auto slots = random.permutation(of);
  slots.resize(static_cast<size_t>(count));
  return slots;
}

Cases canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  const uint32_t a = grid.activation;
  const int64_t small = grid.block_size(1);
  const int64_t middle = grid.block_size(16);
  // First and last slots of the cache and of blocks.
  cases.push_back(make({{0}, 1, small, 1, 8, 8, a, a, true, true}, random));
  cases.push_back(make(
      {{3 * middle - 1, 0, middle, middle - 1}, 3, middle, 2, 64, 64, a, a, true, true}, random));
  cases.push_back(
      make({draw_slots(random, 33, 5 * middle), 5, middle, 4, 17, 17, a, a, true, true}, random));
  for (const uint32_t activation : grid.activations()) {
    for (const uint32_t cache : float_dtypes) {
      for (const bool value : {false, true}) {
        const int64_t size = grid.block_size(value ? 3 : 16);
        cases.push_back(make(
            {{3 * size - 1, -1, 0, size + 1 - 1, -1}, 3, size, 2, 33, 31, activation, cache, value},
            random));
      }
    }
  }
  cases.push_back(make({{-1, -1, -1}, 2, middle, 2, 16, 16, a, a, true, false}, random));
  return cases;
}

OpCase draw(const Grid& grid, Random& random) {
  Form form;
  form.blocks = random.integer(1, 8);
  form.block_size = grid.block_size(random.integer(1, 20));
  const int64_t slots = form.blocks * form.block_size;
  form.slots = draw_slots(random, random.integer(1, std::min<int64_t>(slots, 40)), slots);
  for (int64_t& slot : form.slots) {
    if (random.chance(0.2)) slot = -1;
  }
  form.heads = random.integer(1, 5);
  form.width = random.integer(1, 80);
  form.value_width = random.integer(1, 80);
  form.activation = random.pick(grid.activations());
  form.cache = random.pick({TN_DTYPE_F32, TN_DTYPE_F16, TN_DTYPE_BF16});
  form.value = random.chance(0.7);
  return make(form, random);
}

Cases zero_rows(const Grid& grid) {
  Random random(grid.seed);
  const int64_t size = grid.block_size(4);
  const uint32_t a = grid.activation;
  return {make({{}, 2, size, 2, 16, 16, a, a, true, true}, random),
          make({{}, 2, size, 2, 16, 16, a, a, false, false}, random)};
}

Cases bad_index(const Grid& grid) {
  Random random(grid.seed);
  const int64_t size = grid.block_size(4);
  Cases cases;
  for (const int64_t bad : {3 * size, int64_t{-2}, int64_t{1000000}, int64_t{INT32_MAX}}) {
    cases.push_back(
        make({{1, bad, 0}, 3, size, 2, 16, 16, grid.activation, grid.activation, true}, random));
    cases.push_back(
        make({{1, bad, 0}, 3, size, 2, 16, 16, grid.activation, grid.activation, false}, random));
  }
  return cases;
}

Cases not_read(const Grid& grid) {
  Random random(grid.seed);
  const int64_t size = grid.block_size(4);
  const uint32_t a = grid.activation;
  return {make({{-1, 2, -1}, 2, size, 2, 16, 16, a, a, true, true}, random),
          make({{-1, -1}, 2, size, 2, 16, 16, a, a, true, true}, random)};
}

}  // namespace kv_write_cases

const OpSuite& kv_write_suite() {
  using namespace kv_write_cases;
  static const OpSuite suite{.canonical = canonical,
                             .draw = draw,
                             .zero_rows = zero_rows,
                             .strided = {"key", "value"},
                             .bad_index = bad_index,
                             .not_read = not_read};
  return suite;
}

}  // namespace tenon::conformance
