// A plugin built by a C compiler from the public headers alone loads and works.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <filesystem>

#include "device/buffer.hpp"
#include "device/device.hpp"
#include "device/status.hpp"
#include "device/stream.hpp"
#include "device/tensor.hpp"
#include "plugin/plugin.hpp"

namespace tenon {
namespace {

std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(TENON_FIXTURES) / name / ("lib" + name + ".so");
}

Backend open_backend(const std::string& name, const std::vector<Option>& options = {}) {
  auto plugin = LoadedPlugin::load(fixture(name), device_plugins());
  const DeviceTable table = device_table(*plugin);
  const tn_host& host = plugin->host();
  return Backend(table, host, options, plugin);
}

std::span<const std::byte> bytes_of(const std::array<float, 4>& values) {
  return std::as_bytes(std::span(values));
}

// a + b on the device.
std::array<float, 4> add(const Device& device, const std::array<float, 4>& a,
                         const std::array<float, 4>& b) {
  const Stream stream = device.create_stream("test");
  const Buffer buffer = device.allocate(3 * 16);
  stream.copy_to_device(bytes_of(a), buffer, 0);
  stream.copy_to_device(bytes_of(b), buffer, 16);
  const int64_t shape[] = {2, 2};
  tn_add_args args{};
  args.struct_size = sizeof args;
  args.a = row_major_tensor(TN_DTYPE_F32, shape, buffer.get(), 0);
  args.b = row_major_tensor(TN_DTYPE_F32, shape, buffer.get(), 16);
  args.output = row_major_tensor(TN_DTYPE_F32, shape, buffer.get(), 32);
  EXPECT_TRUE(device.query(args).supported);
  EXPECT_EQ(stream.enqueue(args), static_cast<tn_node>(TN_NO_NODE));
  std::array<float, 4> sum{};
  stream.copy_to_host(buffer, 32, std::as_writable_bytes(std::span(sum)));
  stream.synchronize();
  return sum;
}

TEST(CPlugin, Adds) {
  const Device device = open_backend("c_backend").open(0);
  EXPECT_STREQ(device.info().name, "C example 0");
  EXPECT_EQ(add(device, {1, 2, 3, 4}, {10, 20, 30, 40}), (std::array<float, 4>{11, 22, 33, 44}));
}

TEST(CPlugin, TakesDeclaredOptions) {
  EXPECT_EQ(open_backend("c_backend", {{"devices", int64_t{3}}}).device_count(), 3u);
  EXPECT_THROW(open_backend("c_backend", {{"devices", int64_t{5}}}), DeviceError);
  EXPECT_THROW(open_backend("c_backend", {{"nothing", int64_t{5}}}), DeviceError);
}

TEST(CPlugin, TellsWhatItDoesNotDo) {
  const Device device = open_backend("c_backend").open(0);
  tn_mul_args args{};
  args.struct_size = sizeof args;
  const OpSupport support = device.query(args);
  EXPECT_FALSE(support.supported);
  EXPECT_NE(support.reason, "");
  EXPECT_THROW(device.create_stream().enqueue(args), DeviceError);
}

TEST(CPlugin, SlotsThatItLeavesOutAreUnimplemented) {
  const Device device = open_backend("c_backend").open(0);
  const Stream stream = device.create_stream();
  try {
    stream.begin_capture();
    FAIL();
  } catch (const DeviceError& e) {
    EXPECT_EQ(e.status(), TN_UNIMPLEMENTED);
    EXPECT_NE(std::string(e.what()).find("graph_capture_begin"), std::string::npos);
  }
}

TEST(CPlugin, ATableThatEndsAfterTheRequiredSlotsWorks) {
  EXPECT_EQ(add(open_backend("truncated").open(0), {1, 1, 1, 1}, {2, 2, 2, 2}),
            (std::array<float, 4>{3, 3, 3, 3}));
}

TEST(CPlugin, AFullDeviceIsReported) {
  const Device device = open_backend("c_backend").open(0);
  try {
    device.allocate(uint64_t{1} << 40);
    FAIL();
  } catch (const DeviceError& e) {
    EXPECT_EQ(e.status(), TN_OUT_OF_MEMORY);
  }
}

}  // namespace
}  // namespace tenon
