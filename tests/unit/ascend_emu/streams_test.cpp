// Streams of one card and of several run beside each other.
#include <future>

#include "ascend_calls.hpp"

namespace ascend_test {
namespace {

class Streams : public RuntimeTest {
 protected:
  struct Meeting {
    std::promise<void> arrived;
    std::shared_future<void> other;
  };

  // Says that it came, then waits for the other side to come.
  static void meet(void* context) {
    auto& meeting = *static_cast<Meeting*>(context);
    meeting.arrived.set_value();
    meeting.other.wait();
  }

  // Passes only when both streams run at the same time.
  void expect_overlap(tn_stream* one, tn_stream* two) {
    Meeting first;
    Meeting second;
    first.other = second.arrived.get_future().share();
    second.other = first.arrived.get_future().share();
    OK(t.stream_call_host(one, meet, &first, &e));
    OK(t.stream_call_host(two, meet, &second, &e));
    OK(t.stream_synchronize(one, &e));
    OK(t.stream_synchronize(two, &e));
  }
};

TEST_F(Streams, OverlapOnOneCard) {
  TestBackend backend;
  expect_overlap(backend.stream("compute"), backend.stream("prefetch"));
}

TEST_F(Streams, OverlapOnTwoCards) {
  TestBackend backend({option("cards", 2)});
  expect_overlap(backend.stream("compute"), backend.stream("compute", 1));
}

TEST_F(Streams, OneThatIsHeldUpHoldsUpNoOther) {
  TestBackend backend;
  tn_stream* held = backend.stream("held");
  tn_stream* free = backend.stream("free");
  tn_buffer* data = backend.filled<float>({2, 3});
  Gate gate;
  gate.enter(held);
  const tn_add_args args = add_args(tensor(data, {2}), tensor(data, {2}), tensor(data, {2}));
  OK(t.op_enqueue(free, TN_OP_add, &args, nullptr, nullptr, &e));
  backend.synchronize(free);
  EXPECT_EQ(backend.values<float>(data, 2), (std::vector<float>{4, 6}));
  bool done = true;
  OK(t.stream_query(held, &done, &e));
  EXPECT_FALSE(done);
  gate.open();
  backend.synchronize(held);
}

// Everything a stream takes is enqueued while a host function holds the first of it back.
TEST_F(Streams, TakeWorkWhileEarlierWorkIsHeldBack) {
  TestBackend backend;
  tn_stream* stream = backend.stream("compute");
  tn_stream* other = backend.stream("other");
  tn_buffer* data = backend.filled<float>({2, 3});
  tn_buffer* copy = backend.filled<float>({0, 0});
  tn_buffer* pinned = backend.buffer(8, TN_MEMORY_PINNED);
  tn_event* event = backend.event();
  const tn_tensor pair = tensor(data, {2});
  const tn_add_args args = add_args(pair, pair, pair);
  OK(t.graph_capture_begin(other, &e));
  OK(t.op_enqueue(other, TN_OP_add, &args, nullptr, nullptr, &e));
  tn_graph* graph = nullptr;
  OK(t.graph_capture_end(other, &graph, &e));
  backend.keep(graph);
  Gate gate;
  gate.enter(stream);
  std::vector<float> uploaded{10, 20};
  std::vector<float> downloaded(2, -1);
  OK(t.op_enqueue(stream, TN_OP_add, &args, nullptr, nullptr, &e));  // 4 6
  OK(t.graph_launch(graph, stream, &e));                             // 8 12
  OK(t.copy_d2d(stream, data, 0, copy, 0, 8, &e));
  OK(t.copy_d2d(stream, data, 0, pinned, 0, 8, &e));
  OK(t.copy_h2d(stream, uploaded.data(), data, 0, 4, &e));  // 10 12
  OK(t.fill(stream, data, 4, 4, 0, 4, &e));                 // 10 0
  OK(t.prefetch(stream, &pair, 0, 8, &e));
  OK(t.event_record(event, stream, &e));
  OK(t.event_wait(other, event, &e));
  OK(t.copy_d2h(other, data, 0, downloaded.data(), 8, &e));
  uploaded[0] = 99;  // pageable memory was read at the call
  bool done = true;
  OK(t.event_query(event, &done, &e));
  EXPECT_FALSE(done);
  EXPECT_EQ(backend.values<float>(data, 2), (std::vector<float>{2, 3}));
  EXPECT_EQ(backend.values<float>(copy, 2), (std::vector<float>{0, 0}));
  EXPECT_EQ(downloaded, (std::vector<float>{-1, -1}));
  gate.open();
  backend.synchronize(other);
  EXPECT_EQ(downloaded, (std::vector<float>{10, 0}));
  EXPECT_EQ(backend.values<float>(copy, 2), (std::vector<float>{8, 12}));
  EXPECT_EQ(backend.values<float>(pinned, 2), (std::vector<float>{8, 12}));
}

// More streams wait than there are threads: a wait holds neither the host nor a thread.
TEST_F(Streams, ThatWaitHoldUpNeitherTheHostNorEachOther) {
  TestBackend backend({option("threads", 1)});
  tn_stream* slow = backend.stream("slow");
  tn_stream* free = backend.stream("free");
  tn_buffer* data = backend.filled(std::vector<float>(64, 1));
  tn_event* event = backend.event();
  const auto doubled = [&](std::size_t i) {
    const tn_tensor one = tensor(data, {1}, TN_DTYPE_F32, i * 4);
    return add_args(one, one, one);
  };
  Gate gate;
  gate.enter(slow);
  OK(t.event_record(event, slow, &e));
  std::vector<tn_stream*> waiting;
  for (std::size_t i = 1; i < 64; ++i) {
    waiting.push_back(backend.stream("waiting"));
    const tn_add_args args = doubled(i);
    OK(t.event_wait(waiting.back(), event, &e));
    OK(t.op_enqueue(waiting.back(), TN_OP_add, &args, nullptr, nullptr, &e));
  }
  const tn_add_args args = doubled(0);
  OK(t.op_enqueue(free, TN_OP_add, &args, nullptr, nullptr, &e));
  backend.synchronize(free);
  std::vector<float> expected(64, 1);
  expected[0] = 2;
  EXPECT_EQ(backend.values<float>(data, 64), expected);
  gate.open();
  for (tn_stream* stream : waiting)
    backend.synchronize(stream);
  EXPECT_EQ(backend.values<float>(data, 64), std::vector<float>(64, 2));
}

}  // namespace
}  // namespace ascend_test
