// Cards, their memory and the options that make them.
#include "ascend_calls.hpp"

namespace ascend_test {
namespace {

using Memory = RuntimeTest;

std::uint64_t free_bytes(TestBackend& backend, std::uint32_t card) {
  tn_device_memory memory{};
  memory.struct_size = sizeof memory;
  EXPECT_EQ(table().device_memory(backend.device(card), &memory, nullptr), TN_OK);
  return memory.free_bytes;
}

TEST_F(Memory, CardsDeclareSixtyFourGibibytesAndUseWhatIsAllocated) {
  const std::uint64_t before = allocated_bytes();
  TestBackend backend;
  EXPECT_EQ(free_bytes(backend, 0), std::uint64_t{64} << 30);
  EXPECT_EQ(allocated_bytes(), before);
  backend.buffer(4096);
  EXPECT_EQ(free_bytes(backend, 0), (std::uint64_t{64} << 30) - 4096);
  EXPECT_EQ(allocated_bytes(), before + 4096);
}

TEST_F(Memory, TheHostCannotTouchACard) {
  TestBackend backend;
  void* address = &backend;
  REFUSED(TN_UNSUPPORTED, "the host cannot touch this memory",
          t.buffer_host_pointer(backend.buffer(64), &address, &e));
  EXPECT_EQ(address, nullptr);
  OK(t.buffer_host_pointer(backend.buffer(64, TN_MEMORY_PINNED), &address, &e));
  EXPECT_NE(address, nullptr);
  tn_buffer* buffer = nullptr;
  REFUSED(TN_UNSUPPORTED, "shares no memory with the host",
          t.buffer_allocate(backend.device(), TN_MEMORY_SHARED, 64, &buffer, &e));
  std::uint64_t bytes[8]{};
  REFUSED(TN_UNSUPPORTED, "shares no memory with the host",
          t.buffer_import_host(backend.device(), bytes, sizeof bytes, &buffer, &e));
}

TEST_F(Memory, EachCardRunsOutByItself) {
  TestBackend backend({option("cards", 2), option("memory", "1MiB")});
  backend.buffer(900 << 10);
  tn_buffer* buffer = nullptr;
  REFUSED(TN_OUT_OF_MEMORY, "device 0 is out of memory",
          t.buffer_allocate(backend.device(), TN_MEMORY_DEVICE, 200 << 10, &buffer, &e));
  EXPECT_EQ(buffer, nullptr);
  EXPECT_EQ(free_bytes(backend, 1), std::uint64_t{1} << 20);
  backend.buffer(900 << 10, TN_MEMORY_DEVICE, 1);
}

TEST_F(Memory, ACardReadsNoOtherCardsMemory) {
  TestBackend backend({option("cards", 2)});
  tn_buffer* near = backend.filled<float>({1, 2});
  tn_buffer* far = backend.filled<float>({5, 6}, 1);
  const tn_add_args args = add_args(tensor(near, {2}), tensor(far, {2}), tensor(near, {2}));
  tn_stream* stream = backend.stream();
  REFUSED(TN_INVALID_ARGUMENT, "another device",
          t.op_enqueue(stream, TN_OP_add, &args, nullptr, nullptr, &e));
  OK(t.copy_d2d(stream, far, 0, near, 0, 8, &e));  // this is how bytes travel
  backend.synchronize(stream);
  EXPECT_EQ(backend.values<float>(near, 2), (std::vector<float>{5, 6}));
}

TEST_F(Memory, BackendsLiveSideBySide) {
  TestBackend one({option("memory", "1MiB")});
  TestBackend two({option("cards", 3)});
  one.buffer(1 << 20);
  EXPECT_EQ(free_bytes(one, 0), 0U);
  EXPECT_EQ(free_bytes(two, 2), std::uint64_t{64} << 30);
}

TEST_F(Memory, OptionsOutOfRangeAreRefused) {
  for (const tn_option& bad : {option("cards", std::int64_t{0}), option("cards", 65),
                               option("memory", "much"), option("transposed_weights", "maybe")}) {
    tn_backend* backend = nullptr;
    REFUSED(TN_INVALID_ARGUMENT, bad.name, t.backend_create(&test_host(), &bad, 1, &backend, &e));
  }
}

TEST_F(Memory, FactsAreAnNpus) {
  TestBackend backend({option("cards", 64)});
  tn_device_info info{};
  info.struct_size = sizeof info;
  OK(t.device_info(backend.handle(), 63, &info, &e));
  EXPECT_EQ(info.kind, static_cast<std::uint32_t>(TN_DEVICE_NPU));
  EXPECT_EQ(info.preferred_activation_dtype, static_cast<std::uint32_t>(TN_DTYPE_BF16));
  EXPECT_EQ(info.kv_block_multiple, 16U);
  EXPECT_EQ(info.kv_block_maximum, 128U);
  EXPECT_EQ(info.cache_bytes, std::uint64_t{192} << 20);
  EXPECT_EQ(info.capabilities & (TN_CAN_RUN_EVERY_OP | TN_CAN_IMPORT_HOST |
                                 TN_CAN_MAP_DEVICE_MEMORY | TN_IS_BATCH_INVARIANT),
            0U);
}

}  // namespace
}  // namespace ascend_test
