// The tn_host that the suite gives to a plugin: an allocator that is no malloc heap.
#pragma once

#include <tenon/plugin.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace tenon::conformance {

// Every block carries its size and alignment and guard bytes on both sides, so that memory released
// with another size, released twice, written past its end, or not from here is found (TN-ABI-14).
// Thread-safe. Faults are kept rather than thrown: the callers are the plugin's C code.
class SuiteHost {
 public:
  explicit SuiteHost(uint32_t version = 0);  // 0: the highest version the suite speaks
  ~SuiteHost();
  SuiteHost(const SuiteHost&) = delete;
  SuiteHost& operator=(const SuiteHost&) = delete;

  const tn_host& host() const { return host_; }
  // Bytes handed out and not yet released.
  uint64_t allocated_bytes() const;
  // Every misuse so far, one sentence each.
  std::vector<std::string> faults() const;
  // From now on allocate answers NULL after `count` more blocks.
  void refuse_after(uint64_t count);
  // Lines that the plugin logged.
  std::vector<std::string> log_lines() const;

 private:
  struct Block;
  static void* allocate(void* context, size_t size, size_t alignment);
  static void release(void* context, void* memory, size_t size, size_t alignment);
  static void log(void* context, uint32_t level, const char* component, const char* message,
                  size_t length);
  void note(std::string fault);

  tn_host host_{};
  mutable std::mutex mutex_;
  std::vector<Block> blocks_;
  std::vector<std::string> faults_;
  std::vector<std::string> lines_;
  uint64_t allocated_ = 0;
  uint64_t left_ = UINT64_MAX;
};

}  // namespace tenon::conformance
