// The host's services (tn_host) for C++.
#pragma once

#include <cstddef>
#include <string_view>

#include <tenon/plugin.h>
#include <tenon/plugin/failure.hpp>

namespace tenon::plugin {

// Allocator and log of the host. A cheap copy; valid as long as the backend it was given to. All
// members may be called from any thread.
class Host {
 public:
  explicit Host(const tn_host* host) : host_(host) {
    if (host == nullptr) throw Failure(TN_INVALID_ARGUMENT, "[host] host is NULL");
    if (host->struct_size < sizeof(tn_host)) {
      throw Failure(TN_INVALID_ARGUMENT, "[host] struct_size is too small; expected at least " +
                                             std::to_string(sizeof(tn_host)) + "; found " +
                                             std::to_string(host->struct_size));
    }
  }

  // Returns nullptr when the host has no memory left. `alignment` is a power of two.
  void* allocate(std::size_t size, std::size_t alignment) const noexcept {
    return host_->allocate(host_->context, size, alignment);
  }
  // `size` and `alignment` as they were allocated.
  void release(void* memory, std::size_t size, std::size_t alignment) const noexcept {
    host_->release(host_->context, memory, size, alignment);
  }
  // `component` is NUL-terminated.
  void log(tn_log_level level, const char* component, std::string_view message) const noexcept {
    host_->log(host_->context, level, component, message.data(), message.size());
  }

 private:
  const tn_host* host_;
};

}  // namespace tenon::plugin
