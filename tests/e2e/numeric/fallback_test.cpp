// Ops that a device refuses run elsewhere, by the deployment's policy, and change no bit.
#include <gtest/gtest.h>

#include <cstring>

#include "model_testing.hpp"

namespace tenon::fallback_test {
namespace {

const std::vector<int32_t> ids = {5, 900, 33, 1200, 7, 7, 2000, 41, 900, 12, 64, 3};

Deployment without(const std::string& ops, const std::string& policy) {
  return deployment_of(demo_checkpoint(), {"device.options.unsupported_ops=\"" + ops + "\"",
                                           "device.fallback=" + policy, "log.level=error"});
}

void expect_equal_bits(const Logits& a, const Logits& b) {
  ASSERT_EQ(a.values.size(), b.values.size());
  EXPECT_EQ(std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(float)), 0);
}

class Fallback : public testing::TestWithParam<const char*> {};

TEST_P(Fallback, ChangesNoBit) {
  const Logits plain = logits_of(deployment_of(demo_checkpoint()), ids);
  Session session = Session::open(without(GetParam(), "allow"));
  expect_equal_bits(plain, logits_of(session, ids));
}

// swiglu: between two ops of the device. linear: most ops elsewhere. paged_attention and kv_write:
// a cache follows the op that needs it. argmax, gather_rows: the outputs lie elsewhere.
INSTANTIATE_TEST_SUITE_P(Ops, Fallback,
                         testing::Values("swiglu", "linear", "paged_attention", "kv_write",
                                         "rope,rms_norm", "argmax", "gather_rows,embedding"));

TEST(FallbackPolicyTest, SummaryNamesOpCountAndReason) {
  Session session = Session::open(without("swiglu", "allow"));
  EXPECT_NE(session.placement().find("swiglu x5"), std::string::npos) << session.placement();
}

TEST(FallbackPolicyTest, AFusedOpIsTakenApartFirst) {
  Session session = Session::open(without("add_rms_norm", "deny"));
  EXPECT_EQ(session.placement().find("fallback"), std::string::npos) << session.placement();
  expect_equal_bits(logits_of(deployment_of(demo_checkpoint()), ids), logits_of(session, ids));
}

TEST(FallbackPolicyTest, DenyRefusesWithTheOpAndTheWayOut) {
  try {
    Session::open(without("swiglu", "deny"));
    FAIL() << "opened";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::input);
    const std::string text = e.what();
    EXPECT_NE(text.find("swiglu"), std::string::npos) << text;
    EXPECT_NE(text.find("device.fallback"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace tenon::fallback_test
