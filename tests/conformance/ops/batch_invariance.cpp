// TN-DEV-8: a row's bits depend neither on the other rows, nor on how a prompt was cut, nor on the
// KV block size.
#include <fmt/format.h>

#include "ops/attention_case.hpp"
#include "ops/op_runner.hpp"

namespace tenon::conformance::batch_invariance_test {
namespace {

// Rows [begin, begin + count) of the operands that have a row for each token.
OpCase rows_of(const OpCase& whole, const std::vector<std::string_view>& row_operands,
               int64_t begin, int64_t count) {
  OpCase part = whole;
  part.name = fmt::format("rows {}..{} of {}", begin, begin + count - 1, whole.name);
  for (const std::string_view field : row_operands) {
    HostTensor& tensor = part[field];
    if (!tensor.present()) continue;
    const int64_t width = tensor.count() / tensor.dim(0);
    auto& expected = part.ranks[0].expected[part.index(field)];
    tensor = tensor.rows(begin, count);
    if (expected.empty()) continue;
    expected = std::vector<Expected>(expected.begin() + begin * width,
                                     expected.begin() + (begin + count) * width);
  }
  return part;
}

void check_rows(const OpCase& whole, const OpCase& part, const Outputs& all, const Outputs& some,
                int64_t begin) {
  for (size_t i = 0; i < some[0].size(); ++i) {
    if (some[0][i].empty()) continue;
    const HostTensor& tensor = whole.ranks[0].operands[i];
    const int64_t first = begin * (tensor.count() / tensor.dim(0));
    for (size_t at = 0; at < some[0][i].size(); ++at) {
      const uint64_t expected = all[0][i][static_cast<size_t>(first) + at];
      check(some[0][i][at] == expected, "TN-DEV-8",
            fmt::format("{}, {}, {} element {}", whole.op->name, part.name,
                        whole.op->operands[i].name, at),
            fmt::format("bits {:#x} as in the whole batch", expected),
            fmt::format("bits {:#x}", some[0][i][at]));
    }
  }
}

void check_op(Context& context, const OpSuite& suite,
              const std::vector<std::string_view>& row_operands) {
  OpRunner runner(context, suite, "TN-DEV-8");
  int tried = 0;
  for (const OpCase& whole : suite.canonical(runner.grid())) {
    const HostTensor& rows = whole[row_operands.front()];
    if (rows.shape().size() != 2 || rows.dim(0) < 2 || (++tried > 40 && !context.full())) continue;
    const auto all = runner.run(whole);
    if (!all) continue;
    const int64_t count = rows.dim(0);
    for (int64_t begin = 0; begin < count; begin += std::max<int64_t>(count / 5, 1)) {
      for (const int64_t some : {int64_t{1}, int64_t{2}, count - begin}) {
        if (begin + some > count) continue;
        const OpCase part = rows_of(whole, row_operands, begin, some);
        const auto found = runner.run(part);
        if (found) check_rows(whole, part, *all, *found, begin);
      }
    }
  }
  runner.finish();
}

// Rows [first, first + count) of a prompt, with other sequences beside it or none.
struct Piece {
  int64_t first, count, block_size;
  bool company;
};

OpCase attention_piece(AttentionForm form, const Piece& piece, uint64_t seed) {
  form.block_size = piece.block_size;
  form.sequences = {{piece.count, piece.first + piece.count, 0}};
  if (piece.company) {
    form.sequences.push_back({1, 37, 5});
    form.sequences.push_back({3, 9, 6});
  }
  return make_attention(form, seed);
}

void check_attention(OpRunner& runner, const AttentionForm& form, int64_t length) {
  const int64_t whole_block = runner.grid().block_size(16);
  const OpCase whole = attention_piece(form, {0, length, whole_block, false}, runner.grid().seed);
  const auto all = runner.run(whole);
  if (!all) return;
  const size_t output = whole.index("output");
  const auto row = static_cast<size_t>(form.heads * form.value_dim);
  for (const int64_t block : {whole_block, runner.grid().block_size(1), runner.grid().block_size(3),
                              runner.grid().block_size(64)}) {
    for (const int64_t chunk : {int64_t{1}, int64_t{2}, int64_t{5}, length}) {
      for (int64_t first = 0; first < length; first += chunk) {
        if (chunk == 1 && first % 4 != 3) continue;
        const int64_t count = std::min(chunk, length - first);
        const OpCase part =
            attention_piece(form, {first, count, block, first % 2 == 0}, runner.grid().seed);
        const auto found = runner.run(part);
        if (!found) continue;
        for (size_t i = 0; i < static_cast<size_t>(count) * row; ++i) {
          const uint64_t expected = (*all)[0][output][static_cast<size_t>(first) * row + i];
          check((*found)[0][output][i] == expected, "TN-DEV-8",
                fmt::format("paged_attention, rows {}..{} of a prompt of {} alone, as {}", first,
                            first + count - 1, length, part.name),
                fmt::format("element {} with bits {:#x} as in one piece", i, expected),
                fmt::format("bits {:#x}", (*found)[0][output][i]));
        }
      }
    }
  }
}

}  // namespace

CONFORMANCE_TEST(batch_invariance, linear,
                 {.rules = {"TN-DEV-8"},
                  .profile = TN_PROFILE_DENSE,
                  .needs = TN_IS_BATCH_INVARIANT}) {
  check_op(context, linear_suite(), {"input", "row_scale", "output"});
}

CONFORMANCE_TEST(batch_invariance, rms_norm,
                 {.rules = {"TN-DEV-8"},
                  .profile = TN_PROFILE_DENSE,
                  .needs = TN_IS_BATCH_INVARIANT}) {
  check_op(context, rms_norm_suite(), {"input", "output"});
}

CONFORMANCE_TEST(batch_invariance, add_rms_norm,
                 {.rules = {"TN-DEV-8"},
                  .profile = TN_PROFILE_DENSE,
                  .needs = TN_IS_BATCH_INVARIANT}) {
  check_op(context, add_rms_norm_suite(), {"input", "residual", "sum", "output"});
}

CONFORMANCE_TEST(batch_invariance, swiglu,
                 {.rules = {"TN-DEV-8"},
                  .profile = TN_PROFILE_DENSE,
                  .needs = TN_IS_BATCH_INVARIANT}) {
  check_op(context, swiglu_suite(), {"gate", "up", "output"});
}

CONFORMANCE_TEST(batch_invariance, moe_gate,
                 {.rules = {"TN-DEV-8"},
                  .profile = TN_PROFILE_MOE,
                  .needs = TN_IS_BATCH_INVARIANT}) {
  check_op(context, moe_gate_suite(), {"logits", "token_ids", "expert_ids", "expert_weights"});
}

CONFORMANCE_TEST(batch_invariance, paged_attention,
                 {.rules = {"TN-DEV-8"},
                  .profile = TN_PROFILE_DENSE,
                  .needs = TN_IS_BATCH_INVARIANT}) {
  OpRunner runner(context, paged_attention_suite(), "TN-DEV-8");
  AttentionForm form;
  form.width = 24;
  form.value_dim = 18;
  for (const uint32_t cache : {runner.grid().activation, uint32_t{TN_DTYPE_BF16}}) {
    form.activation = runner.grid().activation;
    form.cache = cache;
    check_attention(runner, form, 21);
    form.window = 6;
    check_attention(runner, form, context.full() ? 67 : 19);
    form.window = 0;
  }
  runner.finish();
}

}  // namespace tenon::conformance::batch_invariance_test
