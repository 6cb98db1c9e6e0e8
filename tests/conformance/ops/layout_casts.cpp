#include "ops/layout_casts.hpp"

#include <fmt/format.h>

namespace tenon::conformance {
namespace {

struct Fractals {
  int64_t m, n, c0, down, across;
  Fractals(uint32_t dtype, const std::vector<int64_t>& shape)
      : m(shape[shape.size() - 2]),
        n(shape[shape.size() - 1]),
        c0(item_bytes(dtype) == 1 ? 32 : 16),
        down((m + 15) / 16),
        across((n + c0 - 1) / c0) {}
  int64_t elements() const { return across * down * 16 * c0; }
  int64_t place(int64_t row, int64_t column) const {
    return ((column / c0 * down + row / 16) * 16 + row % 16) * c0 + column % c0;
  }
};

int64_t outer_count(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (size_t axis = 0; axis + 2 < shape.size(); ++axis)
    count *= shape[axis];
  return count;
}

}  // namespace

uint64_t fractal_nz_bytes(uint32_t dtype, const std::vector<int64_t>& shape) {
  return static_cast<uint64_t>(outer_count(shape) * Fractals(dtype, shape).elements()) *
         item_bytes(dtype);
}

std::vector<std::byte> fractal_nz_storage(const HostTensor& row_major) {
  const Fractals fractals(row_major.dtype(), row_major.shape());
  const uint64_t item = item_bytes(row_major.dtype());
  std::vector<std::byte> storage(fractal_nz_bytes(row_major.dtype(), row_major.shape()));
  for (int64_t flat = 0; flat < row_major.count(); ++flat) {
    const int64_t outer = flat / (fractals.m * fractals.n);
    const int64_t row = flat / fractals.n % fractals.m;
    const auto place =
        static_cast<uint64_t>(outer * fractals.elements() + fractals.place(row, flat % fractals.n));
    const uint64_t bits = row_major.bits(flat);
    std::memcpy(storage.data() + place * item, &bits, item);
  }
  return storage;
}

std::optional<HostTensor> cast(OpRunner& runner, const HostTensor& input, const HostTensor& output,
                               std::string_view required) {
  auto values = new_case<tn_copy_cast_args>(
      fmt::format("[{}] {} from layout {:#x} to {:#x}", fmt::join(input.shape(), ", "),
                  dtype_name(input.dtype()), input.layout(), output.layout()));
  values["input"] = input;
  values["output"] = output;
  values.expect_anything();
  const tn_op_support support =
      query_op(runner.subject(), TN_OP_copy_cast, blank_args(values, 0).data());
  if (support.supported == 0) {
    check(required.empty(), required, fmt::format("op_query of copy_cast, {}", values.name),
          "supported", support.reason);
    return std::nullopt;
  }
  PlacedCase placed = runner.place(values, support);
  placed.enqueue();
  placed.download();
  placed.check_surroundings();
  runner.count();
  return placed.after("output");
}

}  // namespace tenon::conformance
