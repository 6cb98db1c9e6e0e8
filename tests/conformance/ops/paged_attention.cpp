// paged_attention: ragged batches of prefill and decode rows in all forms of the op.
#include "ops/attention_case.hpp"

namespace tenon::conformance {
namespace paged_attention_cases {

Cases canonical(const Grid& grid) {
  Cases cases;
  uint64_t seed = grid.seed;
  const int64_t b = grid.block_size(16);
  const auto add = [&](const AttentionForm& form) {
    cases.push_back(make_attention(form, ++seed));
  };
  AttentionForm plain;
  plain.activation = plain.cache = grid.activation;
  plain.block_size = b;
  plain.basic = true;
  // Lengths at, before and after the end of a block; prompts whole and in pieces; decode rows.
  for (const auto& sequences : std::vector<std::vector<AttentionSequence>>{
           {{1, 1, 0}},
           {{b, b, 0}},
           {{b + 1, b + 1, 0}},
           {{1, b - 1, 0}, {1, b, 1}, {1, b + 1, 2}, {1, 2 * b, 3}},
           {{3, 3, 0}, {1, 9, 1}, {0, 4, 2}, {5, 2 * b, 3}, {1, 1, 4}}}) {
    plain.sequences = sequences;
    add(plain);
  }
  plain.width = plain.value_dim = 64;
  plain.heads = 3;
  plain.kv_heads = 1;
  plain.sequences = {{1, 333, 0}, {17, 20, 1}};
  add(plain);
  plain.heads = plain.kv_heads = 2;
  plain.sequences = {{2, 259, 0}};
  add(plain);

  for (const uint32_t activation : grid.activations()) {
    for (const uint32_t cache : float_dtypes) {
      for (int form = 0; form < 16; ++form) {
        if (!grid.full && cache != activation && form % 5 != 0) continue;
        AttentionForm mixed;
        mixed.sequences = {{3, 3, 0}, {1, b + 1, 1}, {0, 4, 2}, {5, 2 * b, 3}};
        mixed.activation = activation;
        mixed.cache = cache;
        mixed.width = 10;
        mixed.value_dim = 6;
        mixed.block_size = b;
        mixed.padding_rows = form % 3;
        mixed.mla = (form & 1) != 0;
        mixed.sinks = (form & 2) != 0;
        mixed.causal = (form & 4) == 0;
        mixed.window = (form & 8) != 0 ? 3 : 0;
        add(mixed);
      }
    }
  }
  // Windows as long as a block, and longer than a sequence.
  for (const int64_t window : {int64_t{1}, b, b + 1, int64_t{1000}}) {
    AttentionForm form;
    form.activation = form.cache = grid.activation;
    form.block_size = b;
    form.sequences = {{1, 3 * b + 2, 0}, {b + 2, 2 * b + 1, 1}};
    form.window = static_cast<int32_t>(window);
    add(form);
  }
  for (const int64_t block_size : {1, 3, 64}) {
    AttentionForm form;
    form.activation = form.cache = grid.activation;
    form.block_size = grid.block_size(block_size);
    form.heads = form.kv_heads = 1;
    form.sequences = {{4, 67, 0}, {1, 5, 1}};
    add(form);
  }
  AttentionForm large;
  large.activation = large.cache = grid.activation;
  large.block_size = b;
  large.sequences = {{3, 3, 0}, {1, 33, 1}};
  large.magnitude = 200;  // softmax must not overflow
  large.note = "large scores, ";
  add(large);
  return cases;
}

OpCase draw(const Grid& grid, Random& random) {
  AttentionForm form;
  const int64_t count = random.integer(1, 5);
  for (int64_t s = 0; s < count; ++s) {
    const int64_t length = random.integer(0, grid.full ? 150 : 50);
    form.sequences.push_back({random.chance(0.5) ? std::min<int64_t>(length, 1)
                                                 : random.integer(0, std::min<int64_t>(length, 9)),
                              length, static_cast<uint64_t>(s)});
  }
  form.kv_heads = random.integer(1, 3);
  form.heads = form.kv_heads * random.integer(1, 3);
  form.width = random.integer(1, 40);
  form.mla = random.chance(0.25);
  form.value_dim = form.mla ? random.integer(1, form.width) : random.integer(1, 40);
  form.block_size = grid.block_size(random.integer(1, 33));
  form.padding_rows = random.chance(0.3) ? random.integer(1, 3) : 0;
  form.sinks = random.chance(0.25);
  form.causal = random.chance(0.75);
  form.window = random.chance(0.3) ? static_cast<int32_t>(random.integer(1, 40)) : 0;
  form.activation = random.pick(grid.activations());
  form.cache = random.pick({TN_DTYPE_F32, TN_DTYPE_F16, TN_DTYPE_BF16});
  return make_attention(form, random.bits());
}

AttentionForm small(const Grid& grid, std::vector<AttentionSequence> sequences) {
  AttentionForm form;
  form.activation = form.cache = grid.activation;
  form.block_size = grid.block_size(16);
  form.sequences = std::move(sequences);
  return form;
}

Cases zero_rows(const Grid& grid) {
  AttentionForm none = small(grid, {});
  AttentionForm resting = small(grid, {{0, 5, 0}, {0, 0, 1}});
  resting.basic = true;
  return {make_attention(resting, grid.seed), make_attention(none, grid.seed)};
}

Cases bad_index(const Grid& grid) {
  Cases cases;
  for (const int64_t bad : {int64_t{99}, int64_t{-1}, int64_t{1000000}, int64_t{INT32_MAX}}) {
    OpCase made = make_attention(small(grid, {{2, 20, 0}, {1, 5, 1}}), grid.seed);
    made.basic = true;
    made["block_table"].set(0, static_cast<double>(bad));
    cases.push_back(std::move(made));
  }
  return cases;
}

// All cases have NaN in what is not read; these have much of it.
Cases not_read(const Grid& grid) {
  const int64_t b = grid.block_size(16);
  AttentionForm plain = small(grid, {{1, b + 1, 0}, {0, 3 * b, 1}, {2, 2, 2}});
  plain.basic = true;
  plain.padding_rows = 3;
  AttentionForm window = small(grid, {{1, 4 * b, 0}, {2, 3 * b + 1, 1}});
  window.window = 3;
  return {make_attention(plain, grid.seed), make_attention(window, grid.seed)};
}

Cases written_as_zero(const Grid& grid) {
  AttentionForm padding = small(grid, {{2, 7, 0}});
  padding.padding_rows = 5;
  AttentionForm empty = small(grid, {{2, 2, 0}, {1, 0, 1}, {3, 3, 2}});
  AttentionForm sinks = empty;
  sinks.sinks = true;
  AttentionForm only_padding = small(grid, {});
  only_padding.padding_rows = 3;
  return {make_attention(padding, grid.seed), make_attention(empty, grid.seed),
          make_attention(sinks, grid.seed), make_attention(only_padding, grid.seed)};
}

}  // namespace paged_attention_cases

const OpSuite& paged_attention_suite() {
  using namespace paged_attention_cases;
  static const OpSuite suite{.canonical = canonical,
                             .draw = draw,
                             .zero_rows = zero_rows,
                             .strided = {"query", "output"},
                             .bad_index = bad_index,
                             .not_read = not_read,
                             .written_as_zero = written_as_zero};
  return suite;
}

}  // namespace tenon::conformance
