// A packed operand whose plugin forgets that it may be a view.
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "plant/fractals.hpp"
#include "plant/op_fault.hpp"

namespace tenon::mutants::layout_views_faults {
namespace {

constexpr uint32_t b_of_batched_matmul = 1;  // among its operands

bool is_packed(const tn_tensor& b) {
  return b.layout == TN_LAYOUT_FRACTAL_NZ && b.rank == 3;
}

// The tensor that was cast, before its last two dimensions were swapped.
tn_tensor as_cast(tn_tensor b) {
  if (b.strides[2] != 1) {
    std::swap(b.shape[1], b.shape[2]);
    std::swap(b.strides[1], b.strides[2]);
  }
  return b;
}

// What the faulty plugin takes it for: the shape that it sees, as it lies.
tn_tensor taken_for_plain(tn_tensor b) {
  b.layout = TN_LAYOUT_ROW_MAJOR;
  b.strides[2] = 1;
  b.strides[1] = b.shape[2];
  b.strides[0] = b.shape[1] * b.shape[2];
  return b;
}

// Unpacks the storage in place; returns what it held.
std::vector<std::byte> unpack(const tn_tensor& packed) {
  const tn_tensor tensor = as_cast(packed);
  const Fractals fractals(tensor);
  std::byte* begin = first_byte(tensor);
  std::vector<std::byte> before(
      begin, begin + fractals.matrix_bytes() * static_cast<size_t>(fractals.matrices));
  const auto item = static_cast<size_t>(fractals.item);
  for (int64_t matrix = 0; matrix < fractals.matrices; ++matrix) {
    const std::byte* from = before.data() + fractals.matrix_bytes() * static_cast<size_t>(matrix);
    for (int64_t m = 0; m < tensor.shape[1]; ++m) {
      for (int64_t n = 0; n < tensor.shape[2]; ++n, begin += item)
        std::memcpy(begin, from + fractals.offset(m, n), item);
    }
  }
  return before;
}

tn_status multiply(const tn_batched_matmul_args& given, const OpCall& call) {
  if (!is_packed(given.b)) return call.enqueue(given);
  tn_batched_matmul_args args = given;
  args.b = taken_for_plain(given.b);
  const auto before = std::make_shared<std::vector<std::byte>>();
  run_on_stream(call.stream, [before, b = given.b] { *before = unpack(b); });
  const tn_status status = call.enqueue(args);
  run_on_stream(call.stream, [before, b = given.b] {
    std::memcpy(first_byte(b), before->data(), before->size());
  });
  return status;
}

}  // namespace

MUTANT(packed_views_lose_their_swap, {.rule = "TN-LAY-8",
                                      .area = "layouts",
                                      .kind = "ignored strides",
                                      .test = "layouts/operand_of_batched_matmul",
                                      .what = "b may be packed, and a view of it with its "
                                              "dimensions swapped is taken as it lies"}) {
  planted.table.layout_for = [](tn_device* device, const tn_layout_request* request,
                                tn_layout_answer* out, tn_error* error) {
    const tn_status status = base().layout_for(device, request, out, error);
    if (status != TN_OK || request->tensor->rank != 3 || request->role != TN_ROLE_WEIGHT) {
      return status;
    }
    for (uint32_t i = 0; i < request->use_count; ++i) {
      const tn_layout_use& use = request->uses[i];
      if (use.op != TN_OP_batched_matmul || use.operand != b_of_batched_matmul) return status;
    }
    const Fractals fractals(*request->tensor);
    out->layout = TN_LAYOUT_FRACTAL_NZ;
    out->storage_bytes = fractals.matrix_bytes() * static_cast<uint64_t>(fractals.matrices);
    return status;
  };
  planted.table.op_query = [](tn_device* device, uint32_t op, const void* args, tn_op_support* out,
                              tn_error* error) {
    uint32_t size = 0;
    if (args != nullptr) std::memcpy(&size, args, sizeof size);
    if (op != TN_OP_batched_matmul || size != sizeof(tn_batched_matmul_args)) {
      return base().op_query(device, op, args, out, error);
    }
    tn_batched_matmul_args plain = *static_cast<const tn_batched_matmul_args*>(args);
    if (is_packed(plain.b)) plain.b = taken_for_plain(plain.b);
    return base().op_query(device, op, &plain, out, error);
  };
  wrap_op<tn_batched_matmul_args, multiply>(planted);
}

}  // namespace tenon::mutants::layout_views_faults
