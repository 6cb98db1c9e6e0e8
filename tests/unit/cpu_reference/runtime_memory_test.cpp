// Buffers, their limits, copies and fills.
#include "runtime_fixture.hpp"

namespace runtime_test {
namespace {

class Memory : public RuntimeTest {
 protected:
  std::uint64_t free_bytes(TestBackend& backend, std::uint32_t device = 0) {
    tn_device_memory memory{sizeof(tn_device_memory), 0, 0, 0};
    EXPECT_EQ(t.device_memory(backend.device(device), &memory, &e), TN_OK) << e.message;
    return memory.free_bytes;
  }
};

TEST_F(Memory, OfSizeZeroCanBeAllocated) {
  TestBackend backend({option("memory", "1KiB")});
  backend.buffer(0);
  EXPECT_EQ(free_bytes(backend), 1024u);
}

TEST_F(Memory, RunsOutWithBothNumbersAndComesBack) {
  TestBackend backend({option("memory", "64KiB"), option("devices", std::int64_t{2})});
  tn_buffer* most = backend.buffer(48 * 1024);
  tn_buffer* none = most;
  REFUSED(TN_OUT_OF_MEMORY,
          "expected at most 16384 bytes (free of 65536); found a request for 16385",
          t.buffer_allocate(backend.device(), TN_MEMORY_DEVICE, 16385, &none, &e));
  EXPECT_EQ(none, nullptr);
  EXPECT_EQ(free_bytes(backend), 16384u);
  EXPECT_EQ(free_bytes(backend, 1), 65536u);
  REFUSED(TN_OUT_OF_MEMORY, "18446744073709551615",
          t.buffer_allocate(backend.device(), TN_MEMORY_SHARED, ~std::uint64_t{0}, &none, &e));
  REFUSED(TN_OUT_OF_MEMORY, "18446744073709551615",
          t.buffer_allocate(backend.device(), TN_MEMORY_PINNED, ~std::uint64_t{0}, &none, &e));
  backend.destroy(most);
  backend.buffer(65536);
  EXPECT_EQ(free_bytes(backend), 0u);
}

TEST_F(Memory, CanBeTheHostsOwn) {
  TestBackend backend({option("memory", "1KiB")});
  std::vector<float> data(4096, 1.5F);
  tn_buffer* buffer = nullptr;
  OK(t.buffer_import_host(backend.device(), data.data(), data.size() * 4, &buffer, &e));
  EXPECT_EQ(free_bytes(backend), 1024u);  // nothing was allocated
  tn_stream* stream = backend.stream();
  OK(t.fill(stream, buffer, 4, 8, 0x40000000, 4, &e));
  backend.synchronize(stream);
  EXPECT_EQ(data[0], 1.5F);
  EXPECT_EQ(data[1], 2.0F);
  EXPECT_EQ(data[2], 2.0F);
  EXPECT_EQ(data[3], 1.5F);
  OK(t.buffer_free(buffer, &e));
}

TEST_F(Memory, IsPoisonedOnRequest) {
  TestBackend backend({flag("poison", true)});
  EXPECT_EQ(backend.values<std::uint32_t>(backend.buffer(64), 16),
            std::vector<std::uint32_t>(16, 0xa5a5a5a5));
}

TEST_F(Memory, IsNotTouchedOutsideItsRange) {
  TestBackend backend;
  tn_buffer* buffer = backend.filled(std::vector<std::uint8_t>(32, 1));
  tn_buffer* other = backend.buffer(32);
  tn_stream* stream = backend.stream();
  std::uint8_t bytes[64] = {};
  constexpr std::uint64_t huge = ~std::uint64_t{0};
  REFUSED(TN_INVALID_ARGUMENT, "past the buffer", t.copy_h2d(stream, bytes, buffer, 1, 32, &e));
  REFUSED(TN_INVALID_ARGUMENT, "past the buffer", t.copy_h2d(stream, bytes, buffer, huge, 2, &e));
  REFUSED(TN_INVALID_ARGUMENT, "past the buffer", t.copy_d2h(stream, buffer, 33, bytes, 0, &e));
  REFUSED(TN_INVALID_ARGUMENT, "past the buffer",
          t.copy_d2d(stream, buffer, 0, other, 8, huge, &e));
  REFUSED(TN_INVALID_ARGUMENT, "past the buffer", t.fill(stream, buffer, 16, 20, 0, 4, &e));
  REFUSED(TN_INVALID_ARGUMENT, "overlap", t.copy_d2d(stream, buffer, 0, buffer, 8, 9, &e));
  OK(t.copy_d2d(stream, buffer, 0, buffer, 8, 8, &e));
  OK(t.copy_h2d(stream, nullptr, buffer, 32, 0, &e));
  REFUSED(TN_INVALID_ARGUMENT, "NULL", t.copy_h2d(stream, nullptr, buffer, 0, 1, &e));
  backend.synchronize(stream);
  EXPECT_EQ(backend.values<std::uint8_t>(buffer, 32), std::vector<std::uint8_t>(32, 1));
}

TEST_F(Memory, ThatIsPinnedIsReadWhenTheStreamGetsThere) {
  TestBackend backend;
  tn_buffer* pinned = backend.buffer(64, TN_MEMORY_PINNED);
  void* pointer = nullptr;
  OK(t.buffer_host_pointer(pinned, &pointer, &e));
  auto* values = static_cast<std::int32_t*>(pointer);
  values[5] = 1;
  tn_buffer* buffer = backend.buffer(4);
  tn_stream* stream = backend.stream();
  Gate gate;
  gate.enter(stream);
  OK(t.copy_h2d(stream, values + 5, buffer, 0, 4, &e));
  values[5] = 2;  // breaks the host's side of the rule, to show that no copy was made
  gate.open();
  backend.synchronize(stream);
  EXPECT_EQ(backend.values<std::int32_t>(buffer, 1)[0], 2);
}

TEST_F(Memory, OfAnotherDeviceIsRefused) {
  TestBackend backend({option("devices", std::int64_t{2})});
  tn_buffer* there = backend.buffer(16, TN_MEMORY_DEVICE, 1);
  tn_buffer* here = backend.buffer(16);
  tn_stream* stream = backend.stream();
  int value = 0;
  REFUSED(TN_INVALID_ARGUMENT, "expected device 0; found device 1",
          t.copy_h2d(stream, &value, there, 0, 4, &e));
  REFUSED(TN_INVALID_ARGUMENT, "another device", t.fill(stream, there, 0, 4, 0, 4, &e));
  REFUSED(TN_INVALID_ARGUMENT, "another device", t.copy_d2d(stream, here, 0, there, 0, 4, &e));
  OK(t.copy_d2d(stream, there, 0, here, 0, 4, &e));
  backend.synchronize(stream);
}

}  // namespace
}  // namespace runtime_test
