// Element types and layouts (TN-LAY).
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ops/layout_casts.hpp"

namespace tenon::conformance::layouts_test {
namespace {

void check_same_bits(const HostTensor& expected, const HostTensor& found, const char* rule,
                     const std::string& what) {
  for (int64_t i = 0; i < expected.count(); ++i) {
    check(expected.bits(i) == found.bits(i), rule, fmt::format("{}, element {}", what, i),
          fmt::format("bits {:#x}", expected.bits(i)), fmt::format("bits {:#x}", found.bits(i)));
  }
}

void check_storage(const HostTensor& source, const HostTensor& packed) {
  const std::vector<std::byte> expected = fractal_nz_storage(source);
  // What of the storage belongs to elements: the rest is padding.
  HostTensor ones(source.dtype(), source.shape());
  for (int64_t i = 0; i < ones.count(); ++i)
    ones.set_bits(i, ~uint64_t{0});
  const std::vector<std::byte> mask = fractal_nz_storage(ones);
  for (size_t i = 0; i < expected.size(); ++i) {
    if (packed.storage()[i] == expected[i]) continue;
    const bool padding = mask[i] == std::byte{0};
    fail(padding ? "TN-LAY-6" : "TN-LAY-2",
         fmt::format("[{}] {} cast to FRACTAL_NZ, {} byte {} of {}",
                     fmt::join(source.shape(), ", "), dtype_name(source.dtype()),
                     padding ? "padding" : "element", i, expected.size()),
         fmt::format("{:#04x}", static_cast<unsigned>(expected[i])),
         fmt::format("{:#04x}", static_cast<unsigned>(packed.storage()[i])));
  }
}

}  // namespace

CONFORMANCE_TEST(layouts, fractal_nz,
                 {.rules = {"TN-LAY-2", "TN-LAY-6", "TN-LAY-7"}, .profile = TN_PROFILE_DENSE}) {
  OpRunner runner(context, copy_cast_suite());
  Random random(runner.grid().seed);
  bool any = false;
  for (const uint32_t dtype : {uint32_t{TN_DTYPE_BF16}, uint32_t{TN_DTYPE_F16},
                               uint32_t{TN_DTYPE_I8}, uint32_t{TN_DTYPE_F32}}) {
    for (const auto& shape : std::vector<std::vector<int64_t>>{
             {1, 1}, {16, 32}, {17, 33}, {40, 70}, {2, 15, 17}, {2, 2, 31, 16}}) {
      const HostTensor source = HostTensor(dtype, shape).random_bits(random);
      const uint64_t bytes = fractal_nz_bytes(dtype, shape);
      const HostTensor packed = HostTensor::in_layout(dtype, shape, TN_LAYOUT_FRACTAL_NZ, bytes);
      auto found = cast(runner, source.with_gaps(3), packed);
      if (!found) found = cast(runner, source, packed);
      if (!found) continue;
      any = true;
      check_storage(source, *found);
      // Bytes that the suite packed itself, uploaded as they are.
      HostTensor own = packed;
      own.storage() = fractal_nz_storage(source);
      const auto back = cast(runner, own, HostTensor(dtype, shape), "TN-LAY-5");
      check_same_bits(source, *back, "TN-LAY-2", "FRACTAL_NZ cast back");
    }
  }
  if (!any) throw TestUnsupported("copy_cast to FRACTAL_NZ is not supported");
}

// The row-major tensor goes in through its strides.
CONFORMANCE_TEST(layouts, fractal_nz_of_a_transposed_view,
                 {.rules = {"TN-LAY-2", "TN-LAY-6"}, .profile = TN_PROFILE_DENSE}) {
  OpRunner runner(context, copy_cast_suite());
  Random random(runner.grid().seed);
  const HostTensor view = HostTensor(TN_DTYPE_BF16, {33, 20}).random_bits(random).swapped(0, 1);
  const HostTensor packed = HostTensor::in_layout(TN_DTYPE_BF16, view.shape(), TN_LAYOUT_FRACTAL_NZ,
                                                  fractal_nz_bytes(TN_DTYPE_BF16, view.shape()));
  const auto found = cast(runner, view, packed);
  if (!found) throw TestUnsupported("no transposed view is cast to FRACTAL_NZ");
  check_storage(view, *found);
}

CONFORMANCE_TEST(layouts, element_formats, {.rules = {"TN-LAY-1"}, .profile = TN_PROFILE_DENSE}) {
  OpRunner runner(context, copy_cast_suite(), "TN-LAY-1");
  for (const uint32_t dtype : {TN_DTYPE_F16, TN_DTYPE_BF16}) {
    auto values =
        new_case<tn_copy_cast_args>(fmt::format("every pattern of {} to f32", dtype_name(dtype)));
    values.basic = true;
    values["input"] = HostTensor(dtype, {256, 256});
    values["output"] = HostTensor(TN_DTYPE_F32, {256, 256});
    for (int64_t i = 0; i < 65536; ++i) {
      double value = decode(dtype, static_cast<uint64_t>(i));
      // Only f16's subnormals are promised to be kept.
      const bool open = dtype == TN_DTYPE_BF16 && value != 0 && std::abs(value) < 0x1p-126;
      values["input"].set_bits(i, open ? 0 : static_cast<uint64_t>(i));
      if (open) value = 0;
      if (std::isnan(value)) {
        values.expect_near("output", i, value, 0);
      } else {
        values.expect_value("output", i, value);
      }
    }
    runner.run(values);
  }
  // The order of bytes, as copies carry them: -2.5 is c0200000 in f32 and c020 in bf16.
  const std::vector<uint8_t> bytes{0x00, 0x00, 0x20, 0xc0};
  auto order = new_case<tn_copy_cast_args>("little-endian bytes");
  order.basic = true;
  order["input"] = HostTensor(TN_DTYPE_F32, {1});
  std::memcpy(order["input"].storage().data(), bytes.data(), bytes.size());
  order["output"] = HostTensor(TN_DTYPE_BF16, {1});
  order.expect_bits("output", 0, 0xc020);
  runner.run(order);
  runner.finish();
}

}  // namespace tenon::conformance::layouts_test
