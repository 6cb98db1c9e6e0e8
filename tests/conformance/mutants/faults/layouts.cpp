// Faults of layouts.
#include <tenon/plugin/op_description.hpp>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include "plant/elements.hpp"
#include "plant/fractals.hpp"
#include "plant/op_fault.hpp"

namespace tenon::mutants::layouts_faults {
namespace {

// From column by column to row by row, or back.
void reorder_fractals(const tn_tensor& tensor, bool back) {
  const Fractals fractals(tensor);
  for (int64_t matrix = 0; matrix < fractals.matrices; ++matrix) {
    std::byte* begin = first_byte(tensor) + static_cast<size_t>(matrix) * fractals.matrix_bytes();
    const std::vector<std::byte> before(begin, begin + fractals.matrix_bytes());
    for (int64_t m = 0; m < fractals.down; ++m) {
      for (int64_t n = 0; n < fractals.across; ++n) {
        const auto by_column = static_cast<size_t>(n * fractals.down + m) * fractals.bytes();
        const auto by_row = static_cast<size_t>(m * fractals.across + n) * fractals.bytes();
        std::memcpy(begin + (back ? by_column : by_row),
                    before.data() + (back ? by_row : by_column), fractals.bytes());
      }
    }
  }
}

bool is_nz(const tn_tensor& tensor) {
  return tensor.layout == TN_LAYOUT_FRACTAL_NZ && tensor.rank >= 2 && element_count(tensor) > 0;
}

// Every operand of op_query and op_enqueue goes through `edit` on a copy of the struct.
template <auto edit>
void edit_operands(Planted& planted) {
  static constexpr auto edited = [](uint32_t op, const void* args) {
    std::vector<std::byte> copy;
    uint32_t size = 0;
    if (args != nullptr) std::memcpy(&size, args, sizeof size);
    const plugin::OpDescription* description = plugin::find_op(op);
    if (description == nullptr || size < description->args_size) return copy;
    copy.assign(static_cast<const std::byte*>(args), static_cast<const std::byte*>(args) + size);
    for (const plugin::OperandField& field : description->operands)
      edit(*reinterpret_cast<tn_tensor*>(copy.data() + field.offset));
    return copy;
  };
  planted.table.op_query = [](tn_device* device, uint32_t op, const void* args, tn_op_support* out,
                              tn_error* error) {
    const std::vector<std::byte> copy = edited(op, args);
    return base().op_query(device, op, copy.empty() ? args : copy.data(), out, error);
  };
  planted.table.op_enqueue = [](tn_stream* stream, uint32_t op, const void* args,
                                const tn_buffer_range* workspace, tn_node* out_node,
                                tn_error* error) {
    const std::vector<std::byte> copy = edited(op, args);
    return base().op_enqueue(stream, op, copy.empty() ? args : copy.data(), workspace, out_node,
                             error);
  };
}

// Changes an honest answer of layout_for.
template <auto change>
void change_layout_answer(Planted& planted) {
  planted.table.layout_for = [](tn_device* device, const tn_layout_request* request,
                                tn_layout_answer* out, tn_error* error) {
    const tn_status status = base().layout_for(device, request, out, error);
    if (status == TN_OK && out->struct_size >= sizeof *out) change(*request, *out);
    return status;
  };
}

constexpr tn_layout public_looking_id = 7;
tn_layout given_out = TN_LAYOUT_ROW_MAJOR;  // the reference's id behind it

}  // namespace

MUTANT(fractals_row_by_row, {.rule = "TN-LAY-2",
                             .area = "layouts",
                             .kind = "wrong axis",
                             .test = "layouts/fractal_nz",
                             .what = "FRACTAL_NZ lays its fractals row by row, in both directions",
                             .also_on = "ascend_emu"}) {
  enclose_op<tn_copy_cast_args,
             [](const tn_copy_cast_args& args) {
               if (is_nz(args.input)) reorder_fractals(args.input, true);
               return 0;
             },
             [](const tn_copy_cast_args& args, int) {
               if (is_nz(args.input)) reorder_fractals(args.input, false);
               if (is_nz(args.output)) reorder_fractals(args.output, false);
             }>(planted);
}

MUTANT(layout_id_too_low, {.rule = "TN-LAY-3",
                           .area = "layouts",
                           .kind = "wrong range",
                           .test = "layouts/weight_of_linear",
                           .what = "the plugin's own layout has the id 7",
                           .options = "private_layout=true"}) {
  edit_operands<[](tn_tensor& tensor) {
    if (tensor.layout == public_looking_id) tensor.layout = given_out;
  }>(planted);
  change_layout_answer<[](const tn_layout_request&, tn_layout_answer& answer) {
    if (answer.layout < TN_LAYOUT_PRIVATE) return;
    given_out = answer.layout;
    answer.layout = public_looking_id;
  }>(planted);
}

MUTANT(layout_wants_a_buffer, {.rule = "TN-LAY-4",
                               .area = "layouts",
                               .kind = "looks at a buffer",
                               .test = "layouts/weight_of_linear",
                               .what = "layout_for refuses a tensor without a buffer"}) {
  planted.table.layout_for = [](tn_device* device, const tn_layout_request* request,
                                tn_layout_answer* out, tn_error* error) {
    if (request->tensor != nullptr && request->tensor->buffer == nullptr) {
      std::memset(reinterpret_cast<std::byte*>(out) + 4, 0, sizeof *out - 4);
      return refuse(error, TN_INVALID_ARGUMENT, "[layout_for] the tensor has no buffer");
    }
    return base().layout_for(device, request, out, error);
  };
}

MUTANT(storage_without_padding, {.rule = "TN-LAY-5",
                                 .area = "layouts",
                                 .kind = "wrong size",
                                 .test = "layouts/weight_of_linear",
                                 .what = "storage_bytes of a padded layout is the row-major size",
                                 .options = "private_layout=true"}) {
  change_layout_answer<[](const tn_layout_request& request, tn_layout_answer& answer) {
    if (answer.layout == TN_LAYOUT_ROW_MAJOR) return;
    answer.storage_bytes =
        static_cast<uint64_t>(element_count(*request.tensor) * item_size(request.tensor->dtype));
  }>(planted);
}

MUTANT(embedding_use_forgotten, {.rule = "TN-LAY-5",
                                 .area = "layouts",
                                 .kind = "false claim",
                                 .test = "layouts/tied_matrix_of_embedding_and_linear",
                                 .what = "row_major_uses is 0 for a tied matrix whose embedding "
                                         "reads rows",
                                 .options = "private_layout=true"}) {
  change_layout_answer<[](const tn_layout_request&, tn_layout_answer& answer) {
    answer.row_major_uses = 0;
  }>(planted);
}

MUTANT(padding_left_dirty, {.rule = "TN-LAY-6",
                            .area = "layouts",
                            .kind = "missing write",
                            .test = "layouts/fractal_nz",
                            .what = "the padding of FRACTAL_NZ keeps what the memory held",
                            .also_on = "ascend_emu"}) {
  follow_op<tn_copy_cast_args, [](const tn_copy_cast_args& args) {
    if (!is_nz(args.output) || is_nz(args.input)) return;
    const Fractals fractals(args.output);
    const int64_t rows = args.output.shape[args.output.rank - 2];
    if (rows % 16 == 0) return;
    // The last row of the last fractal of each column.
    for (int64_t across = 0; across < fractals.across; ++across) {
      std::byte* end = first_byte(args.output) +
                       static_cast<size_t>((across + 1) * fractals.down) * fractals.bytes();
      std::memset(end - fractals.c0 * fractals.item, 0x5a,
                  static_cast<size_t>(fractals.c0 * fractals.item));
    }
  }>(planted);
}

MUTANT(round_trip_loses_a_column,
       {.rule = "TN-LAY-6",
        .area = "layouts",
        .kind = "off by one",
        .test = "layouts/weight_of_linear",
        .what = "coming back from the private layout, the last column of "
                "a width that is no multiple of 8 is zero",
        .options = "private_layout=true"}) {
  follow_op<tn_copy_cast_args, [](const tn_copy_cast_args& args) {
    const int64_t width = row_length(args.output);
    if (args.input.layout < TN_LAYOUT_PRIVATE || args.output.layout != TN_LAYOUT_ROW_MAJOR) return;
    if (width % 8 == 0) return;
    for (int64_t row = 0; row < row_count(args.output); ++row)
      store(args.output, row, width - 1, 0);
  }>(planted);
}

// The last cast into each buffer that left a layout other than row-major there.
static std::mutex packed_mutex;
static std::map<tn_buffer*, tn_copy_cast_args> packed;

MUTANT(download_unpacks, {.rule = "TN-LAY-7",
                          .area = "layouts",
                          .kind = "converts bytes",
                          .test = "layouts/fractal_nz",
                          .what = "copy_d2h of a whole FRACTAL_NZ tensor brings it row-major"}) {
  wrap_op<tn_copy_cast_args, [](const tn_copy_cast_args& args, const OpCall& call) {
    const tn_status status = call.enqueue(args);
    const std::lock_guard lock(packed_mutex);
    packed.erase(args.output.buffer);
    if (status == TN_OK && is_nz(args.output) && !is_nz(args.input)) {
      packed[args.output.buffer] = args;
    }
    return status;
  }>(planted);
  planted.table.buffer_free = [](tn_buffer* buffer, tn_error* error) {
    {
      const std::lock_guard lock(packed_mutex);
      std::erase_if(packed, [&](const auto& entry) {
        return entry.first == buffer || entry.second.input.buffer == buffer;
      });
    }
    return base().buffer_free(buffer, error);
  };
  planted.table.copy_d2h = [](tn_stream* stream, tn_buffer* source, uint64_t offset,
                              void* destination, uint64_t size, tn_error* error) {
    const tn_status status = base().copy_d2h(stream, source, offset, destination, size, error);
    const std::lock_guard lock(packed_mutex);
    const auto place = packed.find(source);
    if (status != TN_OK || place == packed.end()) return status;
    const tn_tensor input = place->second.input, output = place->second.output;
    const auto bytes = static_cast<uint64_t>(element_count(input) * item_size(input.dtype));
    if (input.dtype != output.dtype || output.byte_offset < offset ||
        output.byte_offset + bytes > offset + size) {
      return status;
    }
    auto* to = static_cast<std::byte*>(destination) + (output.byte_offset - offset);
    run_on_stream(stream, [input, to] {
      if (first_byte(input) == nullptr) return;
      const auto row_bytes = static_cast<size_t>(row_length(input) * item_size(input.dtype));
      for (int64_t row = 0; row < row_count(input); ++row) {
        std::memcpy(to + static_cast<size_t>(row) * row_bytes, saved_row(input, row).data(),
                    row_bytes);
      }
    });
    return status;
  };
}

}  // namespace tenon::mutants::layouts_faults
