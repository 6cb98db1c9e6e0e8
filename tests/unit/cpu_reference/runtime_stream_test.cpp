// Streams: order, asynchrony, independence.
#include "runtime_fixture.hpp"

#include <atomic>
#include <thread>

namespace runtime_test {
namespace {

class Streams : public RuntimeTest {};

TEST_F(Streams, RunNothingBeforeTheirTurn) {
  TestBackend backend;
  tn_stream* stream = backend.stream();
  tn_buffer* buffer = backend.filled<float>({1, 2, 0});
  Gate gate;
  gate.enter(stream);
  const tn_add_args args = add_args(tensor(buffer, {1}), tensor(buffer, {1}, TN_DTYPE_F32, 4),
                                    tensor(buffer, {1}, TN_DTYPE_F32, 8));
  OK(t.op_enqueue(stream, TN_OP_add, &args, nullptr, nullptr, &e));
  bool done = true;
  OK(t.stream_query(stream, &done, &e));
  EXPECT_FALSE(done);
  EXPECT_EQ(backend.values<float>(buffer, 3)[2], 0.0F);
  gate.open();
  backend.synchronize(stream);
  OK(t.stream_query(stream, &done, &e));
  EXPECT_TRUE(done);
  EXPECT_EQ(backend.values<float>(buffer, 3)[2], 3.0F);
}

TEST_F(Streams, RunWorkOnAnotherThread) {
  TestBackend backend;
  tn_stream* stream = backend.stream();
  std::thread::id id;
  OK(t.stream_call_host(
      stream,
      [](void* context) { *static_cast<std::thread::id*>(context) = std::this_thread::get_id(); },
      &id, &e));
  backend.synchronize(stream);
  EXPECT_NE(id, std::thread::id{});
  EXPECT_NE(id, std::this_thread::get_id());
}

TEST_F(Streams, RunInOrder) {
  TestBackend backend;
  tn_stream* stream = backend.stream();
  tn_buffer* buffer = backend.buffer(4);
  constexpr std::uint32_t steps = 500;
  std::vector<std::uint32_t> seen(steps);
  for (std::uint32_t i = 0; i < steps; ++i) {
    OK(t.fill(stream, buffer, 0, 4, i, 4, &e));
    OK(t.copy_d2h(stream, buffer, 0, &seen[i], 4, &e));
  }
  backend.synchronize(stream);
  for (std::uint32_t i = 0; i < steps; ++i)
    ASSERT_EQ(seen[i], i);
}

TEST_F(Streams, DoNotHoldEachOtherUp) {
  TestBackend backend;
  constexpr int held_streams = 6;  // more than there are workers at first
  std::vector<Gate> gates(held_streams);
  for (Gate& gate : gates)
    gate.enter(backend.stream("held"));
  tn_stream* free_stream = backend.stream("free");
  tn_buffer* buffer = backend.buffer(4);
  OK(t.fill(free_stream, buffer, 0, 4, 5, 4, &e));
  backend.synchronize(free_stream);
  EXPECT_EQ(backend.values<std::uint32_t>(buffer, 1)[0], 5u);
}

TEST_F(Streams, FinishTheirWorkBeforeTheyAreDestroyed) {
  TestBackend backend;
  tn_stream* stream = backend.stream();
  std::atomic<int> calls{0};
  const auto count = [](void* context) { ++*static_cast<std::atomic<int>*>(context); };
  Gate gate;
  gate.enter(stream);
  for (int i = 0; i < 10; ++i)
    OK(t.stream_call_host(stream, count, &calls, &e));
  EXPECT_EQ(calls, 0);
  gate.open();
  backend.destroy(stream);
  EXPECT_EQ(calls, 10);
}

TEST_F(Streams, CanBeSynchronisedFromAnotherThread) {
  TestBackend backend;
  tn_stream* stream = backend.stream();
  Gate gate;
  gate.enter(stream);
  std::atomic<bool> passed{false};
  std::promise<void> started;
  std::thread waiter([&] {
    started.set_value();
    EXPECT_EQ(t.stream_synchronize(stream, nullptr), TN_OK);
    EXPECT_TRUE(passed);
  });
  started.get_future().wait();
  tn_buffer* buffer = backend.buffer(4);
  OK(t.fill(stream, buffer, 0, 4, 0, 4, &e));
  passed = true;
  gate.open();
  waiter.join();
}

TEST_F(Streams, TakeNoDescription) {
  TestBackend backend;
  tn_stream* stream = nullptr;
  OK(t.stream_create(backend.device(), nullptr, &stream, &e));
  OK(t.stream_synchronize(stream, &e));
  OK(t.stream_destroy(stream, &e));
  const tn_stream_desc flags{sizeof flags, 1, nullptr};
  REFUSED(TN_UNSUPPORTED, "unknown flags", t.stream_create(backend.device(), &flags, &stream, &e));
  EXPECT_EQ(stream, nullptr);
  const tn_stream_desc small{4, 0, nullptr};
  REFUSED(TN_INVALID_ARGUMENT, "struct_size",
          t.stream_create(backend.device(), &small, &stream, &e));
}

TEST_F(Streams, KeepTheOrderOfPrefetches) {
  TestBackend backend;
  tn_stream* stream = backend.stream();
  tn_buffer* buffer = backend.buffer(1 << 16);
  const tn_tensor whole = tensor(buffer, {1 << 14});
  Gate gate;
  gate.enter(stream);
  OK(t.prefetch(stream, &whole, 0, ~std::uint64_t{0}, &e));
  bool done = true;
  OK(t.stream_query(stream, &done, &e));
  EXPECT_FALSE(done);
  REFUSED(TN_INVALID_ARGUMENT, "max_bytes is 0", t.prefetch(stream, &whole, 0, 0, &e));
  REFUSED(TN_INVALID_ARGUMENT, "expected less than 65536; found 65536",
          t.prefetch(stream, &whole, 65536, 1, &e));
  gate.open();
  backend.synchronize(stream);
}

}  // namespace
}  // namespace runtime_test
