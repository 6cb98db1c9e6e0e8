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

}  // namespace
}  // namespace ascend_test
