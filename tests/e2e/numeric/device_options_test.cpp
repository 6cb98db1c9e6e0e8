// What a device does inside must not show: layouts of its own, other layouts of the weights.
#include <gtest/gtest.h>

#include "model_testing.hpp"

namespace tenon::device_options_test {
namespace {

const std::vector<int32_t> ids = {5, 900, 33, 1200, 7, 7, 2000, 41, 900, 12, 64, 3};

TEST(DeviceOptions, APrivateWeightLayoutGivesTheSameLogits) {
  const Logits plain = logits_of(deployment_of(demo_checkpoint()), ids);
  Session session =
      Session::open(deployment_of(demo_checkpoint(), {"device.options.private_layout=true"}));
  EXPECT_EQ(session.traffic().find(", 0 cast"), std::string::npos) << session.traffic();
  EXPECT_LT(largest_difference(plain, logits_of(session, ids)), 1e-4);
}

TEST(DeviceOptions, RowMajorWeightsAreNotCast) {
  Session session = Session::open(deployment_of(
      demo_checkpoint(), {"device.options.private_layout=true", "weights.layout=row_major"}));
  EXPECT_NE(session.traffic().find(", 0 cast"), std::string::npos) << session.traffic();
}

TEST(DeviceOptions, ThreadsChangeNoBit) {
  const Logits one = logits_of(deployment_of(demo_checkpoint(), {"device.options.threads=1"}), ids);
  const Logits three =
      logits_of(deployment_of(demo_checkpoint(), {"device.options.threads=3"}), ids);
  EXPECT_EQ(largest_difference(one, three), 0.0);
}

TEST(DeviceOptions, PoisonedMemoryChangesNoBit) {
  const Logits plain = logits_of(deployment_of(demo_checkpoint()), ids);
  const Logits poisoned =
      logits_of(deployment_of(demo_checkpoint(), {"device.options.poison=true"}), ids);
  EXPECT_EQ(largest_difference(plain, poisoned), 0.0);
}

TEST(DeviceOptions, TheValidationLayerChangesNoBit) {
  const Logits checked = logits_of(deployment_of(demo_checkpoint()), ids);
  const Logits unchecked =
      logits_of(deployment_of(demo_checkpoint(), {"device.validate=false"}), ids);
  EXPECT_EQ(largest_difference(checked, unchecked), 0.0);
}

}  // namespace
}  // namespace tenon::device_options_test
