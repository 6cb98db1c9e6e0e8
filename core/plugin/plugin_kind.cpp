#include "plugin/plugin_kind.hpp"

#include <tenon/device_api.h>

#include <algorithm>
#include <new>

#include "base/log.hpp"

namespace tenon {
namespace {

void* allocate(void*, size_t size, size_t alignment) {
  return ::operator new (size, std::align_val_t{alignment}, std::nothrow);
}

void release(void*, void* memory, size_t, size_t alignment) {
  ::operator delete (memory, std::align_val_t{alignment}, std::nothrow);
}

LogLevel to_level(uint32_t level) {
  return static_cast<LogLevel>(std::min(level, static_cast<uint32_t>(TN_LOG_ERROR)));
}

// Called from C: nothing may be thrown, and a line that cannot be written is dropped.
void write_log(void*, uint32_t level, const char* component, const char* message, size_t length) {
  try {
    log(to_level(level), component == nullptr ? "plugin" : component,
        message == nullptr ? std::string_view() : std::string_view(message, length));
  } catch (...) {
    return;
  }
}

}  // namespace

const PluginKind& device_plugins() {
  static const PluginKind kind{TN_PLUGIN_DEVICE, "device", TN_DEVICE_API_VERSION, device_slots()};
  return kind;
}

tn_host host_services(const PluginKind& kind) {
  tn_host host{};
  host.struct_size = sizeof host;
  host.version = kind.version;
  host.allocate = allocate;
  host.release = release;
  host.log = write_log;
  return host;
}

std::string version_text(uint32_t version) {
  return std::to_string(TN_VERSION_MAJOR(version)) + "." +
         std::to_string(TN_VERSION_MINOR(version));
}

}  // namespace tenon
