// Faults of element types.
#include <cstring>

#include "plant/elements.hpp"
#include "plant/op_fault.hpp"

namespace tenon::mutants::element_formats_faults {
namespace {

// uint16_t edit(uint16_t) changes the bits of every f16 that a cast has made.
template <auto edit>
void edit_written_halves(Planted& planted) {
  follow_op<tn_copy_cast_args, [](const tn_copy_cast_args& args) {
    if (args.output.dtype != TN_DTYPE_F16 || args.input.dtype == TN_DTYPE_F16) return;
    if (args.output.layout != TN_LAYOUT_ROW_MAJOR) return;
    for (int64_t row = 0; row < row_count(args.output); ++row) {
      for (int64_t column = 0; column < row_length(args.output); ++column) {
        uint16_t half = 0;
        std::byte* place = element(args.output, row, column);
        std::memcpy(&half, place, sizeof half);
        half = edit(half);
        std::memcpy(place, &half, sizeof half);
      }
    }
  }>(planted);
}

}  // namespace

MUTANT(half_without_infinity, {.rule = "TN-OP-10",
                               .area = "layouts",
                               .kind = "wrong format",
                               .test = "ops/copy_cast/values",
                               .what = "f16 is ARM's alternative form: what overflows becomes "
                                       "65504, not infinity"}) {
  edit_written_halves<[](uint16_t half) {
    return (half & 0x7fffu) == 0x7c00u ? static_cast<uint16_t>(half - 1) : half;
  }>(planted);
}

MUTANT(half_subnormals_read_as_zero, {.rule = "TN-LAY-1",
                                      .area = "layouts",
                                      .kind = "wrong format",
                                      .test = "layouts/element_formats",
                                      .what = "subnormal f16 values are read as zero"}) {
  follow_op<tn_copy_cast_args, [](const tn_copy_cast_args& args) {
    if (args.input.dtype != TN_DTYPE_F16 || args.output.dtype != TN_DTYPE_F32) return;
    if (args.input.layout != TN_LAYOUT_ROW_MAJOR || args.output.layout != TN_LAYOUT_ROW_MAJOR) {
      return;
    }
    for (int64_t row = 0; row < row_count(args.output); ++row) {
      for (int64_t column = 0; column < row_length(args.output); ++column) {
        uint16_t half = 0;
        std::memcpy(&half, element(args.input, row, column), sizeof half);
        if ((half & 0x7c00u) == 0) store(args.output, row, column, 0);
      }
    }
  }>(planted);
}

MUTANT(half_subnormals_flushed, {.rule = "TN-OP-10",
                                 .area = "layouts",
                                 .kind = "precision",
                                 .test = "ops/copy_cast/values",
                                 .what = "subnormal f16 values are written as zero"}) {
  edit_written_halves<[](uint16_t half) {
    return (half & 0x7c00u) == 0 ? static_cast<uint16_t>(half & 0x8000u) : half;
  }>(planted);
}

}  // namespace tenon::mutants::element_formats_faults
