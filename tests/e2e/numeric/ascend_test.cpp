// What the Ascend emulation alone has: fractals, and a mode that takes the card's dtypes only.
#include <gtest/gtest.h>

#include "model_testing.hpp"

namespace tenon::ascend_test {
namespace {

const std::vector<int32_t> ids = {5, 900, 33, 1200, 7, 7, 2000, 41, 900, 12, 64, 3};

// The bound of the demo's goldens: layouts change the order in which weights are read, never what
// is multiplied.
constexpr double most_difference = 5e-4;

class AscendModels : public testing::TestWithParam<const char*> {
 protected:
  static Deployment deployment(const std::vector<std::string>& settings) {
    return deployment_on("ascend_emu", demo_checkpoint(GetParam()), settings);
  }
};

// Weights as the card wants them (FRACTAL_NZ) and row-major (ND).
TEST_P(AscendModels, FractalsAndRowMajorWeightsAgree) {
  Session native = Session::open(deployment({"weights.layout=native"}));
  Session row_major = Session::open(deployment({"weights.layout=row_major"}));
  EXPECT_EQ(native.traffic().find(", 0 cast"), std::string::npos) << native.traffic();
  EXPECT_NE(row_major.traffic().find(", 0 cast"), std::string::npos) << row_major.traffic();
  EXPECT_LT(largest_difference(logits_of(native, ids), logits_of(row_major, ids)), most_difference);
}

// strict_dtypes only refuses: what it takes has the bits that it has without it.
TEST_P(AscendModels, StrictDtypesTakeBf16) {
  const Logits free = logits_of(deployment({"model.activation_dtype=bf16"}), ids);
  const Logits strict =
      logits_of(deployment({"model.activation_dtype=bf16", "device.options.strict_dtypes=true",
                            "device.fallback=deny"}),
                ids);
  EXPECT_EQ(largest_difference(free, strict), 0.0);
}

TEST_P(AscendModels, StrictDtypesRefuseF32ByRule) {
  try {
    Session::open(deployment({"model.activation_dtype=f32", "device.options.strict_dtypes=true",
                              "device.fallback=deny"}));
    ADD_FAILURE() << "nothing was refused";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_EQ(error.kind(), ErrorKind::input);
    for (const char* part : {"aclnn", "dtype is not one of this op's", "f32"})
      EXPECT_NE(text.find(part), std::string::npos) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Demos, AscendModels, testing::Values("qwen3", "qwen3_moe"));

}  // namespace
}  // namespace tenon::ascend_test
