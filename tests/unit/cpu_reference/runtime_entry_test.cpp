// tn_plugin_query, facts, options, several backends.
#include "runtime_fixture.hpp"

#include <cstring>

namespace runtime_test {
namespace {

class Entry : public RuntimeTest {};

TEST_F(Entry, StatesFacts) {
  const tn_plugin_facts& facts = *t.header.facts;
  EXPECT_STREQ(facts.name, "cpu_reference");
  for (const char* text :
       {facts.description, facts.plugin_version, facts.compiler, facts.licence}) {
    EXPECT_GT(std::strlen(text), 0u);
  }
  EXPECT_NE(facts.source_revision, nullptr);
#if defined(__SANITIZE_ADDRESS__)
  EXPECT_EQ(facts.sanitizer, static_cast<std::uint32_t>(TN_SANITIZER_ADDRESS));
#elif defined(__SANITIZE_THREAD__)
  EXPECT_EQ(facts.sanitizer, static_cast<std::uint32_t>(TN_SANITIZER_THREAD));
#else
  EXPECT_EQ(facts.sanitizer, static_cast<std::uint32_t>(TN_SANITIZER_NONE));
#endif
}

TEST_F(Entry, DeclaresOptionsWithTheirDefaults) {
  std::uint32_t count = 0;
  OK(t.backend_option_count(&count, &e));
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < count; ++i) {
    tn_option_info info{};
    info.struct_size = sizeof info;
    OK(t.backend_option_info(i, &info, &e));
    names.emplace_back(info.name);
    EXPECT_EQ(info.default_value.type, info.type);
    EXPECT_GT(std::strlen(info.doc), 0u);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"devices", "memory", "threads", "private_layout",
                                             "unsupported_ops", "poison"}));
  tn_option_info info{};
  info.struct_size = sizeof info;
  info.name = "left over";
  REFUSED(TN_NOT_FOUND, "index is out of range", t.backend_option_info(count, &info, &e));
  EXPECT_EQ(info.name, nullptr);
}

TEST_F(Entry, RefusesWrongOptions) {
  tn_backend* backend = nullptr;
  const auto create = [&](const std::vector<tn_option>& options) {
    backend = reinterpret_cast<tn_backend*>(&e);
    const tn_status status = t.backend_create(
        &test_host(), options.data(), static_cast<std::uint32_t>(options.size()), &backend, &e);
    EXPECT_EQ(backend, nullptr);
    return status;
  };
  REFUSED(TN_INVALID_ARGUMENT, "expected one of devices, memory",
          create({option("device", std::int64_t{1})}));
  REFUSED(TN_INVALID_ARGUMENT, "expected an integer; found a text",
          create({option("devices", "2")}));
  REFUSED(TN_INVALID_ARGUMENT, "expected 1..16; found 17",
          create({option("devices", std::int64_t{17})}));
  REFUSED(TN_INVALID_ARGUMENT, "twice",
          create({option("devices", std::int64_t{1}), option("devices", std::int64_t{1})}));
  REFUSED(TN_INVALID_ARGUMENT, "found \"4 gigs\"", create({option("memory", "4 gigs")}));
  REFUSED(TN_INVALID_ARGUMENT, "found \"99999999999TiB\"",
          create({option("memory", "99999999999TiB")}));
  REFUSED(TN_INVALID_ARGUMENT, "found \"0\"", create({option("memory", "0")}));
  REFUSED(TN_INVALID_ARGUMENT, "found \"liner\"",
          create({option("unsupported_ops", "rope, liner")}));
  REFUSED(TN_INVALID_ARGUMENT, "out of range", create({[] {
            tn_option bad = flag("poison", true);
            bad.value.as.integer = 2;
            return bad;
          }()}));
}

TEST_F(Entry, KeepsBackendsApart) {
  TestBackend one({option("devices", std::int64_t{3}), option("memory", "1MiB")});
  TestBackend two({option("memory", "2MiB")});
  std::uint32_t count = 0;
  OK(t.device_count(one.handle(), &count, &e));
  EXPECT_EQ(count, 3u);
  OK(t.device_count(two.handle(), &count, &e));
  EXPECT_EQ(count, 1u);
  tn_stream* failing = one.stream();
  enqueue_failing_op(one, failing);
  EXPECT_EQ(t.stream_synchronize(failing, &e), TN_STREAM_FAILED);
  one.buffer(512 * 1024);
  tn_device_memory memory{sizeof(tn_device_memory), 0, 0, 0};
  OK(t.device_memory(two.device(), &memory, &e));
  EXPECT_EQ(memory.total_bytes, 2u << 20);
  EXPECT_EQ(memory.free_bytes, 2u << 20);
  two.synchronize(two.stream());
}

TEST_F(Entry, DescribesItsDevices) {
  TestBackend backend({option("memory", "3MiB"), option("devices", std::int64_t{2})});
  tn_device_info info{};
  info.struct_size = sizeof info;
  OK(t.device_info(backend.handle(), 1, &info, &e));
  EXPECT_EQ(info.kind, static_cast<std::uint32_t>(TN_DEVICE_CPU));
  EXPECT_GT(std::strlen(info.name), 0u);
  EXPECT_EQ(info.memory_bytes, 3u << 20);
  EXPECT_EQ(info.preferred_activation_dtype, static_cast<std::uint32_t>(TN_DTYPE_F32));
  EXPECT_TRUE(info.capabilities & TN_CAN_RUN_EVERY_OP);
  REFUSED(TN_NOT_FOUND, "found 2", t.device_info(backend.handle(), 2, &info, &e));
  EXPECT_EQ(info.memory_bytes, 0u);
  tn_device* device = backend.device();
  REFUSED(TN_NOT_FOUND, "expected less than 2", t.device_open(backend.handle(), 9, &device, &e));
  EXPECT_EQ(device, nullptr);
}

}  // namespace
}  // namespace runtime_test
