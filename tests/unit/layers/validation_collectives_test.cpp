// Communicators and the order of collectives.
#include "validation_fixture.hpp"

namespace tenon {
namespace {

class ValidationCollectives : public ValidationTest {
 protected:
  ValidationCollectives() {
    taken(api().communicator_create(devices, 2, ranks, &error));
    stream = streams[0];
  }

  tn_all_reduce_args all_reduce(int rank, int64_t size = 8) {
    tn_all_reduce_args args{};
    args.struct_size = sizeof args;
    args.communicator = ranks[rank];
    args.input = args.output = tensor(buffers[rank], {size});
    args.world_size = 2;
    return args;
  }
  tn_status reduce(int rank, int64_t size = 8) {
    stream = streams[rank];
    return enqueue(TN_OP_all_reduce, all_reduce(rank, size));
  }

  tn_device* devices[2] = {device, open(1)};
  tn_stream* streams[2] = {stream, make_stream("second", devices[1])};
  tn_buffer* buffers[2] = {make_buffer(), make_buffer(4096, TN_MEMORY_DEVICE, devices[1])};
  tn_communicator* ranks[2] = {};
};

TEST_F(ValidationCollectives, EqualCallsInEqualOrder) {
  for (int i = 0; i < 3; ++i) {
    taken(reduce(0));
    taken(reduce(1));
  }
  taken(reduce(1, 16));
  taken(reduce(1, 8));
  taken(reduce(0, 16));
  refused(reduce(0, 4), "TN-HOST-36", "f32[8]");
}

TEST_F(ValidationCollectives, WorldSizeIsTheCommunicators) {
  tn_all_reduce_args args = all_reduce(0);
  args.world_size = 4;
  refused(enqueue(TN_OP_all_reduce, args), "TN-HOST-37", "expected 2; found 4");
}

TEST_F(ValidationCollectives, EachRankUsesItsOwn) {
  tn_all_reduce_args args = all_reduce(0);
  args.communicator = ranks[1];
  refused(enqueue(TN_OP_all_reduce, args), "TN-HOST-6", "rank 1");
  args.communicator = nullptr;
  refused(enqueue(TN_OP_all_reduce, args), "TN-HOST-1");
}

TEST_F(ValidationCollectives, DevicesOfOneBackendEachOnce) {
  tn_communicator* out[2] = {};
  tn_device* twice[2] = {devices[0], open(0)};
  refused(api().communicator_create(twice, 2, out, &error), "TN-HOST-38", "twice");
  refused(api().communicator_create(nullptr, 0, out, &error), "TN-HOST-38");
  tn_backend* second = nullptr;
  taken(api().backend_create(nullptr, nullptr, 0, &second, &error));
  tn_device* foreign = nullptr;
  taken(api().device_open(second, 1, &foreign, &error));
  tn_device* mixed[2] = {devices[0], foreign};
  refused(api().communicator_create(mixed, 2, out, &error), "TN-HOST-38", "two backends");
  EXPECT_EQ(out[0], nullptr);
}

TEST_F(ValidationCollectives, NotDestroyedInFlight) {
  taken(reduce(0));
  refused(api().communicator_destroy(ranks[0], &error), "TN-HOST-4");
  taken(api().communicator_destroy(ranks[1], &error));
}

}  // namespace
}  // namespace tenon
