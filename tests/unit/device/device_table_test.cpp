// A plugin's table is checked as a whole and completed with stubs.
#include "device/table.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "base/error.hpp"
#include "fake_device.hpp"

namespace tenon {
namespace {

std::string refusal(const tn_device_table& table) {
  try {
    const DeviceTable completed(table, "libx.so");
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::input);
    return e.what();
  }
  return "";
}

TEST(DeviceTable, TakesACompleteTable) {
  const DeviceTable table(fake_table(), "libx.so");
  EXPECT_TRUE(table.offers("op_enqueue"));
  EXPECT_TRUE(table.offers("prefetch"));
  EXPECT_FALSE(table.offers("no_such_slot"));
  EXPECT_EQ(table->prefetch, fake_table().prefetch);
}

TEST(DeviceTable, NamesEveryEmptyRequiredSlot) {
  size_t required = 0;
  for (const TableSlot& slot : device_slots()) {
    tn_device_table table = fake_table();
    std::memset(reinterpret_cast<char*>(&table) + slot.offset, 0, sizeof(void (*)()));
    const std::string text = refusal(table);
    if (slot.required) {
      ++required;
      EXPECT_NE(text.find("'" + std::string(slot.name) + "'"), std::string::npos) << text;
      EXPECT_EQ(text.rfind("[libx.so]", 0), 0u) << text;
    } else {
      EXPECT_EQ(text, "") << slot.name;
    }
  }
  EXPECT_EQ(required, 27u);
}

TEST(DeviceTable, FillsSlotsPastATruncatedTable) {
  tn_device_table table = fake_table();
  table.header.struct_size = offsetof(tn_device_table, buffer_host_pointer);
  const DeviceTable completed(table, "libx.so");
  EXPECT_FALSE(completed.offers("buffer_host_pointer"));
  EXPECT_NE(completed->get_function, nullptr);
  EXPECT_NE(completed->get_function, table.get_function);
}

TEST(DeviceTable, EndsBeforeASlotThatIsCutInTheMiddle) {
  tn_device_table table = fake_table();
  table.header.struct_size = offsetof(tn_device_table, buffer_host_pointer) + 4;
  const DeviceTable completed(table, "libx.so");
  EXPECT_FALSE(completed.offers("buffer_host_pointer"));
  EXPECT_NE(completed->buffer_host_pointer, nullptr);
}

TEST(DeviceTable, RefusesSizesThatCannotBe) {
  tn_device_table table = fake_table();
  for (const uint32_t size : {0u, 16u, 80u, 0xffffffffu}) {
    table.header.struct_size = size;
    EXPECT_NE(refusal(table), "") << size;
  }
  table.header.struct_size = offsetof(tn_device_table, op_enqueue);
  EXPECT_NE(refusal(table).find("'op_enqueue'"), std::string::npos);
}

TEST(DeviceTable, StubsAnswerUnimplementedAndClearTheirOutputs) {
  tn_device_table table = fake_table();
  table.header.struct_size = offsetof(tn_device_table, buffer_host_pointer);
  const DeviceTable completed(table, "libx.so");
  int there = 0;
  tn_error error;

  void* pointer = &there;
  EXPECT_EQ(completed->buffer_host_pointer(nullptr, &pointer, &error), TN_UNIMPLEMENTED);
  EXPECT_EQ(pointer, nullptr);
  EXPECT_EQ(error.code, TN_UNIMPLEMENTED);
  EXPECT_NE(std::strstr(error.message, "buffer_host_pointer"), nullptr);

  auto* graph = reinterpret_cast<tn_graph*>(&there);
  EXPECT_EQ(completed->graph_capture_end(nullptr, &graph, nullptr), TN_UNIMPLEMENTED);
  EXPECT_EQ(graph, nullptr);

  int64_t nanoseconds = 5;
  EXPECT_EQ(completed->event_elapsed(nullptr, nullptr, &nanoseconds, &error), TN_UNIMPLEMENTED);
  EXPECT_EQ(nanoseconds, 0);

  tn_communicator* ranks[2] = {reinterpret_cast<tn_communicator*>(&there),
                               reinterpret_cast<tn_communicator*>(&there)};
  EXPECT_EQ(completed->communicator_create(nullptr, 2, ranks, &error), TN_UNIMPLEMENTED);
  EXPECT_EQ(ranks[0], nullptr);
  EXPECT_EQ(ranks[1], nullptr);

  void (*function)(void) = [] {};
  EXPECT_EQ(completed->get_function("x@1.0", &function, &error), TN_UNIMPLEMENTED);
  EXPECT_EQ(function, nullptr);
}

TEST(DeviceTable, EveryStubNamesItsSlot) {
  tn_device_table table = fake_table();
  table.header.struct_size = offsetof(tn_device_table, buffer_host_pointer);
  const DeviceTable completed(table, "libx.so");
  tn_error error;
  completed->prefetch(nullptr, nullptr, 0, 1, &error);
  EXPECT_EQ(std::string(error.message).find("[prefetch]"), 0u);
  completed->graph_launch(nullptr, nullptr, &error);
  EXPECT_EQ(std::string(error.message).find("[graph_launch]"), 0u);
}

}  // namespace
}  // namespace tenon
