// Objects own their handles, keep their parents alive, and turn errors into exceptions.
#include <gtest/gtest.h>

#include <memory>

#include "device/buffer.hpp"
#include "device/communicator.hpp"
#include "device/device.hpp"
#include "device/event.hpp"
#include "device/graph.hpp"
#include "device/status.hpp"
#include "device/stream.hpp"
#include "device/tensor.hpp"
#include "fake_device.hpp"

namespace tenon {
namespace {

// An object that a test ends when it likes.
template <class T>
std::unique_ptr<T> hold(T object) {
  return std::make_unique<T>(std::move(object));
}

class DeviceObjects : public testing::Test {
 protected:
  DeviceObjects() { reset_fake(); }
  ~DeviceObjects() override { EXPECT_EQ(fake().all_live(), 0); }

  Backend make(const std::vector<Option>& options = {}) const {
    return Backend(DeviceTable(fake_table(), "fake"), host_, options);
  }

 private:
  tn_host host_{};
};

TEST_F(DeviceObjects, DestroysInOrderWhateverTheOwnersDo) {
  auto backend = hold(make());
  auto device = hold(backend->open(1));
  auto buffer = hold(device->allocate(16));
  auto stream = hold(device->create_stream("compute"));
  backend.reset();
  device.reset();
  EXPECT_EQ(fake().count("device_close"), 0);
  stream.reset();
  buffer.reset();
  const auto& calls = fake().calls;
  ASSERT_GE(calls.size(), 4u);
  EXPECT_EQ(std::vector<std::string>(calls.end() - 4, calls.end()),
            (std::vector<std::string>{"stream_destroy", "buffer_free", "device_close",
                                      "backend_destroy"}));
}

TEST_F(DeviceObjects, MovingLeavesOneOwner) {
  const Backend backend = make();
  Buffer first = backend.open(0).allocate(16);
  Buffer second = std::move(first);
  EXPECT_EQ(fake().live["buffer"], 1);
  second = backend.open(0).allocate(32);
  EXPECT_EQ(fake().live["buffer"], 1);
  EXPECT_EQ(second.size(), 32u);
}

TEST_F(DeviceObjects, KeepsTheLibraryAlive) {
  auto library = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = library;
  const tn_host host{};
  auto buffer = std::make_unique<Buffer>(
      Backend(DeviceTable(fake_table(), "fake"), host, {}, library).open(0).allocate(4));
  library.reset();
  EXPECT_FALSE(watch.expired());
  buffer.reset();
  EXPECT_TRUE(watch.expired());
}

TEST_F(DeviceObjects, PassesOptionsByType) {
  const Backend backend =
      make({{"threads", int64_t{3}}, {"share", 0.25}, {"mode", std::string("b")}, {"on", true}});
  EXPECT_EQ(fake().options.at("threads"), "3");
  EXPECT_EQ(fake().options.at("share"), "0.250000");
  EXPECT_EQ(fake().options.at("mode"), "b");
  EXPECT_EQ(fake().options.at("on"), "1");
}

TEST_F(DeviceObjects, ARefusedOptionIsTheUsersMistake) {
  fake().fail["backend_create"] = TN_INVALID_ARGUMENT;
  try {
    make();
    FAIL();
  } catch (const DeviceError& e) {
    EXPECT_EQ(e.kind(), ErrorKind::input);
  }
}

TEST_F(DeviceObjects, AFullDeviceSaysHowMuchIsFree) {
  const Backend backend = make();
  const Device device = backend.open(0);
  try {
    device.allocate(2 << 20);
    FAIL();
  } catch (const DeviceError& e) {
    EXPECT_EQ(e.status(), TN_OUT_OF_MEMORY);
    const std::string text = e.what();
    EXPECT_NE(text.find("asked for 2097152 bytes"), std::string::npos) << text;
    EXPECT_NE(text.find("524288 of 1048576 bytes free"), std::string::npos) << text;
  }
}

TEST_F(DeviceObjects, CopiesGoThereAndBack) {
  const Device device = make().open(0);
  const Stream stream = device.create_stream();
  const Buffer buffer = device.allocate(8);
  const std::vector<std::byte> sent{std::byte{1}, std::byte{2}, std::byte{3}};
  stream.fill(buffer, 0, 8, 0xff, 1);
  stream.copy_to_device(sent, buffer, 2);
  std::vector<std::byte> back(5);
  stream.copy_to_host(buffer, 1, back);
  stream.synchronize();
  EXPECT_EQ(back, (std::vector<std::byte>{std::byte{0xff}, std::byte{1}, std::byte{2}, std::byte{3},
                                          std::byte{0xff}}));
  EXPECT_EQ(buffer.host_bytes().size(), 8u);
}

TEST_F(DeviceObjects, TypedOpsFindTheirId) {
  const Device device = make().open(0);
  fake().supported = false;
  const OpSupport support = device.query(tn_add_args{sizeof(tn_add_args), 0, {}, {}, {}});
  EXPECT_FALSE(support.supported);
  EXPECT_EQ(support.reason, "told to refuse");
}

TEST_F(DeviceObjects, CapturesLaunchesAndUpdates) {
  const Device device = make().open(0);
  const Stream stream = device.create_stream();
  const Event event = device.create_event();
  stream.begin_capture();
  const tn_add_args add{sizeof(tn_add_args), 0, {}, {}, {}};
  const tn_node node = stream.enqueue(add);
  EXPECT_NE(node, TN_NO_NODE);
  const Graph graph = stream.end_capture();
  graph.update(node, add);
  graph.launch(stream);
  stream.record(event);
  stream.wait(event);
  event.synchronize();
  EXPECT_TRUE(event.done());
  EXPECT_EQ(fake().count("graph_update"), 1);
  EXPECT_EQ(fake().count("graph_launch"), 1);
}

TEST_F(DeviceObjects, OneCommunicatorForEachRank) {
  const Backend backend = make();
  const Device first = backend.open(0);
  const Device second = backend.open(1);
  const Device* const devices[] = {&first, &second};
  const std::vector<Communicator> ranks = backend.create_communicators(devices);
  ASSERT_EQ(ranks.size(), 2u);
  EXPECT_EQ(ranks[1].rank(), 1u);
  EXPECT_EQ(ranks[1].world_size(), 2u);
}

TEST_F(DeviceObjects, ProfilingCarriesAnExceptionOverThePlugin) {
  const Device device = make().open(0);
  device.start_profiling();
  int records = 0;
  device.stop_profiling([&](const tn_profile_record&) { ++records; });
  EXPECT_EQ(records, 3);
  EXPECT_THROW(
      device.stop_profiling([](const tn_profile_record&) { throw std::runtime_error("mine"); }),
      std::runtime_error);
}

TEST_F(DeviceObjects, TimesThatADeviceKnowsArePassedOn) {
  const Device device = make().open(0);
  EXPECT_EQ(device.info().enqueue_ns, 1000U);
  EXPECT_EQ(device.info().read_back_ns, 20000U);
  const tn_add_args args{};
  EXPECT_EQ(device.query(TN_OP_add, &args).estimated_ns, 3000U);
}

TEST_F(DeviceObjects, WhatAnOlderPluginsRecordLacksIsZero) {
  const Device device = make().open(0);
  device.start_profiling();
  std::vector<uint64_t> copy_ns;
  std::vector<uint64_t> late_bytes;
  device.stop_profiling([&](const tn_profile_record& record) {
    copy_ns.push_back(record.copy_ns);
    late_bytes.push_back(record.late_bytes);
    EXPECT_EQ(record.host_begin_ns + record.host_end_ns + record.compute_ns,
              record.late_bytes == 0 ? 0U : 6U);
  });
  EXPECT_EQ(copy_ns, (std::vector<uint64_t>{5, 5, 0}));
  EXPECT_EQ(late_bytes, (std::vector<uint64_t>{4, 0, 0}));
}

TEST_F(DeviceObjects, AnAnswerOfOkWithoutAnObjectIsAFault) {
  tn_device_table table = fake_table();
  table.buffer_allocate = [](tn_device*, uint32_t, uint64_t, tn_buffer** out, tn_error*) {
    *out = nullptr;
    return tn_status{TN_OK};
  };
  const tn_host host{};
  const Device device = Backend(DeviceTable(table, "fake"), host, {}).open(0);
  EXPECT_THROW(device.allocate(1), Error);
}

TEST_F(DeviceObjects, WithoutLayoutForEverythingIsRowMajor) {
  const int64_t shape[] = {4, 8};
  const tn_tensor tensor = row_major_tensor(TN_DTYPE_F32, shape);
  {
    const Device device = make().open(0);
    EXPECT_EQ(device.layout_for(TN_ROLE_WEIGHT, tensor, {}).layout, TN_LAYOUT_PRIVATE);
  }
  tn_device_table table = fake_table();
  table.layout_for = nullptr;
  const tn_host host{};
  const Device device = Backend(DeviceTable(table, "fake"), host, {}).open(0);
  const tn_layout_answer answer = device.layout_for(TN_ROLE_WEIGHT, tensor, {});
  EXPECT_EQ(answer.layout, static_cast<tn_layout>(TN_LAYOUT_ROW_MAJOR));
  EXPECT_EQ(answer.storage_bytes, 128u);
}

}  // namespace
}  // namespace tenon
