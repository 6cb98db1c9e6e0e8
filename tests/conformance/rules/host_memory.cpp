// What the host owes about ranges, tensors and arguments (TN-HOST).
#include <algorithm>

#include "rules/op_call.hpp"
#include "rules/validated.hpp"

namespace tenon::conformance::host_memory_test {
namespace {

// Enqueues copy_cast of one row of four i32 to the next, changed by `change`.
template <class Change>
void check_cast(Context& context, const char* rule, const char* what, const Change& change) {
  Validated v(context);
  tn_buffer* buffer = v.make_buffer(64);
  tn_copy_cast_args args = copy_cast_args(tensor(buffer, {1, 4}, TN_DTYPE_I32),
                                          tensor(buffer, {1, 4}, TN_DTYPE_I32, 16));
  change(v, args);
  v.refused(rule, what,
            v.api().op_enqueue(v.stream, TN_OP_copy_cast, &args, nullptr, nullptr, &v.error));
}

}  // namespace

CONFORMANCE_TEST(host, tensors_past_their_buffer_are_found,
                 {.rules = {"TN-HOST-7"}, .without_contents = true}) {
  check_cast(context, "TN-HOST-7", "an output past its buffer",
             [](Validated&, tn_copy_cast_args& args) { args.output.byte_offset = 52; });
  check_cast(context, "TN-HOST-7", "an input past its storage",
             [](Validated&, tn_copy_cast_args& args) { args.input.storage_bytes = 12; });
}

CONFORMANCE_TEST(host, malformed_tensors_are_found,
                 {.rules = {"TN-HOST-8"}, .without_contents = true}) {
  check_cast(context, "TN-HOST-8", "a rank of 7",
             [](Validated&, tn_copy_cast_args& args) { args.input.rank = 7; });
  check_cast(context, "TN-HOST-8", "a negative dimension",
             [](Validated&, tn_copy_cast_args& args) { args.input.shape[0] = -1; });
  check_cast(context, "TN-HOST-8", "an unknown dtype",
             [](Validated&, tn_copy_cast_args& args) { args.input.dtype = 99; });
  check_cast(context, "TN-HOST-8", "a shape past its rank",
             [](Validated&, tn_copy_cast_args& args) { args.output.shape[4] = 1; });
  check_cast(context, "TN-HOST-8", "an offset between elements",
             [](Validated&, tn_copy_cast_args& args) { args.input.byte_offset = 2; });
}

CONFORMANCE_TEST(host, absent_operands_are_found,
                 {.rules = {"TN-HOST-9"}, .without_contents = true}) {
  check_cast(context, "TN-HOST-9", "no input",
             [](Validated&, tn_copy_cast_args& args) { args.input = {}; });
}

CONFORMANCE_TEST(host, operands_in_pinned_memory_are_found,
                 {.rules = {"TN-HOST-10"}, .without_contents = true}) {
  check_cast(context, "TN-HOST-10", "an input in PINNED memory",
             [](Validated& v, tn_copy_cast_args& args) {
               args.input.buffer = v.make_buffer(64, TN_MEMORY_PINNED);
             });
}

CONFORMANCE_TEST(host, overlapping_operands_are_found,
                 {.rules = {"TN-HOST-11"}, .without_contents = true}) {
  check_cast(context, "TN-HOST-11", "an output over half of its input",
             [](Validated&, tn_copy_cast_args& args) { args.output.byte_offset = 8; });
}

CONFORMANCE_TEST(host, workspaces_that_do_not_fit_are_found,
                 {.rules = {"TN-HOST-16"}, .without_contents = true}) {
  Validated v(context);
  tn_buffer* buffer = v.make_buffer(4096);
  const tn_copy_cast_args args =
      copy_cast_args(tensor(buffer, {4}, TN_DTYPE_I32), tensor(buffer, {4}, TN_DTYPE_I32, 16));
  const tn_buffer_range past{buffer, 3840, 512};
  v.refused("TN-HOST-16", "a workspace past its buffer",
            v.api().op_enqueue(v.stream, TN_OP_copy_cast, &args, &past, nullptr, &v.error));
  const tn_buffer_range over{buffer, 0, 256};
  v.refused("TN-HOST-16", "a workspace over an operand",
            v.api().op_enqueue(v.stream, TN_OP_copy_cast, &args, &over, nullptr, &v.error));
}

CONFORMANCE_TEST(host, argument_headers_are_checked,
                 {.rules = {"TN-HOST-18"}, .without_contents = true}) {
  check_cast(context, "TN-HOST-18", "no struct_size",
             [](Validated&, tn_copy_cast_args& args) { args.struct_size = 0; });
  check_cast(context, "TN-HOST-18", "flags",
             [](Validated&, tn_copy_cast_args& args) { args.flags = 1; });
}

CONFORMANCE_TEST(host, outputs_with_stride_zero_are_found,
                 {.rules = {"TN-HOST-19"}, .without_contents = true}) {
  check_cast(context, "TN-HOST-19", "an output whose elements are one",
             [](Validated&, tn_copy_cast_args& args) { args.output.strides[1] = 0; });
}

CONFORMANCE_TEST(host, indices_of_another_dtype_are_found,
                 {.rules = {"TN-HOST-20"}, .without_contents = true}) {
  Validated v(context);
  tn_buffer* buffer = v.make_buffer(4096);
  tn_gather_rows_args args{};
  args.struct_size = sizeof args;
  args.input = tensor(buffer, {4, 4});
  args.index = tensor(buffer, {2}, TN_DTYPE_F32, 1024);
  args.output = tensor(buffer, {2, 4}, TN_DTYPE_F32, 2048);
  v.refused("TN-HOST-20", "gather_rows with indices in f32",
            v.api().op_enqueue(v.stream, TN_OP_gather_rows, &args, nullptr, nullptr, &v.error));
}

CONFORMANCE_TEST(host, overlapping_copies_are_found,
                 {.rules = {"TN-HOST-12"}, .without_contents = true}) {
  Validated v(context);
  tn_buffer* buffer = v.make_buffer(64);
  v.refused("TN-HOST-12", "copy_d2d onto itself",
            v.api().copy_d2d(v.stream, buffer, 0, buffer, 31, 32, &v.error));
}

CONFORMANCE_TEST(host, ranges_past_the_end_are_found,
                 {.rules = {"TN-HOST-13"}, .without_contents = true}) {
  Validated v(context);
  tn_buffer* buffer = v.make_buffer(64);
  char bytes[64] = {};
  v.refused("TN-HOST-13", "copy_h2d past the end",
            v.api().copy_h2d(v.stream, bytes, buffer, 33, 32, &v.error));
  v.refused("TN-HOST-13", "copy_d2h past the end",
            v.api().copy_d2h(v.stream, buffer, 8, bytes, UINT64_MAX - 4, &v.error));
  v.refused("TN-HOST-13", "fill with a pattern of 3 bytes",
            v.api().fill(v.stream, buffer, 0, 9, 0, 3, &v.error));
  v.refused("TN-HOST-13", "fill at an odd offset",
            v.api().fill(v.stream, buffer, 2, 8, 0, 4, &v.error));
}

CONFORMANCE_TEST(host, prefetches_of_nothing_are_found,
                 {.rules = {"TN-HOST-39"}, .needs = TN_CAN_PREFETCH, .without_contents = true}) {
  Validated v(context);
  const tn_tensor weight = tensor(v.make_buffer(64), {16});
  v.refused("TN-HOST-39", "prefetch of 0 bytes",
            v.api().prefetch(v.stream, &weight, 0, 0, &v.error));
  v.refused("TN-HOST-39", "prefetch at the end",
            v.api().prefetch(v.stream, &weight, 64, 1, &v.error));
}

CONFORMANCE_TEST(host, layout_requests_are_checked,
                 {.rules = {"TN-HOST-41"}, .without_contents = true}) {
  Validated v(context);
  if (!context.plugin().table().offers("layout_for")) {
    throw TestSkipped("the slot layout_for is left out");
  }
  tn_tensor weight = tensor(nullptr, {16, 16});
  const tn_layout_use use{TN_OP_linear, 1, 0, 0};
  tn_layout_request request{sizeof request, TN_ROLE_WEIGHT, &weight, &use, 65, 0};
  tn_layout_answer answer{sizeof answer, 0, 0, 0};
  v.refused("TN-HOST-41", "layout_for with 65 uses",
            v.api().layout_for(v.device, &request, &answer, &v.error));
  request.use_count = 1;
  weight.buffer = v.make_buffer(1024);
  v.refused("TN-HOST-41", "layout_for with a buffer",
            v.api().layout_for(v.device, &request, &answer, &v.error));
}

CONFORMANCE_TEST(host, host_arrays_are_checked,
                 {.rules = {"TN-HOST-22"}, .without_contents = true}) {
  Validated v(context);
  tn_buffer* buffer = v.make_buffer(1 << 16);
  const int64_t block = std::max<int64_t>(4, context.subject().device_info().kv_block_multiple);
  const int32_t starts[] = {0, 1};
  int32_t lengths[] = {2};
  tn_paged_attention_args args{};
  args.struct_size = sizeof args;
  args.query = tensor(buffer, {1, 1, 16});
  args.key_cache = tensor(buffer, {1, block, 1, 16}, TN_DTYPE_F32, 4096);
  args.value_cache = tensor(buffer, {1, block, 1, 16}, TN_DTYPE_F32, 24576);
  args.block_table = tensor(buffer, {1, 1}, TN_DTYPE_I32, 1024);
  args.query_start_loc = tensor(buffer, {2}, TN_DTYPE_I32, 1280);
  args.seq_lens = tensor(buffer, {1}, TN_DTYPE_I32, 1536);
  args.output = tensor(buffer, {1, 1, 16}, TN_DTYPE_F32, 2048);
  args.host_query_start_loc = starts;
  args.host_seq_lens = lengths;
  args.host_query_start_loc_count = 2;
  args.host_seq_lens_count = 1;
  args.max_query_len = 1;
  args.max_seq_len = 4;
  args.value_dim = 16;
  args.causal = 1;
  const auto refused = [&](const char* what) {
    v.refused(
        "TN-HOST-22", what,
        v.api().op_enqueue(v.stream, TN_OP_paged_attention, &args, nullptr, nullptr, &v.error));
  };
  args.host_seq_lens_count = 2;
  refused("two lengths for one sequence");
  args.host_seq_lens_count = 1;
  lengths[0] = 5;
  refused("a length past max_seq_len");
  lengths[0] = 2;
  args.host_seq_lens = nullptr;
  refused("no lengths");
}

}  // namespace tenon::conformance::host_memory_test
