#include "subject/suite_host.hpp"

#include <tenon/device_api.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace tenon::conformance {

namespace {
constexpr size_t guard_bytes = 64;
constexpr unsigned char guard = 0xd7;
constexpr unsigned char released_fill = 0xdd;
}  // namespace

struct SuiteHost::Block {
  unsigned char* base;  // of the malloc block
  unsigned char* memory;
  size_t size;
  size_t alignment;
};

SuiteHost::SuiteHost(uint32_t version) {
  host_.struct_size = sizeof host_;
  host_.version = version == 0 ? TN_DEVICE_API_VERSION : version;
  host_.context = this;
  host_.allocate = allocate;
  host_.release = release;
  host_.log = log;
}

SuiteHost::~SuiteHost() {
  for (const Block& block : blocks_)
    std::free(block.base);
}

uint64_t SuiteHost::allocated_bytes() const {
  const std::lock_guard lock(mutex_);
  return allocated_;
}

std::vector<std::string> SuiteHost::faults() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}

void SuiteHost::refuse_after(uint64_t count) {
  const std::lock_guard lock(mutex_);
  left_ = count;
}

std::vector<std::string> SuiteHost::log_lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

void SuiteHost::note(std::string fault) {
  faults_.push_back(std::move(fault));
}

void* SuiteHost::allocate(void* context, size_t size, size_t alignment) {
  auto& self = *static_cast<SuiteHost*>(context);
  const std::lock_guard lock(self.mutex_);
  if (alignment == 0 || (alignment & (alignment - 1)) != 0) {
    self.note(fmt::format("allocate({}, {}): the alignment is no power of two", size, alignment));
    return nullptr;
  }
  constexpr size_t most = size_t{1} << 40;
  if (self.left_ == 0 || size > most) return nullptr;
  const size_t front = std::max(guard_bytes, alignment);
  const size_t total = (front + size + guard_bytes + alignment - 1) / alignment * alignment;
  auto* base = static_cast<unsigned char*>(
      std::aligned_alloc(std::max<size_t>(alignment, 16), (total + 15) / 16 * 16));
  if (base == nullptr) return nullptr;
  if (self.left_ != UINT64_MAX) --self.left_;
  unsigned char* memory = base + front;
  std::memset(memory - guard_bytes, guard, guard_bytes);
  std::memset(memory + size, guard, guard_bytes);
  self.blocks_.push_back({base, memory, size, alignment});
  self.allocated_ += size;
  return memory;
}

void SuiteHost::release(void* context, void* memory, size_t size, size_t alignment) {
  auto& self = *static_cast<SuiteHost*>(context);
  const std::lock_guard lock(self.mutex_);
  if (memory == nullptr) return;
  const auto block = std::find_if(self.blocks_.begin(), self.blocks_.end(),
                                  [&](const Block& one) { return one.memory == memory; });
  if (block == self.blocks_.end()) {
    self.note(fmt::format("release of {} bytes that allocate did not hand out, or twice", size));
    return;
  }
  if (block->size != size || block->alignment != alignment) {
    self.note(fmt::format("release({}, {}) of a block allocated with ({}, {})", size, alignment,
                          block->size, block->alignment));
  }
  const auto intact = [](const unsigned char* from) {
    return std::all_of(from, from + guard_bytes, [](unsigned char byte) { return byte == guard; });
  };
  if (!intact(block->memory - guard_bytes) || !intact(block->memory + block->size)) {
    self.note(fmt::format("bytes beside a block of {} bytes were written", block->size));
  }
  self.allocated_ -= block->size;
  std::memset(block->memory, released_fill, block->size);
  std::free(block->base);
  self.blocks_.erase(block);
}

void SuiteHost::log(void* context, uint32_t level, const char* component, const char* message,
                    size_t length) {
  auto& self = *static_cast<SuiteHost*>(context);
  const std::lock_guard lock(self.mutex_);
  self.lines_.push_back(
      fmt::format("{} {}: {}", level, component == nullptr ? "" : component,
                  std::string(message == nullptr ? "" : message, message == nullptr ? 0 : length)));
}

}  // namespace tenon::conformance
