// Old plugins and new hosts: argument structs that grew.
#include <gtest/gtest.h>

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

Device open_device(const std::string& name) {
  auto plugin = LoadedPlugin::load(
      std::filesystem::path(TENON_FIXTURES) / name / ("lib" + name + ".so"), device_plugins());
  return Backend(device_table(*plugin), plugin->host(), {}, plugin).open(0);
}

// One head of two channels at position 1, with cosine 0 and sine 1: a quarter turn.
struct Rope {
  Stream stream;
  Buffer buffer;
  tn_rope_args args{};

  explicit Rope(const Device& device)
      : stream(device.create_stream()), buffer(device.allocate(64)) {
    const float values[] = {1, 2, 1, 0, 0, 1};  // input; cosine of positions 0, 1; sine
    const int32_t position = 1;
    stream.copy_to_device(std::as_bytes(std::span(values)), buffer, 0);
    stream.copy_to_device(std::as_bytes(std::span(&position, 1)), buffer, 24);
    const int64_t row[] = {1, 1, 2};
    const int64_t table[] = {2, 1};
    const int64_t one[] = {1};
    args.struct_size = sizeof args;
    args.input = row_major_tensor(TN_DTYPE_F32, row, buffer.get(), 0);
    args.cosine = row_major_tensor(TN_DTYPE_F32, table, buffer.get(), 8);
    args.sine = row_major_tensor(TN_DTYPE_F32, table, buffer.get(), 16);
    args.positions = row_major_tensor(TN_DTYPE_I32, one, buffer.get(), 24);
    args.output = row_major_tensor(TN_DTYPE_F32, row, buffer.get(), 32);
    args.rotary_dim = 2;
  }
};

TEST(Growth, AnOldPluginTakesALongerStructWhoseNewFieldIsZero) {
  const Device device = open_device("old_rope");
  const Rope rope(device);
  ASSERT_TRUE(device.query(rope.args).supported);
  rope.stream.enqueue(rope.args);
  float turned[2] = {};
  rope.stream.copy_to_host(rope.buffer, 32, std::as_writable_bytes(std::span(turned)));
  rope.stream.synchronize();
  EXPECT_EQ(turned[0], -2.0f);
  EXPECT_EQ(turned[1], 1.0f);
}

TEST(Growth, AndRefusesItAsSoonAsThatFieldIsSet) {
  const Device device = open_device("old_rope");
  Rope rope(device);
  rope.args.inverse = 1;
  EXPECT_FALSE(device.query(rope.args).supported);
  try {
    rope.stream.enqueue(rope.args);
    FAIL();
  } catch (const DeviceError& e) {
    EXPECT_EQ(e.status(), TN_UNSUPPORTED);
  }
}

TEST(Growth, AStructOfALaterVersionWithAZeroTailIsTaken) {
  const Device device = open_device("c_backend");
  struct Later {
    tn_add_args known;
    uint64_t more[4];
  } later{};
  later.known.struct_size = sizeof later;
  const int64_t shape[] = {2};
  later.known.a = later.known.b = later.known.output = row_major_tensor(TN_DTYPE_F32, shape);
  EXPECT_TRUE(device.query(TN_OP_add, &later).supported);
  later.more[3] = uint64_t{1} << 63;
  EXPECT_FALSE(device.query(TN_OP_add, &later).supported);
}

}  // namespace
}  // namespace tenon
