#include "device/stream.hpp"

#include "device/buffer.hpp"
#include "device/device.hpp"
#include "device/event.hpp"
#include "device/graph.hpp"
#include "device/status.hpp"

namespace tenon {

Stream::Stream(std::shared_ptr<const DeviceState> device, tn_stream* handle)
    : device_(device), handle_(handle, {device, device->table()->stream_destroy, "stream"}) {}

void Stream::copy_to_device(std::span<const std::byte> source, const Buffer& destination,
                            uint64_t destination_offset) const {
  tn_error error;
  check(device_->table()->copy_h2d(get(), source.data(), destination.get(), destination_offset,
                                   source.size(), &error),
        error, "copy_h2d");
}

void Stream::copy_to_host(const Buffer& source, uint64_t source_offset,
                          std::span<std::byte> destination) const {
  tn_error error;
  check(device_->table()->copy_d2h(get(), source.get(), source_offset, destination.data(),
                                   destination.size(), &error),
        error, "copy_d2h");
}

void Stream::copy(const Buffer& source, uint64_t source_offset, const Buffer& destination,
                  uint64_t destination_offset, uint64_t size) const {
  tn_error error;
  check(device_->table()->copy_d2d(get(), source.get(), source_offset, destination.get(),
                                   destination_offset, size, &error),
        error, "copy_d2d");
}

void Stream::fill(const Buffer& buffer, uint64_t offset, uint64_t size, uint32_t pattern,
                  uint32_t pattern_size) const {
  tn_error error;
  check(device_->table()->fill(get(), buffer.get(), offset, size, pattern, pattern_size, &error),
        error, "fill");
}

tn_node Stream::enqueue(uint32_t op, const void* args, const tn_buffer_range& workspace) const {
  tn_node node = TN_NO_NODE;
  tn_error error;
  const tn_status status = device_->table()->op_enqueue(
      get(), op, args, workspace.buffer == nullptr ? nullptr : &workspace, &node, &error);
  if (status != TN_OK) {
    const OpInfo* info = find_op(op);
    check(status, error,
          std::string("op_enqueue ") + (info ? std::string(info->name) : std::to_string(op)));
  }
  return node;
}

void Stream::prefetch(const tn_tensor& tensor, uint64_t offset, uint64_t max_bytes) const {
  tn_error error;
  check(device_->table()->prefetch(get(), &tensor, offset, max_bytes, &error), error, "prefetch");
}

void Stream::record(const Event& event) const {
  tn_error error;
  check(device_->table()->event_record(event.get(), get(), &error), error, "event_record");
}

void Stream::wait(const Event& event) const {
  tn_error error;
  check(device_->table()->event_wait(get(), event.get(), &error), error, "event_wait");
}

void Stream::call_host(tn_host_function function, void* context) const {
  tn_error error;
  check(device_->table()->stream_call_host(get(), function, context, &error), error,
        "stream_call_host");
}

void Stream::begin_capture() const {
  tn_error error;
  check(device_->table()->graph_capture_begin(get(), &error), error, "graph_capture_begin");
}

Graph Stream::end_capture() const {
  tn_graph* handle = nullptr;
  tn_error error;
  check(device_->table()->graph_capture_end(get(), &handle, &error), error, "graph_capture_end");
  if (handle == nullptr) fail_run("graph_capture_end", "the plugin answered TN_OK without a graph");
  return {device_, handle};
}

void Stream::synchronize() const {
  tn_error error;
  check(device_->table()->stream_synchronize(get(), &error), error, "stream_synchronize");
}

bool Stream::done() const {
  bool done = false;
  tn_error error;
  check(device_->table()->stream_query(get(), &done, &error), error, "stream_query");
  return done;
}

}  // namespace tenon
