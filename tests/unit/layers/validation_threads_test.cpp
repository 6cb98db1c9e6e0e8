// One thread at a time on a stream; the layer itself from many threads.
#include <atomic>
#include <thread>

#include "validation_fixture.hpp"

namespace tenon {
namespace {

// Set by the fake's fill: the stream on which a second call is made while the first is inside.
struct Inside {
  const tn_device_table* api = nullptr;
  tn_stream* stream = nullptr;
  tn_buffer* buffer = nullptr;
  tn_error error{};
  bool done = false;
};
Inside inside;  // NOLINT: a C function has no context

tn_status fill_that_lets_another_in(tn_stream*, tn_buffer*, uint64_t, uint64_t, uint32_t, uint32_t,
                                    tn_error* error) {
  std::thread([] {
    inside.api->copy_h2d(inside.stream, "abcd", inside.buffer, 0, 4, &inside.error);
    tn_error ignored;
    inside.api->stream_query(inside.stream, &inside.done, &ignored);
  }).join();
  error->code = TN_OK;
  error->message[0] = '\0';
  return TN_OK;
}

TEST(ValidationThreads, ASecondThreadOnAStreamIsFound) {
  reset_fake();
  tn_device_table table = fake_table();
  table.fill = fill_that_lets_another_in;
  const auto layer = make_validation_layer(DeviceTable(table, "fake"));
  const tn_device_table& api = layer->table().get();
  tn_error error;
  tn_backend* backend = nullptr;
  tn_device* device = nullptr;
  ASSERT_EQ(api.backend_create(nullptr, nullptr, 0, &backend, &error), TN_OK);
  ASSERT_EQ(api.device_open(backend, 0, &device, &error), TN_OK);
  inside = {};
  inside.api = &api;
  ASSERT_EQ(api.stream_create(device, nullptr, &inside.stream, &error), TN_OK);
  ASSERT_EQ(api.buffer_allocate(device, TN_MEMORY_DEVICE, 64, &inside.buffer, &error), TN_OK);
  EXPECT_EQ(api.fill(inside.stream, inside.buffer, 0, 4, 0, 1, &error), TN_OK);
  EXPECT_EQ(std::string(inside.error.message).find("TN-HOST-23"), 0u) << inside.error.message;
  EXPECT_TRUE(inside.done);  // stream_query is allowed beside it
}

tn_status quiet_free(tn_buffer* buffer, tn_error*) {
  delete reinterpret_cast<int*>(buffer);
  return TN_OK;
}
tn_status quiet_allocate(tn_device*, uint32_t, uint64_t, tn_buffer** out, tn_error*) {
  *out = reinterpret_cast<tn_buffer*>(new int(0));
  return TN_OK;
}
tn_status quiet_fill(tn_stream*, tn_buffer*, uint64_t, uint64_t, uint32_t, uint32_t, tn_error*) {
  return TN_OK;
}
tn_status quiet_synchronize(tn_stream*, tn_error*) {
  return TN_OK;
}

TEST(ValidationThreads, ManyThreadsOnStreamsOfTheirOwn) {
  reset_fake();
  tn_device_table table = fake_table();
  table.buffer_allocate = quiet_allocate;
  table.buffer_free = quiet_free;
  table.fill = quiet_fill;
  table.stream_synchronize = quiet_synchronize;
  const auto layer = make_validation_layer(DeviceTable(table, "fake"));
  const tn_device_table& api = layer->table().get();
  tn_error error;
  tn_backend* backend = nullptr;
  tn_device* device = nullptr;
  ASSERT_EQ(api.backend_create(nullptr, nullptr, 0, &backend, &error), TN_OK);
  ASSERT_EQ(api.device_open(backend, 0, &device, &error), TN_OK);
  std::vector<tn_stream*> streams(4);
  for (tn_stream*& stream : streams) {
    ASSERT_EQ(api.stream_create(device, nullptr, &stream, &error), TN_OK);
  }
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (tn_stream* stream : streams) {
    threads.emplace_back([&failures, &api, device, stream] {
      const auto expect = [&](tn_status found, tn_status wanted) { failures += found != wanted; };
      for (int round = 0; round < 200; ++round) {
        tn_buffer* buffer = nullptr;
        expect(api.buffer_allocate(device, TN_MEMORY_DEVICE, 64, &buffer, nullptr), TN_OK);
        expect(api.fill(stream, buffer, 0, 64, 0, 1, nullptr), TN_OK);
        expect(api.stream_synchronize(stream, nullptr), TN_OK);
        expect(api.buffer_free(buffer, nullptr), TN_OK);
        expect(api.buffer_free(buffer, nullptr), TN_INVALID_ARGUMENT);
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace tenon
