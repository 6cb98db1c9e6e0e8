// An in-order queue of a device.
#pragma once

#include <tenon/device_api.h>

#include <cstddef>
#include <memory>
#include <span>

#include "device/handle.hpp"
#include "device/op_table.hpp"

namespace tenon {

struct DeviceState;
class Buffer;
class Event;
class Graph;

// Move-only. Used by one thread at a time, except synchronize() and done(). Enqueueing returns
// without waiting for earlier work. After a failure every call throws DeviceError with
// TN_STREAM_FAILED; destroy the stream then. The destructor waits for pending work.
class Stream {
 public:
  // Takes over `handle`, made on `device`.
  Stream(std::shared_ptr<const DeviceState> device, tn_stream* handle);

  // Copies in stream order; offsets in bytes. `source` of a copy to the device may be reused when
  // the call returns, unless it lies in PINNED memory; `destination` of a copy to the host must
  // stay valid until the stream has passed the copy.
  void copy_to_device(std::span<const std::byte> source, const Buffer& destination,
                      uint64_t destination_offset = 0) const;
  void copy_to_host(const Buffer& source, uint64_t source_offset,
                    std::span<std::byte> destination) const;
  void copy(const Buffer& source, uint64_t source_offset, const Buffer& destination,
            uint64_t destination_offset, uint64_t size) const;
  // Repeats the low `pattern_size` (1, 2, 4) bytes of `pattern`.
  void fill(const Buffer& buffer, uint64_t offset, uint64_t size, uint32_t pattern,
            uint32_t pattern_size) const;

  // Enqueues one op. During capture returns the node, else TN_NO_NODE.
  tn_node enqueue(uint32_t op, const void* args, const tn_buffer_range& workspace = {}) const;
  template <class Args>
  tn_node enqueue(const Args& args, const tn_buffer_range& workspace = {}) const {
    return enqueue(op_of<Args>, &args, workspace);
  }

  // A hint: up to `max_bytes` of the tensor's storage from `offset` on go into the cache.
  void prefetch(const tn_tensor& tensor, uint64_t offset, uint64_t max_bytes) const;

  void record(const Event& event) const;
  void wait(const Event& event) const;
  // `function` runs on a thread of the backend and must not call the device API.
  void call_host(tn_host_function function, void* context) const;

  void begin_capture() const;
  Graph end_capture() const;

  void synchronize() const;
  bool done() const;

  tn_stream* get() const { return handle_.get(); }

 private:
  std::shared_ptr<const DeviceState> device_;
  Handle<tn_stream> handle_;
};

}  // namespace tenon
