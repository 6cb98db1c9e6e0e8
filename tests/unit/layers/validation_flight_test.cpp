// Memory freed while work in flight uses it: judged by what the host has waited for.
#include "validation_fixture.hpp"

namespace tenon {
namespace {

class ValidationFlight : public ValidationTest {
 protected:
  tn_buffer* buffer = make_buffer();
};

TEST_F(ValidationFlight, FreedBeforeSynchronising) {
  taken(enqueue(TN_OP_add, add_args(buffer)));
  refused(api().buffer_free(buffer, &error), "TN-HOST-4", "'compute'");
  EXPECT_EQ(fake().count("buffer_free"), 0);
  refused(api().buffer_free(buffer, &error), "TN-HOST-2");  // the handle is consumed
  taken(api().stream_destroy(stream, &error));
  taken(api().device_close(device, &error));  // frees it below
  EXPECT_EQ(fake().count("buffer_free"), 1);
}

TEST_F(ValidationFlight, EveryKindOfWorkCounts) {
  char host[16];
  const tn_tensor weight = tensor(buffer, {16});
  const auto refuse = [&](tn_status enqueued) {
    taken(enqueued);
    tn_buffer* used = buffer;
    buffer = make_buffer();
    refused(api().buffer_free(used, &error), "TN-HOST-4");
  };
  refuse(api().fill(stream, buffer, 0, 4, 0, 1, &error));
  refuse(api().copy_h2d(stream, host, buffer, 0, 4, &error));
  refuse(api().copy_d2h(stream, buffer, 0, host, 4, &error));
  refuse(api().copy_d2d(stream, buffer, 0, buffer, 16, 4, &error));
  tn_tensor here = weight;
  here.buffer = buffer;
  refuse(api().prefetch(stream, &here, 0, 64, &error));
  fake().workspace_bytes = 256;
  const tn_buffer_range workspace{buffer, 0, 256};
  tn_buffer* operands = make_buffer();
  refuse(enqueue(TN_OP_add, add_args(operands), &workspace));
}

TEST_F(ValidationFlight, SynchronisingEndsIt) {
  taken(enqueue(TN_OP_add, add_args(buffer)));
  taken(synchronize());
  taken(api().buffer_free(buffer, &error));
}

TEST_F(ValidationFlight, AQueryEndsItOnlyWhenItSaysDone) {
  bool done = false;
  taken(enqueue(TN_OP_add, add_args(buffer)));
  fake().done = false;
  taken(api().stream_query(stream, &done, &error));
  tn_buffer* second = make_buffer();
  taken(enqueue(TN_OP_add, add_args(second)));
  refused(api().buffer_free(buffer, &error), "TN-HOST-4");
  fake().done = true;
  taken(api().stream_query(stream, &done, &error));
  EXPECT_TRUE(done);
  taken(api().buffer_free(second, &error));
}

TEST_F(ValidationFlight, AnEventEndsWhatStandsBeforeIt) {
  tn_event* event = make_event();
  tn_buffer* later = make_buffer();
  taken(enqueue(TN_OP_add, add_args(buffer)));
  taken(api().event_record(event, stream, &error));
  taken(enqueue(TN_OP_add, add_args(later)));
  taken(api().event_synchronize(event, &error));
  taken(api().buffer_free(buffer, &error));
  refused(api().buffer_free(later, &error), "TN-HOST-4");
}

TEST_F(ValidationFlight, WaitingForAStreamThatWaitedEndsBoth) {
  tn_stream* second = make_stream("second");
  tn_event* event = make_event();
  taken(enqueue(TN_OP_add, add_args(buffer)));
  taken(api().event_record(event, stream, &error));
  taken(api().event_wait(second, event, &error));
  taken(api().stream_synchronize(second, &error));
  taken(api().buffer_free(buffer, &error));
}

TEST_F(ValidationFlight, AWaitBindsToTheRecordOfItsTime) {
  tn_stream* second = make_stream("second");
  tn_event* event = make_event();
  tn_buffer* later = make_buffer();
  taken(api().event_record(event, stream, &error));
  taken(api().event_wait(second, event, &error));
  taken(enqueue(TN_OP_add, add_args(later)));
  taken(api().event_record(event, stream, &error));
  taken(api().stream_synchronize(second, &error));
  refused(api().buffer_free(later, &error), "TN-HOST-4");
}

TEST_F(ValidationFlight, ADestroyedStreamHasFinished) {
  taken(enqueue(TN_OP_add, add_args(buffer)));
  taken(api().stream_destroy(stream, &error));
  taken(api().buffer_free(buffer, &error));
}

TEST_F(ValidationFlight, AFailedStreamHasFinishedOnceItSaidSo) {
  taken(enqueue(TN_OP_add, add_args(buffer)));
  fake().fail["stream_synchronize"] = TN_STREAM_FAILED;
  EXPECT_EQ(synchronize(), TN_STREAM_FAILED);
  taken(api().buffer_free(buffer, &error));
}

TEST_F(ValidationFlight, AnEventIsNotDestroyedWithItsRecordInFlight) {
  tn_event* event = make_event();
  taken(enqueue(TN_OP_add, add_args(buffer)));
  taken(api().event_record(event, stream, &error));
  refused(api().event_destroy(event, &error), "TN-HOST-5");
  tn_event* second = make_event();
  taken(api().event_record(second, stream, &error));
  taken(synchronize());
  taken(api().event_destroy(second, &error));
}

TEST_F(ValidationFlight, PinnedMemoryOnTheHostsSideOfACopyCounts) {
  tn_buffer* pinned = make_buffer(64, TN_MEMORY_PINNED);
  void* pointer = nullptr;
  taken(api().buffer_host_pointer(pinned, &pointer, &error));
  taken(api().copy_h2d(stream, static_cast<char*>(pointer) + 8, buffer, 0, 8, &error));
  refused(api().buffer_free(pinned, &error), "TN-HOST-4");
}

// What a host function sees: the layer says that earlier work has passed.
TEST_F(ValidationFlight, AHostFunctionProvesWhatStandsBeforeIt) {
  taken(enqueue(TN_OP_add, add_args(buffer)));
  int called = 0;
  taken(api().stream_call_host(
      stream, [](void* context) { ++*static_cast<int*>(context); }, &called, &error));
  EXPECT_EQ(called, 1);
  taken(api().buffer_free(buffer, &error));
}

TEST_F(ValidationFlight, AHostFunctionThatHasNotRunProvesNothing) {
  fake().call_host_at_once = false;
  taken(enqueue(TN_OP_add, add_args(buffer)));
  taken(api().stream_call_host(
      stream, [](void*) {}, nullptr, &error));
  tn_buffer* second = make_buffer();
  taken(enqueue(TN_OP_add, add_args(second)));
  ASSERT_EQ(fake().host_calls.size(), 1u);
  fake().host_calls[0].first(fake().host_calls[0].second);
  taken(api().buffer_free(buffer, &error));
  refused(api().buffer_free(second, &error), "TN-HOST-4");
}

struct Reentrant {
  const tn_device_table* api;
  tn_stream* stream;
  tn_error error;
};

TEST_F(ValidationFlight, AHostFunctionDoesNotCallTheApi) {
  Reentrant context{&api(), stream, {}};
  taken(api().stream_call_host(
      stream,
      [](void* raw) {
        auto* inside = static_cast<Reentrant*>(raw);
        bool done = false;
        inside->api->stream_query(inside->stream, &done, &inside->error);
      },
      &context, &error));
  EXPECT_EQ(std::string(context.error.message).find("TN-HOST-24"), 0u) << context.error.message;
  taken(synchronize());
}

}  // namespace
}  // namespace tenon
