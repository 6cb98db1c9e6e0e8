// Faults of the ops of the dense profile.
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "base/float_bits.hpp"
#include "plant/elements.hpp"
#include "plant/op_fault.hpp"

namespace tenon::mutants::ops_dense_faults {

MUTANT(cast_truncates, {.rule = "TN-OP-10",
                        .area = "ops",
                        .kind = "precision",
                        .test = "ops/copy_cast/values",
                        .what = "f32 to bf16 cuts the lower half off"}) {
  follow_op<tn_copy_cast_args, [](const tn_copy_cast_args& args) {
    if (args.input.dtype != TN_DTYPE_F32 || args.output.dtype != TN_DTYPE_BF16) return;
    if (args.input.layout != TN_LAYOUT_ROW_MAJOR || args.output.layout != TN_LAYOUT_ROW_MAJOR) {
      return;
    }
    for (int64_t row = 0; row < row_count(args.output); ++row) {
      for (int64_t column = 0; column < row_length(args.output); ++column) {
        std::byte* to = element(args.output, row, column);
        if (std::isnan(load(args.input, row, column))) continue;
        std::memcpy(to, element(args.input, row, column) + 2, 2);
      }
    }
  }>(planted);
}

MUTANT(cast_in_rows_only, {.rule = "TN-OP-10",
                           .area = "ops",
                           .kind = "ignored strides",
                           .test = "ops/copy_cast/values",
                           .what = "a transposed view is cast as it lies"}) {
  edit_op<tn_copy_cast_args, [](tn_copy_cast_args& args) {
    tn_tensor& input = args.input;
    if (input.rank != 2 || input.strides[1] == 1 || input.strides[0] != 1) return;
    input.strides[0] = input.shape[1];
    input.strides[1] = 1;
  }>(planted);
}

MUTANT(shard_starts_at_zero, {.rule = "TN-OP-10",
                              .area = "ops",
                              .kind = "ignored input",
                              .test = "ops/embedding/values",
                              .what = "first_id of a sharded table is taken for 0"}) {
  edit_op<tn_embedding_args, [](tn_embedding_args& args) { args.first_id = 0; }>(planted);
}

MUTANT(outside_rows_left, {.rule = "TN-OP-15",
                           .area = "ops",
                           .kind = "missing write",
                           .test = "ops/embedding/written_as_zero",
                           .what = "the row of an id outside the shard is left as it was"}) {
  using Rows = std::vector<std::pair<int64_t, std::vector<std::byte>>>;
  enclose_op<tn_embedding_args,
             [](const tn_embedding_args& args) {
               Rows rows;
               for (int64_t i = 0; i < args.token_ids.shape[0]; ++i) {
                 const int64_t id = integer(args.token_ids, i) - args.first_id;
                 if (id < 0 || args.table.shape[0] <= id) {
                   rows.emplace_back(i, saved_row(args.output, i));
                 }
               }
               return rows;
             },
             [](const tn_embedding_args& args, const Rows& rows) {
               for (const auto& [row, bytes] : rows)
                 restore_row(args.output, row, bytes);
             }>(planted);
}

MUTANT(norm_bias_ignored, {.rule = "TN-OP-10",
                           .area = "ops",
                           .kind = "dropped operand",
                           .test = "ops/rms_norm/values",
                           .what = "the bias of rms_norm is not added"}) {
  edit_op<tn_rms_norm_args, [](tn_rms_norm_args& args) { args.bias = {}; }>(planted);
}

MUTANT(epsilon_outside_the_mean, {.rule = "TN-OP-10",
                                  .area = "ops",
                                  .kind = "wrong scale",
                                  .test = "ops/rms_norm/values",
                                  .what = "epsilon is added to the sum of squares, not to their "
                                          "mean"}) {
  edit_op<tn_rms_norm_args, [](tn_rms_norm_args& args) {
    const int64_t width = row_length(args.input);
    if (width != 0) args.epsilon /= static_cast<float>(width);
  }>(planted);
}

MUTANT(fused_norm_of_its_own, {.rule = "TN-OP-17",
                               .area = "ops",
                               .kind = "precision",
                               .test = "ops/add_rms_norm_equals_its_parts",
                               .what = "the fused kernel sums squares in another order: the last "
                                       "bit moves"}) {
  follow_op<tn_add_rms_norm_args, [](const tn_add_rms_norm_args& args) {
    if (element_count(args.output) != 0) nudge(args.output, 0, 0);
  }>(planted);
}

MUTANT(fused_sum_over_its_input, {.rule = "TN-OP-9",
                                  .area = "ops",
                                  .kind = "aliasing",
                                  .test = "ops/add_rms_norm/aliases",
                                  .what = "with sum = residual the residual is added twice"}) {
  wrap_op<tn_add_rms_norm_args, [](const tn_add_rms_norm_args& args, const OpCall& call) {
    tn_add_rms_norm_args twice = args;
    const bool alias = args.sum.buffer == args.residual.buffer &&
                       args.sum.byte_offset == args.residual.byte_offset;
    if (alias) twice.input = args.residual;
    return call.enqueue(twice);
  }>(planted);
}

MUTANT(row_scale_ignored, {.rule = "TN-OP-10",
                           .area = "ops",
                           .kind = "dropped operand",
                           .test = "ops/linear/quantised_values",
                           .what = "the W8A8 form multiplies by no row_scale"}) {
  edit_op<tn_linear_args, [](tn_linear_args& args) { args.row_scale = {}; }>(planted);
}

MUTANT(last_tile_unwritten, {.rule = "TN-OP-8",
                             .area = "ops",
                             .kind = "missing write",
                             .test = "ops/linear/values",
                             .what = "the last row of an odd number of rows is left as it was"}) {
  enclose_op<tn_linear_args,
             [](const tn_linear_args& args) {
               const int64_t rows = row_count(args.output);
               return rows % 2 == 1 ? saved_row(args.output, rows - 1) : std::vector<std::byte>{};
             },
             [](const tn_linear_args& args, const std::vector<std::byte>& bytes) {
               if (!bytes.empty()) restore_row(args.output, row_count(args.output) - 1, bytes);
             }>(planted);
}

MUTANT(sums_in_half_precision, {.rule = "TN-OP-10",
                                .area = "ops",
                                .kind = "precision",
                                .test = "ops/linear/values",
                                .what = "sums of f32 activations are kept in bf16"}) {
  follow_op<tn_linear_args, [](const tn_linear_args& args) {
    if (args.output.dtype != TN_DTYPE_F32) return;
    for (int64_t row = 0; row < row_count(args.output); ++row) {
      for (int64_t column = 0; column < row_length(args.output); ++column) {
        const float value = load(args.output, row, column);
        store(args.output, row, column, bf16_to_float(float_to_bf16(value)));
      }
    }
  }>(planted);
}

MUTANT(transposed_view_read_plain, {.rule = "TN-OP-10",
                                    .area = "ops",
                                    .kind = "ignored strides",
                                    .test = "ops/batched_matmul/values",
                                    .what = "a transposed view of b is read as it lies"}) {
  edit_op<tn_batched_matmul_args, [](tn_batched_matmul_args& args) {
    if (args.b.strides[2] == 1 || args.b.strides[1] != 1) return;
    args.b.strides[1] = args.b.shape[2];
    args.b.strides[2] = 1;
  }>(planted);
}

MUTANT(rotation_never_inverse, {.rule = "TN-OP-10",
                                .area = "ops",
                                .kind = "ignored input",
                                .test = "ops/rope/values",
                                .what = "inverse is not looked at"}) {
  edit_op<tn_rope_args, [](tn_rope_args& args) { args.inverse = 0; }>(planted);
}

MUTANT(pairs_always_split, {.rule = "TN-OP-10",
                            .area = "ops",
                            .kind = "ignored input",
                            .test = "ops/rope/values",
                            .what = "interleaved pairs are taken from both halves"}) {
  edit_op<tn_rope_args, [](tn_rope_args& args) { args.pairing = TN_ROPE_HALF_SPLIT; }>(planted);
}

MUTANT(gate_has_no_limit, {.rule = "TN-OP-10",
                           .area = "ops",
                           .kind = "wrong range",
                           .test = "ops/swiglu/values",
                           .what = "gate_limit is not applied"}) {
  edit_op<tn_swiglu_args, [](tn_swiglu_args& args) { args.gate_limit = 0; }>(planted);
}

MUTANT(add_in_place_reads_itself, {.rule = "TN-OP-9",
                                   .area = "ops",
                                   .kind = "aliasing",
                                   .test = "ops/add/aliases",
                                   .what = "with output = b, b counts as overwritten by a"}) {
  edit_op<tn_add_args, [](tn_add_args& args) {
    const bool alias =
        args.output.buffer == args.b.buffer && args.output.byte_offset == args.b.byte_offset;
    if (alias && args.a.dtype == args.b.dtype) args.b = args.a;
  }>(planted);
}

MUTANT(broadcast_uses_first, {.rule = "TN-OP-10",
                              .area = "ops",
                              .kind = "wrong axis",
                              .test = "ops/mul/values",
                              .what = "a b of one element in each row is taken from the first "
                                      "row"}) {
  edit_op<tn_mul_args, [](tn_mul_args& args) {
    const uint32_t rank = args.b.rank;
    if (rank < 2 || args.b.shape[rank - 1] != 1 || args.a.shape[rank - 1] == 1) return;
    if (args.b.shape[rank - 2] == 1) return;
    args.b.shape[rank - 2] = 1;
  }>(planted);
}

MUTANT(factor_in_half_precision, {.rule = "TN-OP-10",
                                  .area = "ops",
                                  .kind = "precision",
                                  .test = "ops/scale/values",
                                  .what = "the factor is rounded to bf16 first"}) {
  edit_op<tn_scale_args, [](tn_scale_args& args) {
    args.factor = bf16_to_float(float_to_bf16(args.factor));
  }>(planted);
}

MUTANT(last_gathered_row_missing, {.rule = "TN-OP-8",
                                   .area = "ops",
                                   .kind = "missing write",
                                   .test = "ops/gather_rows/values",
                                   .what = "the last of several rows is not moved"}) {
  enclose_op<tn_gather_rows_args,
             [](const tn_gather_rows_args& args) {
               const int64_t rows = row_count(args.output);
               return rows < 2 ? std::vector<std::byte>{} : saved_row(args.output, rows - 1);
             },
             [](const tn_gather_rows_args& args, const std::vector<std::byte>& bytes) {
               if (!bytes.empty()) restore_row(args.output, row_count(args.output) - 1, bytes);
             }>(planted);
}

MUTANT(last_of_equals_wins, {.rule = "TN-OP-16",
                             .area = "ops",
                             .kind = "tie",
                             .test = "ops/argmax/ties",
                             .what = "argmax takes the last of several largest elements"}) {
  follow_op<tn_argmax_args, [](const tn_argmax_args& args) {
    for (int64_t row = 0; row < row_count(args.input); ++row) {
      int32_t& best = integer(args.output, row);
      const float largest = load(args.input, row, best);
      for (int64_t column = best; column < row_length(args.input); ++column) {
        if (load(args.input, row, column) == largest) best = static_cast<int32_t>(column);
      }
    }
  }>(planted);
}

MUTANT(nan_wins, {.rule = "TN-OP-16",
                  .area = "ops",
                  .kind = "not a number",
                  .test = "ops/argmax/ties",
                  .what = "a NaN is larger than everything"}) {
  follow_op<tn_argmax_args, [](const tn_argmax_args& args) {
    for (int64_t row = 0; row < row_count(args.input); ++row) {
      for (int64_t column = row_length(args.input) - 1; column != -1; --column) {
        if (!std::isnan(load(args.input, row, column))) continue;
        integer(args.output, row) = static_cast<int32_t>(column);
      }
    }
  }>(planted);
}

}  // namespace tenon::mutants::ops_dense_faults
