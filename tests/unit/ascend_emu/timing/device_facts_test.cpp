// What a card says of its chip is what the chip's profile says.
#include <gtest/gtest.h>

#include <string>

#include "own_profile.hpp"

namespace ascend_test::device_facts_test {
namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;

class DeviceFacts : public RuntimeTest {
 protected:
  tn_device_info info(const std::string& soc, bool timing) {
    TestBackend backend({option("soc", soc.c_str()), flag("timing", timing)});
    tn_device_info found{};
    found.struct_size = sizeof found;
    EXPECT_EQ(t.device_info(backend.handle(), 0, &found, &e), TN_OK) << e.message;
    return found;
  }
};

TEST_F(DeviceFacts, CacheAndCoresAreTheProfiles) {
  const OwnProfile small("[l2]\nmebibytes = 24\n[vector]\ncores = 40\n");
  for (const bool timing : {false, true}) {
    const tn_device_info found = info(small.file(), timing);
    EXPECT_EQ(found.cache_bytes, 24 * mebibyte);
    EXPECT_EQ(found.compute_units, 20U);
    EXPECT_NE(found.capabilities & TN_CAN_PREFETCH, 0U);
    EXPECT_NE(found.profiles & TN_PROFILE_PREFETCH, 0U);
  }
}

TEST_F(DeviceFacts, AChipWithoutACacheDoesNotPrefetch) {
  const OwnProfile without("[l2]\nmebibytes = 0\n");
  const tn_device_info found = info(without.file(), true);
  EXPECT_EQ(found.cache_bytes, 0U);
  EXPECT_EQ(found.capabilities & TN_CAN_PREFETCH, 0U);
  EXPECT_EQ(found.profiles & TN_PROFILE_PREFETCH, 0U);
}

TEST_F(DeviceFacts, OfAnUnknownChipAreThoseOfTheUsualDie) {
  const tn_device_info found = info("910x", false);
  EXPECT_EQ(found.cache_bytes, 192 * mebibyte);
  EXPECT_EQ(found.compute_units, 24U);
}

}  // namespace
}  // namespace ascend_test::device_facts_test
