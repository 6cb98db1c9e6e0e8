// Faults in what op_query and op_enqueue owe for every op.
#include <cstring>
#include <map>
#include <mutex>

#include "plant/elements.hpp"
#include "plant/op_fault.hpp"

namespace tenon::mutants::ops_contract_faults {

MUTANT(query_wants_a_buffer, {.rule = "TN-OP-1",
                              .area = "ops",
                              .kind = "looks at a buffer",
                              .test = "ops/rope/query_ignores_buffers",
                              .what = "op_query of rope says no to a tensor without a buffer"}) {
  lie_about_op<tn_rope_args, [](const tn_rope_args& args, tn_op_support& out) {
    if (args.input.buffer != nullptr) return;
    out.supported = out.capturable = 0;
    std::strcpy(out.reason, "[rope] input has no buffer");
  }>(planted);
}

MUTANT(no_reason_given, {.rule = "TN-OP-2",
                         .area = "ops",
                         .kind = "malformed text",
                         .test = "ops/swiglu/unsupported_is_sentence",
                         .what = "op_query says no and leaves the reason empty"}) {
  planted.table.op_query = [](tn_device* device, uint32_t op, const void* args, tn_op_support* out,
                              tn_error* error) {
    const tn_status status = base().op_query(device, op, args, out, error);
    if (status == TN_OK && out->struct_size >= sizeof *out) out->reason[0] = '\0';
    return status;
  };
}

MUTANT(no_is_an_error, {.rule = "TN-OP-2",
                        .area = "ops",
                        .kind = "wrong code",
                        .test = "ops/add/unsupported_is_sentence",
                        .what = "op_query of what is unsupported is TN_UNSUPPORTED"}) {
  planted.table.op_query = [](tn_device* device, uint32_t op, const void* args, tn_op_support* out,
                              tn_error* error) {
    const tn_status status = base().op_query(device, op, args, out, error);
    if (status != TN_OK || out->supported != 0) return status;
    std::memset(reinterpret_cast<std::byte*>(out) + 4, 0, out->struct_size - 4);
    return refuse(error, TN_UNSUPPORTED, "[op_query] this device does not run that");
  };
}

MUTANT(yes_then_no, {.rule = "TN-OP-3",
                     .area = "ops",
                     .kind = "false claim",
                     .test = "ops/gather_rows/query_truth",
                     .what = "op_enqueue of gather_rows wants offsets that op_query never asked "
                             "for: multiples of 64 bytes"}) {
  wrap_op<tn_gather_rows_args, [](const tn_gather_rows_args& args, const OpCall& call) {
    if (args.input.byte_offset % 64 == 0 && args.output.byte_offset % 64 == 0) {
      return call.enqueue(args);
    }
    if (call.out_node != nullptr) *call.out_node = TN_NO_NODE;
    return refuse(call.error, TN_UNSUPPORTED, "[gather_rows] a row is not aligned");
  }>(planted);
}

MUTANT(unsupported_is_skipped, {.rule = "TN-OP-4",
                                .area = "ops",
                                .kind = "swallowed error",
                                .test = "ops/rms_norm/enqueue_of_unsupported_refused",
                                .what = "op_enqueue of what is unsupported succeeds and does "
                                        "nothing"}) {
  planted.table.op_enqueue = [](tn_stream* stream, uint32_t op, const void* args,
                                const tn_buffer_range* workspace, tn_node* out_node,
                                tn_error* error) {
    const tn_status status = base().op_enqueue(stream, op, args, workspace, out_node, error);
    return status == TN_UNSUPPORTED ? accept(error) : status;
  };
}

namespace {

// A workspace that the reference itself has no need of.
constexpr uint64_t claimed_workspace = 512;

template <class Args>
void claim_workspace(Planted& planted) {
  lie_about_op<Args, [](const Args&, tn_op_support& out) {
    if (out.supported != 0) out.workspace_bytes = claimed_workspace;
  }>(planted);
}

}  // namespace

MUTANT(workspace_overrun, {.rule = "TN-OP-5",
                           .area = "ops",
                           .kind = "overrun",
                           .test = "ops/moe_permute/workspace_content",
                           .what = "one byte more than workspace_bytes is written"}) {
  claim_workspace<tn_moe_permute_args>(planted);
  wrap_op<tn_moe_permute_args, [](const tn_moe_permute_args& args, const OpCall& call) {
    const tn_status status = call.enqueue(args);
    if (status == TN_OK && call.workspace != nullptr && call.workspace->buffer != nullptr) {
      const tn_buffer_range space = *call.workspace;
      const BufferFacts facts = facts_of(space.buffer);
      const uint64_t end = space.offset + claimed_workspace + 1;
      if (end <= facts.size) {
        base().fill(call.stream, space.buffer, space.offset, claimed_workspace + 1, 0, 1, nullptr);
      }
    }
    return status;
  }>(planted);
}

MUTANT(workspace_always_needed, {.rule = "TN-OP-3",
                                 .area = "ops",
                                 .kind = "missing case",
                                 .test = "ops/argmax/values",
                                 .what = "argmax wants a workspace although op_query said 0"}) {
  wrap_op<tn_argmax_args, [](const tn_argmax_args& args, const OpCall& call) {
    if (call.workspace != nullptr && call.workspace->size != 0) return call.enqueue(args);
    if (call.out_node != nullptr) *call.out_node = TN_NO_NODE;
    return refuse(call.error, TN_INVALID_ARGUMENT, "[argmax] the workspace is missing");
  }>(planted);
}

MUTANT(workspace_expected_clear, {.rule = "TN-OP-6",
                                  .area = "ops",
                                  .kind = "uninitialised",
                                  .test = "ops/grouped_matmul/workspace_content",
                                  .what = "sums start from what the workspace holds"}) {
  claim_workspace<tn_grouped_matmul_args>(planted);
  wrap_op<tn_grouped_matmul_args, [](const tn_grouped_matmul_args& args, const OpCall& call) {
    const tn_status status = call.enqueue(args);
    if (status != TN_OK || call.workspace == nullptr || call.workspace->buffer == nullptr) {
      return status;
    }
    const tn_buffer_range space = *call.workspace;
    run_on_stream(call.stream, [args, space] {
      const std::byte* begin = facts_of(space.buffer).address + space.offset;
      const auto dirt = static_cast<float>(static_cast<uint8_t>(*begin));
      if (dirt == 0 || element_count(args.output) == 0) return;
      store(args.output, 0, 0, load(args.output, 0, 0) + dirt);
    });
    return status;
  }>(planted);
}

MUTANT(arguments_read_late, {.rule = "TN-OP-7",
                             .area = "ops",
                             .kind = "late read",
                             .test = "ops/scale/arguments_copied",
                             .what = "the struct of scale stays the caller's and is read when the "
                                     "stream gets there",
                             .may_crash = true}) {
  wrap_op<tn_scale_args, [](const tn_scale_args& args, const OpCall& call) {
    const tn_status status = call.enqueue(args);
    if (status != TN_OK) return status;
    const tn_scale_args* late = &args;
    const float copied = args.factor;
    run_on_stream(call.stream, [output = args.output, late, copied] {
      const float now = *const_cast<volatile float*>(const_cast<float*>(&late->factor));
      if (now == copied || element_count(output) == 0) return;
      for (int64_t row = 0; row < row_count(output); ++row) {
        for (int64_t column = 0; column < row_length(output); ++column)
          store(output, row, column, load(output, row, column) * (now / copied));
      }
    });
    return status;
  }>(planted);
}

MUTANT(one_element_too_many, {.rule = "TN-OP-8",
                              .area = "ops",
                              .kind = "overrun",
                              .test = "ops/add/values",
                              .what = "a vector loop writes one element past the output"}) {
  follow_op<tn_add_args, [](const tn_add_args& args) {
    const int64_t rows = row_count(args.output), width = row_length(args.output);
    if (rows * width == 0 || facts_of(args.output.buffer).address == nullptr) return;
    std::byte* past = element(args.output, rows - 1, width - 1) + item_size(args.output.dtype);
    const BufferFacts facts = facts_of(args.output.buffer);
    if (past < facts.address + facts.size) *past = std::byte{0};
  }>(planted);
}

MUTANT(gap_between_rows_written, {.rule = "TN-OP-8",
                                  .area = "ops",
                                  .kind = "overrun",
                                  .test = "ops/rms_norm/strided",
                                  .what = "rows are written up to a multiple of 16 bytes, into the "
                                          "gap behind them"}) {
  follow_op<tn_rms_norm_args, [](const tn_rms_norm_args& args) {
    const tn_tensor& output = args.output;
    if (output.rank < 2 || element_count(output) == 0) return;
    const int64_t width = row_length(output);
    if (output.strides[output.rank - 2] <= width) return;
    for (int64_t row = 0; row + 1 < row_count(output); ++row)
      std::memset(element(output, row, width - 1) + item_size(output.dtype), 0,
                  static_cast<size_t>(item_size(output.dtype)));
  }>(planted);
}

MUTANT(input_clobbered, {.rule = "TN-OP-8",
                         .area = "ops",
                         .kind = "writes an input",
                         .test = "ops/linear/operands_untouched",
                         .what = "linear leaves its input scaled in place"}) {
  follow_op<tn_linear_args, [](const tn_linear_args& args) {
    if (element_count(args.input) == 0) return;
    store(args.input, 0, 0, load(args.input, 0, 0) * 2 + 1);
  }>(planted);
}

MUTANT(batch_of_none_refused, {.rule = "TN-OP-11",
                               .area = "ops",
                               .kind = "empty case",
                               .test = "ops/embedding/zero_rows",
                               .what = "embedding of no token is refused"}) {
  wrap_op<tn_embedding_args, [](const tn_embedding_args& args, const OpCall& call) {
    if (args.token_ids.shape[0] != 0) return call.enqueue(args);
    if (call.out_node != nullptr) *call.out_node = TN_NO_NODE;
    return refuse(call.error, TN_INVALID_ARGUMENT, "[embedding] there are no tokens");
  }>(planted);
}

MUTANT(rows_taken_for_dense, {.rule = "TN-OP-12",
                              .area = "ops",
                              .kind = "ignored strides",
                              .test = "ops/swiglu/strided",
                              .what = "gate is read as if its rows lay without gaps"}) {
  edit_op<tn_swiglu_args, [](tn_swiglu_args& args) {
    if (args.gate.rank == 2) args.gate.strides[0] = args.gate.shape[1];
  }>(planted);
}

MUTANT(bad_index_writes_outside, {.rule = "TN-OP-13",
                                  .area = "ops",
                                  .kind = "missing check",
                                  .test = "ops/kv_write/bad_index_stays_inside",
                                  .what = "a slot past the cache is written where it would lie",
                                  .may_crash = true}) {
  enclose_op<tn_kv_write_args,
             [](const tn_kv_write_args& args) {
               const int64_t slots = args.key_cache.shape[0] * args.key_cache.shape[1];
               const BufferFacts facts = facts_of(args.key_cache.buffer);
               const int64_t bytes = args.key_cache.strides[1] * item_size(args.key_cache.dtype);
               for (int64_t token = 0; token < args.slot_mapping.shape[0]; ++token) {
                 const int64_t slot = integer(args.slot_mapping, token);
                 if (slot < slots) continue;
                 std::byte* place = first_byte(args.key_cache) + slots * bytes;
                 if (place < facts.address + facts.size) *place = std::byte{0x77};
               }
               return 0;
             },
             [](const tn_kv_write_args&, int) {}>(planted);
}

}  // namespace tenon::mutants::ops_contract_faults
