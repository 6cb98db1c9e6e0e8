// rope: both pairings, both directions, partial rotation.
#include <cmath>

#include <fmt/format.h>

#include "ops/op_suite.hpp"

namespace tenon::conformance {
namespace rope_cases {

struct Form {
  std::vector<int64_t> positions;
  int64_t heads = 1, width = 2;
  int32_t rotary = 2, first = 0;
  int64_t table_rows = 1;
  uint32_t activation = TN_DTYPE_F32;
  bool interleaved = false, inverse = false;
  bool basic = false;
  bool poison_others = false;  // table rows at positions that no row stands at
};

// Where a channel's pair lies: expected values follow from the formula alone.
void expect_row(OpCase& made, const Form& form, int64_t row, int64_t position) {
  const HostTensor& x = made["input"];
  const int64_t half = form.rotary / 2;
  for (int64_t head = 0; head < form.heads; ++head) {
    const int64_t base = (row * form.heads + head) * form.width;
    for (int64_t channel = 0; channel < form.width; ++channel) {
      const int64_t inner = channel - form.first;
      if (inner < 0 || inner >= form.rotary) {
        made.expect_bits("output", base + channel, x.bits(base + channel));
        continue;
      }
      const int64_t pair = form.interleaved ? inner / 2 : inner % half;
      const bool second = form.interleaved ? inner % 2 == 1 : inner >= half;
      const double a = x.at(base + form.first + (form.interleaved ? 2 * pair : pair));
      const double b = x.at(base + form.first + (form.interleaved ? 2 * pair + 1 : pair + half));
      const double c = made["cosine"].at(position * half + pair);
      const double s = made["sine"].at(position * half + pair) * (form.inverse ? -1 : 1);
      const double expected = second ? b * c + a * s : a * c - b * s;
      const double magnitude =
          second ? std::abs(b * c) + std::abs(a * s) : std::abs(a * c) + std::abs(b * s);
      made.expect_sum("output", base + channel, expected, 2, magnitude);
    }
  }
}

OpCase make(const Form& form, Random& random) {
  const auto rows = static_cast<int64_t>(form.positions.size());
  const int64_t half = form.rotary / 2;
  auto made = new_case<tn_rope_args>(fmt::format(
      "[{}, {}, {}] {}, channels {} from {}, {}{}", rows, form.heads, form.width,
      dtype_name(form.activation), form.rotary, form.first,
      form.interleaved ? "interleaved" : "half split", form.inverse ? ", inverse" : ""));
  made.activation = form.activation;
  made.basic = form.basic;
  auto& args = made.args<tn_rope_args>();
  args.rotary_dim = form.rotary;
  args.first_channel = form.first;
  args.pairing = form.interleaved ? TN_ROPE_INTERLEAVED : TN_ROPE_HALF_SPLIT;
  args.inverse = form.inverse ? 1 : 0;
  made["input"] =
      HostTensor(form.activation, {rows, form.heads, form.width}).random(random, Fill::wide);
  HostTensor& cosine = made["cosine"];
  HostTensor& sine = made["sine"];
  cosine = HostTensor(TN_DTYPE_F32, {form.table_rows, half});
  sine = HostTensor(TN_DTYPE_F32, {form.table_rows, half});
  for (int64_t i = 0; i < cosine.count(); ++i) {
    // No angle of a model's: each entry its own, so that a table read in a wrong order shows.
    const double angle = random.uniform(-3.2, 3.2);
    const double gain = random.uniform(0.5, 1.5);
    cosine.set(i, gain * std::cos(angle));
    sine.set(i, gain * std::sin(angle));
  }
  made["positions"] = indices(form.positions);
  made["output"] = HostTensor(form.activation, {rows, form.heads, form.width});
  std::vector<bool> used(static_cast<size_t>(form.table_rows), false);
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t position = form.positions[static_cast<size_t>(row)];
    if (position < 0 || position >= form.table_rows) continue;
    used[static_cast<size_t>(position)] = true;
    expect_row(made, form, row, position);
  }
  for (int64_t i = 0; form.poison_others && i < cosine.count(); ++i) {
    if (used[static_cast<size_t>(i / half)]) continue;
    cosine.set_bits(i, 0xffffffff);
    sine.set_bits(i, 0xffffffff);
  }
  return made;
}

Cases canonical(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  const uint32_t a = grid.activation;
  cases.push_back(make({{0}, 1, 2, 2, 0, 1, a, false, false, true}, random));
  cases.push_back(make({{4, 0, 3}, 3, 64, 64, 0, 5, a, false, false, true}, random));
  cases.push_back(make({{32, 1, 17, 17, 0}, 2, 128, 128, 0, 33, a, false, false, true}, random));
  for (const uint32_t activation : grid.activations()) {
    for (const auto& [width, rotary, first] : std::vector<std::array<int32_t, 3>>{
             {12, 12, 0}, {34, 4, 0}, {33, 4, 29}, {16, 2, 3}, {192, 64, 128}, {20, 6, 7}}) {
      for (int variant = 0; variant < 4; ++variant) {
        cases.push_back(make({{0, 8, 3, 3, 1},
                              3,
                              width,
                              rotary,
                              first,
                              9,
                              activation,
                              (variant & 1) != 0,
                              (variant & 2) != 0,
                              false},
                             random));
      }
    }
  }
  return cases;
}

OpCase draw(const Grid& grid, Random& random) {
  Form form;
  form.table_rows = random.integer(1, 60);
  const int64_t rows = random.integer(1, 20);
  for (int64_t i = 0; i < rows; ++i)
    form.positions.push_back(random.integer(0, form.table_rows - 1));
  form.heads = random.integer(1, 6);
  form.width = random.integer(2, 140);
  form.rotary = static_cast<int32_t>(2 * random.integer(1, form.width / 2));
  form.first = static_cast<int32_t>(random.integer(0, form.width - form.rotary));
  form.activation = random.pick(grid.activations());
  form.interleaved = random.chance(0.5);
  form.inverse = random.chance(0.3);
  form.poison_others = random.chance(0.5);
  return make(form, random);
}

Cases zero_rows(const Grid& grid) {
  Random random(grid.seed);
  return {make({{}, 2, 64, 64, 0, 5, grid.activation, false, false, true}, random),
          make({{}, 2, 33, 4, 29, 5, grid.activation, true, true, false}, random)};
}

Cases bad_index(const Grid& grid) {
  Random random(grid.seed);
  Cases cases;
  for (const int64_t bad : {int64_t{5}, int64_t{-1}, int64_t{100000}, int64_t{INT32_MIN}})
    cases.push_back(make({{4, bad, 0}, 3, 64, 64, 0, 5, grid.activation, false, false}, random));
  return cases;
}

Cases not_read(const Grid& grid) {
  Random random(grid.seed);
  return {make({{3, 30, 3}, 3, 64, 64, 0, 40, grid.activation, false, false, true, true}, random),
          make({{39, 0}, 2, 34, 4, 5, 40, grid.activation, true, false, false, true}, random)};
}

}  // namespace rope_cases

const OpSuite& rope_suite() {
  using namespace rope_cases;
  static const OpSuite suite{.canonical = canonical,
                             .draw = draw,
                             .zero_rows = zero_rows,
                             .strided = {"input", "output"},
                             .bad_index = bad_index,
                             .not_read = not_read};
  return suite;
}

}  // namespace tenon::conformance
