// What a device says of time reaches the host through either layer.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "device/backend.hpp"
#include "device/device.hpp"
#include "device/tensor.hpp"
#include "fake_device.hpp"
#include "layers/hazards.hpp"
#include "layers/validation.hpp"

namespace tenon {
namespace {

std::unique_ptr<Layer> make_layer(bool hazards) {
  reset_fake();
  const DeviceTable table(fake_table(), "fake");
  if (!hazards) return make_validation_layer(table);
  return make_hazard_layer(table, HazardMode::report,
                           [](const std::string& text) { ADD_FAILURE() << text; });
}

class PassedOn : public testing::TestWithParam<bool> {};

INSTANTIATE_TEST_SUITE_P(Layers, PassedOn, testing::Bool());

TEST_P(PassedOn, Times) {
  const std::unique_ptr<Layer> layer = make_layer(GetParam());
  const tn_host host{};
  const Device device = Backend(layer->table(), host, {}).open(0);
  EXPECT_EQ(device.info().enqueue_ns, 1000U);
  EXPECT_EQ(device.info().read_back_ns, 20000U);

  const int64_t shape[] = {4, 4};
  tn_add_args args{};
  args.struct_size = sizeof args;
  args.a = args.b = args.output = row_major_tensor(TN_DTYPE_F32, shape);
  EXPECT_EQ(device.query(TN_OP_add, &args).estimated_ns, 3000U);

  device.start_profiling();
  std::vector<tn_profile_record> records;
  device.stop_profiling([&](const tn_profile_record& record) { records.push_back(record); });
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].host_begin_ns, 1U);
  EXPECT_EQ(records[0].host_end_ns, 2U);
  EXPECT_EQ(records[0].compute_ns, 3U);
  EXPECT_EQ(records[0].late_bytes, 4U);
}

}  // namespace
}  // namespace tenon
