// Ranges of copies and fills, devices, private layouts, prefetch.
#include "validation_fixture.hpp"

namespace tenon {
namespace {

class ValidationMemory : public ValidationTest {
 protected:
  tn_buffer* buffer = make_buffer(64);
  char host[64] = {};
};

TEST_F(ValidationMemory, CopiesEndInsideTheirBuffers) {
  taken(api().copy_h2d(stream, host, buffer, 32, 32, &error));
  refused(api().copy_h2d(stream, host, buffer, 33, 32, &error), "TN-HOST-13", "33 + 32");
  refused(api().copy_d2h(stream, buffer, 65, host, 0, &error), "TN-HOST-13");
  refused(api().copy_h2d(stream, host, buffer, 8, UINT64_MAX - 4, &error), "TN-HOST-13");
  refused(api().copy_h2d(stream, nullptr, buffer, 0, 4, &error), "TN-HOST-13", "NULL");
  taken(api().copy_h2d(stream, nullptr, buffer, 64, 0, &error));
  EXPECT_EQ(fake().count("copy_h2d"), 2);
}

TEST_F(ValidationMemory, RangesOfACopyDoNotOverlap) {
  taken(api().copy_d2d(stream, buffer, 0, buffer, 32, 32, &error));
  refused(api().copy_d2d(stream, buffer, 0, buffer, 31, 32, &error), "TN-HOST-12");
  refused(api().copy_d2d(stream, buffer, 16, buffer, 16, 4, &error), "TN-HOST-12");
}

TEST_F(ValidationMemory, PatternsOfAFill) {
  taken(api().fill(stream, buffer, 4, 8, 0, 4, &error));
  refused(api().fill(stream, buffer, 0, 9, 0, 3, &error), "TN-HOST-13", "1, 2 or 4");
  refused(api().fill(stream, buffer, 2, 8, 0, 4, &error), "TN-HOST-13", "multiples of 4");
  refused(api().fill(stream, buffer, 60, 8, 0, 4, &error), "TN-HOST-13", "ends past");
}

TEST_F(ValidationMemory, OperandsBelongToTheStreamsDevice) {
  tn_buffer* other = make_buffer(64, TN_MEMORY_DEVICE, open(1));
  refused(api().fill(stream, other, 0, 4, 0, 1, &error), "TN-HOST-6", "device 1");
  taken(api().copy_d2d(stream, other, 0, buffer, 0, 64, &error));
  refused(api().copy_d2d(stream, buffer, 0, other, 0, 64, &error), "TN-HOST-6");
}

TEST_F(ValidationMemory, ADeviceMayBeOpenedTwice) {
  tn_buffer* same = make_buffer(64, TN_MEMORY_DEVICE, open(0));
  taken(api().fill(stream, same, 0, 4, 0, 1, &error));
}

TEST_F(ValidationMemory, PrefetchNamesBytesOfItsTensor) {
  const tn_tensor weight = tensor(buffer, {16});
  taken(api().prefetch(stream, &weight, 0, 1 << 20, &error));
  refused(api().prefetch(stream, &weight, 0, 0, &error), "TN-HOST-39", "max_bytes is 0");
  refused(api().prefetch(stream, &weight, 64, 1, &error), "TN-HOST-39", "below storage_bytes 64");
  const tn_tensor outside = tensor(buffer, {16}, 4);
  refused(api().prefetch(stream, &outside, 0, 1, &error), "TN-HOST-7");
  EXPECT_EQ(fake().count("prefetch"), 1);
}

TEST_F(ValidationMemory, APrivateLayoutIsNotCopiedInParts) {
  tn_buffer* weights = make_buffer(1024);
  tn_copy_cast_args cast{};
  cast.struct_size = sizeof cast;
  cast.input = tensor(buffer, {4, 4});
  cast.output = tensor(weights, {4, 4}, 256);
  cast.output.layout = TN_LAYOUT_PRIVATE + 1;
  cast.output.storage_bytes = 128;
  taken(enqueue(TN_OP_copy_cast, cast));
  refused(api().copy_d2h(stream, weights, 256, host, 64, &error), "TN-HOST-25", "256 to 384");
  std::vector<char> whole(1024);
  taken(api().copy_d2h(stream, weights, 0, whole.data(), whole.size(), &error));

  tn_linear_args linear{};
  linear.struct_size = sizeof linear;
  linear.input = tensor(buffer, {1, 4});
  linear.output = tensor(buffer, {1, 4}, 16);
  linear.weight = cast.output;
  taken(enqueue(TN_OP_linear, linear));
  linear.weight.byte_offset += 64;
  linear.weight.storage_bytes = 64;
  refused(enqueue(TN_OP_linear, linear), "TN-HOST-25", "operand 'weight'");

  taken(api().fill(stream, weights, 256, 16, 0, 1, &error));  // overwritten: no tensor any more
  taken(api().copy_d2h(stream, weights, 256, host, 64, &error));
}

TEST_F(ValidationMemory, ALayoutRequestDescribesALoadedTensor) {
  tn_tensor weight = tensor(nullptr, {16, 16});
  const tn_layout_use use{TN_OP_linear, 1, 0, 0};
  tn_layout_request request{sizeof request, TN_ROLE_WEIGHT, &weight, &use, 1, 0};
  tn_layout_answer answer{sizeof answer, 0, 0, 0};
  taken(api().layout_for(device, &request, &answer, &error));
  EXPECT_EQ(answer.storage_bytes, 2048u);
  request.use_count = 65;
  refused(api().layout_for(device, &request, &answer, &error), "TN-HOST-41", "too many uses");
  request.use_count = 1;
  weight.buffer = buffer;
  refused(api().layout_for(device, &request, &answer, &error), "TN-HOST-41", "has a buffer");
  weight.buffer = nullptr;
  const tn_layout_use nowhere{TN_OP_linear, 7, 0, 0};
  request.uses = &nowhere;
  refused(api().layout_for(device, &request, &answer, &error), "TN-HOST-41", "no operand");
}

}  // namespace
}  // namespace tenon
