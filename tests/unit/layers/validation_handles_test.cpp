// Handles and lifetimes: foreign, destroyed, destroyed twice, children, leaks.
#include "validation_fixture.hpp"

namespace tenon {
namespace {

using ValidationHandles = ValidationTest;

TEST_F(ValidationHandles, ACleanRunIsNotDisturbed) {
  tn_buffer* buffer = make_buffer();
  tn_event* event = make_event();
  taken(api().fill(stream, buffer, 0, 4096, 0, 1, &error));
  taken(enqueue(TN_OP_add, add_args(buffer)));
  taken(api().event_record(event, stream, &error));
  taken(synchronize());
  taken(api().event_destroy(event, &error));
  taken(api().buffer_free(buffer, &error));
  taken(api().stream_destroy(stream, &error));
  taken(api().device_close(device, &error));
  taken(api().backend_destroy(backend, &error));
  EXPECT_EQ(fake().all_live(), 0);
}

TEST_F(ValidationHandles, ForeignHandles) {
  int here = 0;
  auto* foreign = reinterpret_cast<tn_buffer*>(&here);
  refused(api().fill(stream, foreign, 0, 4, 0, 1, &error), "TN-HOST-1",
          "no handle of this backend");
  refused(api().buffer_free(foreign, &error), "TN-HOST-1");
  refused(api().fill(stream, nullptr, 0, 4, 0, 1, &error), "TN-HOST-1", "found NULL");
  refused(api().stream_synchronize(nullptr, &error), "TN-HOST-1", "NULL");
  EXPECT_EQ(fake().count("fill"), 0);
}

TEST_F(ValidationHandles, AHandleOfAnotherKind) {
  tn_buffer* buffer = make_buffer();
  refused(api().stream_synchronize(reinterpret_cast<tn_stream*>(buffer), &error), "TN-HOST-1",
          "another kind");
  refused(api().event_destroy(reinterpret_cast<tn_event*>(buffer), &error), "TN-HOST-2",
          "another kind");
}

TEST_F(ValidationHandles, AHandleOfAnotherLayer) {
  const auto other = make_validation_layer(DeviceTable(fake_table(), "fake"));
  tn_backend* second = nullptr;
  taken(other->table()->backend_create(nullptr, nullptr, 0, &second, &error));
  tn_device* foreign = nullptr;
  taken(other->table()->device_open(second, 0, &foreign, &error));
  tn_buffer* buffer = nullptr;
  taken(other->table()->buffer_allocate(foreign, TN_MEMORY_DEVICE, 16, &buffer, &error));
  refused(api().fill(stream, buffer, 0, 16, 0, 1, &error), "TN-HOST-1");
  taken(other->table()->buffer_free(buffer, &error));
}

TEST_F(ValidationHandles, UseAfterDestroy) {
  tn_buffer* buffer = make_buffer();
  taken(api().buffer_free(buffer, &error));
  refused(api().fill(stream, buffer, 0, 4, 0, 1, &error), "TN-HOST-1", "a destroyed buffer");
  refused(enqueue(TN_OP_add, add_args(buffer)), "TN-HOST-1", "operand 'a'");
}

TEST_F(ValidationHandles, DestroyedTwice) {
  tn_buffer* buffer = make_buffer();
  taken(api().buffer_free(buffer, &error));
  refused(api().buffer_free(buffer, &error), "TN-HOST-2", "destroyed before");
  EXPECT_EQ(fake().count("buffer_free"), 1);
}

TEST_F(ValidationHandles, ADeviceWithChildrenIsClosedWithTheLastOfThem) {
  tn_buffer* buffer = make_buffer(16);
  refused(api().device_close(device, &error), "TN-HOST-3", "stream");
  EXPECT_NE(std::strstr(error.message, "of 16 bytes"), nullptr) << error.message;
  EXPECT_EQ(fake().count("device_close"), 0);
  taken(api().stream_destroy(stream, &error));
  taken(api().buffer_free(buffer, &error));
  EXPECT_EQ(fake().count("device_close"), 1);
  refused(api().device_close(device, &error), "TN-HOST-2");
}

TEST_F(ValidationHandles, LeaksAreReportedWhenTheBackendGoes) {
  make_buffer(16);
  refused(api().backend_destroy(backend, &error), "TN-HOST-3", "3 objects");
}

TEST_F(ValidationHandles, ALostDeviceTakesNothingButItsEnd) {
  tn_buffer* buffer = make_buffer();
  fake().fail["fill"] = TN_DEVICE_LOST;
  EXPECT_EQ(api().fill(stream, buffer, 0, 4, 0, 1, &error), TN_DEVICE_LOST);
  refused(api().copy_h2d(stream, "abcd", buffer, 0, 4, &error), "TN-HOST-43");
  taken(api().buffer_free(buffer, &error));
  taken(api().stream_destroy(stream, &error));
  taken(api().device_close(device, &error));
}

TEST_F(ValidationHandles, OutputsAreClearedWithAnError) {
  int here = 0;
  auto* out = reinterpret_cast<tn_buffer*>(&here);
  EXPECT_NE(api().buffer_allocate(nullptr, TN_MEMORY_DEVICE, 1, &out, &error), TN_OK);
  EXPECT_EQ(out, nullptr);
  refused(api().buffer_allocate(device, TN_MEMORY_DEVICE, 1, nullptr, &error), "TN-HOST-1");
}

TEST_F(ValidationHandles, StructsToBeFilledCarryTheirSize) {
  tn_device_info info{};
  refused(api().device_info(backend, 0, &info, &error), "TN-HOST-40", "struct_size");
  refused(api().device_memory(device, nullptr, &error), "TN-HOST-40", "NULL");
  tn_stream_desc desc{sizeof desc, 1, nullptr};
  tn_stream* made = nullptr;
  refused(api().stream_create(device, &desc, &made, &error), "TN-HOST-40", "flags");
}

TEST_F(ValidationHandles, ErrorsOfThePluginPassUnchanged) {
  fake().fail["stream_synchronize"] = TN_STREAM_FAILED;
  EXPECT_EQ(synchronize(), TN_STREAM_FAILED);
  EXPECT_STREQ(error.message, "[fake] told to fail");
}

TEST_F(ValidationHandles, ANullErrorIsFine) {
  EXPECT_EQ(api().buffer_free(nullptr, nullptr), TN_INVALID_ARGUMENT);
}

TEST_F(ValidationHandles, SlotsThatThePluginLacksStayMissing) {
  tn_device_table table = fake_table();
  table.prefetch = nullptr;
  const auto over = make_validation_layer(DeviceTable(table, "fake"));
  EXPECT_FALSE(over->table().offers("prefetch"));
  EXPECT_TRUE(over->table().offers("graph_update"));
}

TEST_F(ValidationHandles, LayersStack) {
  const auto second = make_validation_layer(layer->table());
  tn_backend* top = nullptr;
  taken(second->table()->backend_create(nullptr, nullptr, 0, &top, &error));
  uint32_t count = 0;
  taken(second->table()->device_count(top, &count, &error));
  EXPECT_EQ(count, 2u);
  taken(second->table()->backend_destroy(top, &error));
}

TEST_F(ValidationHandles, ThereIsRoomForManyLayersOneAfterTheOther) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_NE(make_validation_layer(DeviceTable(fake_table(), "fake")), nullptr);
  }
}

}  // namespace
}  // namespace tenon
