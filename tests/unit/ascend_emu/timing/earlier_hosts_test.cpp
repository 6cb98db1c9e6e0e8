// Hosts of versions 1.0 and 1.1 get what they know of, and no byte more.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>

#include "op_samples.hpp"
#include "timed_calls.hpp"

namespace ascend_test::earlier_hosts_test {
namespace {

class EarlierHosts : public RuntimeTest {
 protected:
  // `fill` with a struct_size of each version; the bytes behind it stay as they were, those before
  // it are the same as for the host of today.
  template <class T, class Fill>
  static void expect_filled_to(std::initializer_list<std::size_t> sizes, Fill fill) {
    T whole{};
    whole.struct_size = sizeof whole;
    fill(whole);
    for (const std::size_t size : sizes) {
      T cut;
      std::memset(static_cast<void*>(&cut), 0xee, sizeof cut);
      cut.struct_size = static_cast<std::uint32_t>(size);
      fill(cut);
      EXPECT_EQ(cut.struct_size, size);
      const auto* found = reinterpret_cast<const unsigned char*>(&cut);
      const auto* expected = reinterpret_cast<const unsigned char*>(&whole);
      EXPECT_EQ(std::memcmp(found + 4, expected + 4, size - 4), 0) << size;
      for (std::size_t i = size; i < sizeof cut; ++i)
        EXPECT_EQ(found[i], 0xee) << "byte " << i << " of a struct of " << size;
    }
  }
};

TEST_F(EarlierHosts, AskForOps) {
  TestBackend backend(without_numbers());
  const auto args = OpSamples(backend).sample<tn_linear_args>();
  expect_filled_to<tn_op_support>(
      {offsetof(tn_op_support, copied_bytes), offsetof(tn_op_support, estimated_ns)},
      [&](tn_op_support& support) {
        ASSERT_EQ(t.op_query(backend.device(), TN_OP_linear, &args, &support, &e), TN_OK)
            << e.message;
      });
}

TEST_F(EarlierHosts, AskForDevices) {
  TestBackend backend(without_numbers());
  expect_filled_to<tn_device_info>(
      {offsetof(tn_device_info, enqueue_ns)}, [&](tn_device_info& info) {
        ASSERT_EQ(t.device_info(backend.handle(), 0, &info, &e), TN_OK) << e.message;
      });
}

TEST_F(EarlierHosts, GetTheVersionThatTheyAskFor) {
  for (const std::uint32_t version : {TN_VERSION(1, 0), TN_VERSION(1, 1), TN_VERSION(1, 2)}) {
    tn_plugin_answer answer{};
    answer.struct_size = sizeof answer;
    OK(tn_plugin_query(TN_PLUGIN_DEVICE, &test_host(), version, &answer, &e));
    EXPECT_EQ(answer.version, version);
  }
}

}  // namespace
}  // namespace ascend_test::earlier_hosts_test
