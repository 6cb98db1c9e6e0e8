// Outputs overlap nothing but their exact aliases, also where views interleave.
#include "validation_fixture.hpp"

namespace tenon {
namespace {

class ValidationOverlap : public ValidationTest {
 protected:
  tn_buffer* buffer = make_buffer(1 << 16);

  // Columns [first, first + width) of a packed [rows, pitch] f32 at byte 0.
  tn_tensor columns(int64_t rows, int64_t pitch, int64_t first, int64_t width) const {
    tn_tensor view = tensor(buffer, {rows, width}, static_cast<uint64_t>(first) * 4);
    view.strides[0] = pitch;
    view.storage_bytes = static_cast<uint64_t>((rows - 1) * pitch + width) * 4;
    return view;
  }
  tn_status add(const tn_tensor& a, const tn_tensor& b, const tn_tensor& output) {
    tn_add_args args{};
    args.struct_size = sizeof args;
    args.a = a;
    args.b = b;
    args.output = output;
    return enqueue(TN_OP_add, args);
  }
};

TEST_F(ValidationOverlap, ExactAliasesAreTaken) {
  const tn_tensor a = tensor(buffer, {4, 4});
  const tn_tensor b = tensor(buffer, {4, 4}, 64);
  taken(add(a, b, a));
  taken(add(a, b, b));
  taken(add(a, a, a));
}

TEST_F(ValidationOverlap, ShiftedOrReshapedAliasesAreNot) {
  const tn_tensor a = tensor(buffer, {4, 4});
  const tn_tensor b = tensor(buffer, {4, 4}, 1024);
  refused(add(a, b, tensor(buffer, {4, 4}, 4)), "TN-HOST-11", "exactly the same view");
  tn_tensor reshaped = tensor(buffer, {16, 1});
  refused(add(a, b, reshaped), "TN-HOST-11");
  tn_tensor other_dtype = tensor(buffer, {4, 4}, 0, TN_DTYPE_F16);
  refused(add(a, b, other_dtype), "TN-HOST-11");
}

TEST_F(ValidationOverlap, AnAliasThatIsNotNamedIsRefused) {
  tn_linear_args args{};
  args.struct_size = sizeof args;
  args.input = tensor(buffer, {4, 4});
  args.weight = tensor(buffer, {4, 4}, 64);
  args.output = args.input;
  refused(enqueue(TN_OP_linear, args), "TN-HOST-11", "output 'output' overlaps 'input'");
}

TEST_F(ValidationOverlap, TwoOutputsNeverOverlap) {
  tn_add_rms_norm_args args{};
  args.struct_size = sizeof args;
  args.input = tensor(buffer, {2, 8});
  args.residual = tensor(buffer, {2, 8}, 64);
  args.sum = args.residual;
  args.output = args.input;
  taken(enqueue(TN_OP_add_rms_norm, args));
  args.sum = args.input;  // each alias alone would be allowed
  refused(enqueue(TN_OP_add_rms_norm, args), "TN-HOST-11", "'sum' overlaps 'output'");
}

TEST_F(ValidationOverlap, ColumnsOfOnePackedTensorDoNotMeet) {
  taken(add(columns(8, 32, 0, 8), columns(8, 32, 8, 8), columns(8, 32, 16, 8)));
  taken(add(columns(8, 32, 16, 8), columns(8, 32, 8, 8), columns(8, 32, 0, 8)));
  refused(add(columns(8, 32, 0, 8), columns(8, 32, 8, 8), columns(8, 32, 15, 8)), "TN-HOST-11");
  refused(add(columns(8, 32, 0, 8), columns(8, 32, 8, 8), columns(8, 32, 7, 8)), "TN-HOST-11");
}

TEST_F(ValidationOverlap, ColumnsThatWrapRoundThePitch) {
  // Byte 28 * 4, width 8, pitch 32: the last four columns of a row and the first four of the next.
  refused(add(columns(4, 32, 0, 8), columns(4, 32, 8, 8), columns(4, 32, 28, 8)), "TN-HOST-11");
}

TEST_F(ValidationOverlap, ViewsOfDifferentPitchAreComparedRunByRun) {
  taken(add(columns(4, 32, 0, 4), columns(4, 64, 8, 4), columns(2, 48, 20, 4)));
  refused(add(columns(8, 32, 0, 4), columns(4, 64, 8, 4), columns(3, 48, 16, 4)), "TN-HOST-11");
}

TEST_F(ValidationOverlap, ManyRunsAreStillFast) {
  tn_buffer* large = make_buffer(1 << 20);
  buffer = large;
  for (int i = 0; i < 20; ++i) {
    taken(add(columns(8192, 30, 0, 8), columns(8192, 30, 8, 8), columns(8192, 30, 16, 8)));
  }
}

TEST_F(ValidationOverlap, EmptyTensorsOverlapNothing) {
  taken(add(tensor(buffer, {0, 4}), tensor(buffer, {0, 4}), tensor(buffer, {0, 4}, 4)));
}

TEST_F(ValidationOverlap, OtherLayoutsCountAsTheirStorage) {
  tn_copy_cast_args cast{};
  cast.struct_size = sizeof cast;
  cast.input = tensor(buffer, {4, 4});
  cast.output = tensor(buffer, {4, 4}, 64);
  cast.output.layout = TN_LAYOUT_FRACTAL_NZ;
  cast.output.storage_bytes = 1024;
  taken(enqueue(TN_OP_copy_cast, cast));
  cast.input.byte_offset = 512;
  refused(enqueue(TN_OP_copy_cast, cast), "TN-HOST-11");
}

}  // namespace
}  // namespace tenon
