#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

void expect_swiglu(const tn_swiglu_args& args, const TestTensor& gate, const TestTensor& up,
                   const TestTensor& y) {
  const auto gates = gate.values();
  const auto ups = up.values();
  run_op(args);
  for (int64_t i = 0; i < y.count(); ++i) {
    double g = gates[static_cast<size_t>(i)];
    double u = ups[static_cast<size_t>(i)];
    if (args.gate_limit > 0) g = std::min<double>(g, args.gate_limit);
    if (args.up_limit > 0) u = std::clamp<double>(u, -args.up_limit, args.up_limit);
    const double expected = g / (1 + std::exp(-g)) * u;
    const double tolerance = (unit_roundoff(y.view().dtype) + 0x1p-20) * std::abs(expected) +
                             (y.view().dtype == TN_DTYPE_F16 ? 0x1p-25 : 0);
    EXPECT_LE(std::abs(y.at(i) - expected), tolerance) << g << " " << u;
  }
}

TEST(Swiglu, TypesLimitsAndPackedHalves) {
  for (const uint32_t a : float_dtypes) {
    for (const auto& [gate_limit, up_limit] :
         {std::array<float, 2>{0, 0}, {1, 0}, {0, 0.5F}, {7, 7}}) {
      for (const int64_t rows : {0, 1, 5}) {
        // Both halves of one packed [n, 2I].
        auto packed = TestTensor(a, {rows, 2, 9}).random(7, -12, 12);
        tn_tensor gate = packed;
        gate.rank = 2;
        gate.shape[1] = 9;
        gate.shape[2] = 0;
        gate.strides[1] = 1;
        gate.strides[2] = 0;
        tn_tensor up = gate;
        up.byte_offset += 9 * item_bytes(a);
        up.storage_bytes -= 9 * item_bytes(a);
        TestTensor gates(a, {rows, 9});
        TestTensor ups(a, {rows, 9});
        for (int64_t i = 0; i < gates.count(); ++i) {
          gates.set_bits(i, packed.bits(i / 9 * 18 + i % 9));
          ups.set_bits(i, packed.bits(i / 9 * 18 + 9 + i % 9));
        }
        TestTensor y(a, {rows, 9}, 1);
        auto args = new_args<tn_swiglu_args>();
        args.gate = gate;
        args.up = up;
        args.output = y;
        args.gate_limit = gate_limit;
        args.up_limit = up_limit;
        expect_swiglu(args, gates, ups, y);
        EXPECT_EQ(y.touched_outside(), 0);
      }
    }
  }
}

TEST(Swiglu, FarNegativeGatesAndInPlace) {
  auto gate = TestTensor(TN_DTYPE_F32, {1, 4}).fill({-80, -88.8, -91, 90});
  auto up = TestTensor(TN_DTYPE_F32, {1, 4}).fill({1, 1, 100, -1});
  auto args = new_args<tn_swiglu_args>();
  args.gate = gate;
  args.up = up;
  args.output = gate;
  const TestTensor gates = TestTensor(TN_DTYPE_F32, {1, 4}).fill(gate.values());
  expect_swiglu(args, gates, up, gate);
}

TEST(Swiglu, NanIsNotClampedAway) {
  auto gate = TestTensor(TN_DTYPE_F32, {1, 2}).fill({std::nan(""), 1});
  auto up = TestTensor(TN_DTYPE_F32, {1, 2}).fill({1, std::nan("")});
  TestTensor y(TN_DTYPE_F32, {1, 2});
  auto args = new_args<tn_swiglu_args>();
  args.gate = gate;
  args.up = up;
  args.output = y;
  args.gate_limit = 1;
  args.up_limit = 1;
  run_op(args);
  EXPECT_TRUE(std::isnan(y.at(0)) && std::isnan(y.at(1)));
  args.up_limit = -1;
  EXPECT_NE(refusal(args).find("[swiglu] up_limit is out of range; expected 0 (none) or more"),
            std::string::npos);
}

}  // namespace
}  // namespace tenon::cpu_reference
