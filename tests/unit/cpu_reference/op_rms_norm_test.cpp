#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

void expect_normalised(const TestTensor& x, const TestTensor* weight, const TestTensor* bias,
                       double epsilon, const TestTensor& y) {
  const int64_t d = x.view().shape[x.view().rank - 1];
  for (int64_t row = 0; row < x.count() / std::max<int64_t>(d, 1); ++row) {
    double squares = 0;
    for (int64_t i = 0; i < d; ++i)
      squares += x.at(row * d + i) * x.at(row * d + i);
    for (int64_t i = 0; i < d; ++i) {
      const double factor = 1 / std::sqrt(squares / static_cast<double>(d) + epsilon);
      const double scaled = x.at(row * d + i) * factor * (weight != nullptr ? weight->at(i) : 1);
      const double shift = bias != nullptr ? bias->at(i) : 0;
      expect_near(y.at(row * d + i), scaled + shift, y.view().dtype, static_cast<double>(d),
                  std::abs(scaled) + std::abs(shift), "rms_norm");
    }
  }
}

TEST(RmsNorm, TypesRanksAndOptionalOperands) {
  uint32_t seed = 0;
  for (const auto& shape :
       {std::vector<int64_t>{7}, {1, 1}, {3, 64}, {2, 3, 33}, {2, 1, 2, 5}, {0, 4}, {3, 0}}) {
    for (const uint32_t a : float_dtypes) {
      for (const uint32_t w : float_dtypes) {
        for (int present = 0; present < 4; ++present) {
          auto x = TestTensor(a, shape, 3).random(++seed);
          auto weight = TestTensor(w, {shape.back()}).random(++seed);
          auto bias = TestTensor(w, {shape.back()}).random(++seed);
          TestTensor y(a, shape, 1);
          auto args = new_args<tn_rms_norm_args>();
          args.input = x;
          if ((present & 1) != 0) args.weight = weight;
          if ((present & 2) != 0) args.bias = bias;
          args.output = y;
          args.epsilon = 1e-5F;
          run_op(args);
          expect_normalised(x, (present & 1) != 0 ? &weight : nullptr,
                            (present & 2) != 0 ? &bias : nullptr, args.epsilon, y);
          EXPECT_EQ(y.touched_outside(), 0);
        }
      }
    }
  }
}

TEST(RmsNorm, InPlaceGivesTheSameBits) {
  auto x = TestTensor(TN_DTYPE_BF16, {5, 48}).random(1);
  TestTensor y(TN_DTYPE_BF16, {5, 48});
  auto args = new_args<tn_rms_norm_args>();
  args.input = x;
  args.output = y;
  args.epsilon = 1e-6F;
  run_op(args);
  args.output = x;
  run_op(args);
  EXPECT_EQ(x.all_bits(), y.all_bits());
}

TEST(RmsNorm, ZerosAndHugeValues) {
  auto x = TestTensor(TN_DTYPE_F32, {2, 2}).fill({0, 0, 3e38, 3e38});
  TestTensor y(TN_DTYPE_F32, {2, 2});
  auto args = new_args<tn_rms_norm_args>();
  args.input = x;
  args.output = y;
  args.epsilon = 1e-6F;
  run_op(args);
  EXPECT_EQ(y.at(0), 0);
  EXPECT_NEAR(y.at(2), 1, 1e-6);
}

TEST(AddRmsNorm, BitEqualToAddThenRmsNormInEveryAliasing) {
  for (const uint32_t a : float_dtypes) {
    for (int alias = 0; alias < 4; ++alias) {
      auto input = TestTensor(a, {4, 40}).random(1);
      auto residual = TestTensor(a, {4, 40}).random(2);
      auto weight = TestTensor(TN_DTYPE_BF16, {40}).random(3);
      auto bias = TestTensor(TN_DTYPE_F32, {40}).random(4);
      TestTensor sum(a, {4, 40});
      TestTensor normed(a, {4, 40});
      auto add = new_args<tn_add_args>();
      add.a = input;
      add.b = residual;
      add.output = sum;
      run_op(add);
      auto norm = new_args<tn_rms_norm_args>();
      norm.input = sum;
      norm.weight = weight;
      norm.bias = bias;
      norm.output = normed;
      norm.epsilon = 1e-5F;
      run_op(norm);

      TestTensor fused_sum(a, {4, 40});
      TestTensor fused_output(a, {4, 40});
      const TestTensor& sum_place = alias == 1 ? residual : alias == 2 ? input : fused_sum;
      const TestTensor& output_place = alias == 3 ? input : fused_output;
      auto fused = new_args<tn_add_rms_norm_args>();
      fused.input = input;
      fused.residual = residual;
      fused.weight = weight;
      fused.bias = bias;
      fused.sum = sum_place;
      fused.output = output_place;
      fused.epsilon = 1e-5F;
      run_op(fused);
      EXPECT_EQ(sum_place.all_bits(), sum.all_bits()) << alias;
      EXPECT_EQ(output_place.all_bits(), normed.all_bits()) << alias;
    }
  }
}

TEST(RmsNorm, Refusals) {
  auto args = new_args<tn_rms_norm_args>();
  args.input = TestTensor(TN_DTYPE_F32, {2, 4}).view();
  args.output = TestTensor(TN_DTYPE_F32, {2, 4}).view();
  args.weight = TestTensor(TN_DTYPE_F32, {5}).view();
  EXPECT_EQ(refusal(args),
            "[rms_norm] weight's first dimension must equal input's last; expected 4; found 5");
  args.weight = {};
  args.epsilon = -1;
  EXPECT_NE(refusal(args).find("[rms_norm] epsilon is out of range; expected 0 or more"),
            std::string::npos);
  args.epsilon = 0;
  args.output.dtype = TN_DTYPE_BF16;
  EXPECT_EQ(refusal(args),
            "[rms_norm] output must have the dtype of input; expected f32; found bf16");
}

}  // namespace
}  // namespace tenon::cpu_reference
