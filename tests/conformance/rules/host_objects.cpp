// What the host owes about handles, lifetimes and structs (TN-HOST).
#include "rules/op_call.hpp"
#include "rules/validated.hpp"

namespace tenon::conformance::host_objects_test {

CONFORMANCE_TEST(host, foreign_handles_are_found,
                 {.rules = {"TN-HOST-1"}, .without_contents = true}) {
  Validated v(context);
  int here = 0;
  auto* foreign = reinterpret_cast<tn_buffer*>(&here);
  v.refused("TN-HOST-1", "fill of a foreign buffer",
            v.api().fill(v.stream, foreign, 0, 4, 0, 1, &v.error));
  v.refused("TN-HOST-1", "fill of NULL", v.api().fill(v.stream, nullptr, 0, 4, 0, 1, &v.error));
  tn_buffer* buffer = v.make_buffer();
  v.taken("buffer_free", v.api().buffer_free(buffer, &v.error));
  v.refused("TN-HOST-1", "fill of a freed buffer",
            v.api().fill(v.stream, buffer, 0, 4, 0, 1, &v.error));
  v.refused("TN-HOST-1", "stream_synchronize of an event",
            v.api().stream_synchronize(reinterpret_cast<tn_stream*>(v.make_event()), &v.error));
}

CONFORMANCE_TEST(host, destroying_twice_is_found,
                 {.rules = {"TN-HOST-2"}, .without_contents = true}) {
  Validated v(context);
  tn_buffer* buffer = v.make_buffer();
  v.taken("buffer_free", v.api().buffer_free(buffer, &v.error));
  v.refused("TN-HOST-2", "a second buffer_free", v.api().buffer_free(buffer, &v.error));
  tn_event* event = v.make_event();
  v.refused("TN-HOST-2", "buffer_free of an event",
            v.api().buffer_free(reinterpret_cast<tn_buffer*>(event), &v.error));
}

CONFORMANCE_TEST(host, parents_before_children_are_found,
                 {.rules = {"TN-HOST-3"}, .without_contents = true}) {
  Validated v(context);
  v.make_buffer();
  v.refused("TN-HOST-3", "device_close with a buffer and a stream",
            v.api().device_close(v.device, &v.error));
  v.refused("TN-HOST-3", "backend_destroy with an open device",
            v.api().backend_destroy(v.backend, &v.error));
  v.backend = nullptr;
}

CONFORMANCE_TEST(host, freeing_used_memory_is_found,
                 {.rules = {"TN-HOST-4"}, .without_contents = true}) {
  Validated v(context);
  tn_buffer* buffer = v.make_buffer();
  v.taken("fill", v.api().fill(v.stream, buffer, 0, 4096, 0, 1, &v.error));
  v.refused("TN-HOST-4", "buffer_free with a fill in flight",
            v.api().buffer_free(buffer, &v.error));
  tn_buffer* other = v.make_buffer();
  v.taken("fill", v.api().fill(v.stream, other, 0, 4096, 0, 1, &v.error));
  v.synchronize();
  v.taken("buffer_free", v.api().buffer_free(other, &v.error));
}

CONFORMANCE_TEST(host, destroying_recorded_events_is_found,
                 {.rules = {"TN-HOST-5"}, .without_contents = true}) {
  Validated v(context);
  tn_event* event = v.make_event();
  tn_buffer* buffer = v.make_buffer();
  v.taken("fill", v.api().fill(v.stream, buffer, 0, 4096, 0, 1, &v.error));
  v.taken("event_record", v.api().event_record(event, v.stream, &v.error));
  v.refused("TN-HOST-5", "event_destroy with a record in flight",
            v.api().event_destroy(event, &v.error));
  tn_event* second = v.make_event();
  v.taken("event_record", v.api().event_record(second, v.stream, &v.error));
  v.synchronize();
  v.taken("event_destroy", v.api().event_destroy(second, &v.error));
}

CONFORMANCE_TEST(host, operands_of_other_devices_are_found,
                 {.rules = {"TN-HOST-6"}, .devices = 2, .without_contents = true}) {
  Validated v(context);
  tn_buffer* there = v.make_buffer(4096, TN_MEMORY_DEVICE, v.open(1));
  tn_buffer* here = v.make_buffer();
  v.refused("TN-HOST-6", "fill on another device's stream",
            v.api().fill(v.stream, there, 0, 4, 0, 1, &v.error));
  v.refused("TN-HOST-6", "copy_d2d to another device",
            v.api().copy_d2d(v.stream, here, 0, there, 0, 64, &v.error));
  v.taken("copy_d2d from another device",
          v.api().copy_d2d(v.stream, there, 0, here, 0, 64, &v.error));
  v.synchronize();
}

CONFORMANCE_TEST(host, structs_without_their_size_are_found,
                 {.rules = {"TN-HOST-40"}, .without_contents = true}) {
  Validated v(context);
  tn_device_info info{};
  v.refused("TN-HOST-40", "device_info without struct_size",
            v.api().device_info(v.backend, 0, &info, &v.error));
  const tn_stream_desc desc{sizeof desc, 1, nullptr};
  tn_stream* made = nullptr;
  v.refused("TN-HOST-40", "stream_create with flags",
            v.api().stream_create(v.device, &desc, &made, &v.error));
}

namespace {

struct Reentrant {
  const tn_device_table* api;
  tn_stream* stream;
  tn_error error;
  tn_status status;
};

}  // namespace

CONFORMANCE_TEST(host, calls_from_host_functions_are_found,
                 {.rules = {"TN-HOST-24"}, .needs = TN_CAN_CALL_HOST, .without_contents = true}) {
  Validated v(context);
  Reentrant inside{&v.api(), v.stream, {}, TN_OK};
  v.taken("stream_call_host", v.api().stream_call_host(
                                  v.stream,
                                  [](void* argument) {
                                    auto* self = static_cast<Reentrant*>(argument);
                                    bool done = false;
                                    self->status =
                                        self->api->stream_query(self->stream, &done, &self->error);
                                  },
                                  &inside, &v.error));
  v.synchronize();
  v.error = inside.error;
  v.refused("TN-HOST-24", "stream_query in a host function", inside.status);
}

CONFORMANCE_TEST(host, communicators_of_two_backends_are_found,
                 {.rules = {"TN-HOST-38"}, .needs = TN_CAN_COMMUNICATE, .without_contents = true}) {
  Validated v(context);
  tn_communicator* made[2] = {};
  tn_device* twice[2] = {v.device, v.open(0)};
  v.refused("TN-HOST-38", "communicator_create with a device twice",
            v.api().communicator_create(twice, 2, made, &v.error));
  v.refused("TN-HOST-38", "communicator_create of no devices",
            v.api().communicator_create(twice, 0, made, &v.error));
}

CONFORMANCE_TEST(host, collectives_in_another_order_are_found,
                 {.rules = {"TN-HOST-36", "TN-HOST-37"},
                  .needs = TN_CAN_COMMUNICATE,
                  .devices = 2,
                  .without_contents = true}) {
  Validated v(context);
  tn_device* devices[2] = {v.device, v.open(1)};
  tn_communicator* ranks[2] = {};
  v.taken("communicator_create", v.api().communicator_create(devices, 2, ranks, &v.error));
  tn_stream* streams[2] = {v.stream, v.make_stream("second", devices[1])};
  const auto reduce = [&](int rank, int64_t count, uint32_t world_size) {
    tn_all_reduce_args args{};
    args.struct_size = sizeof args;
    args.communicator = ranks[rank];
    args.input = tensor(v.make_buffer(4096, TN_MEMORY_DEVICE, devices[rank]), {count});
    args.output = args.input;
    args.world_size = world_size;
    return v.api().op_enqueue(streams[rank], TN_OP_all_reduce, &args, nullptr, nullptr, &v.error);
  };
  for (tn_communicator* rank : ranks)
    v.keep(rank);
  v.refused("TN-HOST-37", "all_reduce with another world_size", reduce(0, 8, 3));
  const tn_status first = reduce(0, 8, 2);
  if (first != TN_OK) throw TestSkipped("all_reduce of f32 needs a workspace or is not supported");
  v.refused("TN-HOST-36", "all_reduce of another shape on the other rank", reduce(1, 16, 2));
  v.taken("all_reduce", reduce(1, 8, 2));  // or the first rank waits for ever
  for (tn_stream* stream : streams)
    v.taken("stream_synchronize", v.api().stream_synchronize(stream, &v.error));
}

}  // namespace tenon::conformance::host_objects_test
