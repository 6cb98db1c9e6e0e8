// What the host offers to a plugin.
#include <gtest/gtest.h>
#include <tenon/device_api.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/log.hpp"
#include "plugin/plugin_kind.hpp"

namespace tenon {
namespace {

TEST(HostServices, SayTheVersionAndTheirSize) {
  const tn_host host = host_services(device_plugins());
  EXPECT_EQ(host.struct_size, sizeof(tn_host));
  EXPECT_EQ(host.version, static_cast<uint32_t>(TN_DEVICE_API_VERSION));
  EXPECT_EQ(version_text(TN_VERSION(1, 12)), "1.12");
}

TEST(HostServices, AllocateAligned) {
  const tn_host host = host_services(device_plugins());
  for (size_t alignment = 1; alignment <= 4096; alignment *= 2) {
    void* memory = host.allocate(host.context, 100, alignment);
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % alignment, 0u);
    std::memset(memory, 1, 100);
    host.release(host.context, memory, 100, alignment);
  }
}

TEST(HostServices, LogLinesReachTheHostsLog) {
  const auto path = std::filesystem::path(testing::TempDir()) / "host_services.log";
  std::filesystem::remove(path);
  configure_log(LogLevel::warning, path);
  const tn_host host = host_services(device_plugins());
  host.log(host.context, TN_LOG_WARNING, "c_backend", "careful, and more", 7);
  host.log(host.context, TN_LOG_DEBUG, "c_backend", "hidden", 6);
  host.log(host.context, 99, "c_backend", "unknown level", 13);
  configure_log(LogLevel::warning);
  std::ifstream file(path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_NE(text.find("c_backend: careful\n"), std::string::npos) << text;
  EXPECT_NE(text.find("[error] c_backend: unknown level"), std::string::npos) << text;
  EXPECT_EQ(text.find("hidden"), std::string::npos) << text;
}

}  // namespace
}  // namespace tenon
