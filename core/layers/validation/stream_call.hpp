// What the slots that enqueue work have in common.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "layers/validation/capture.hpp"
#include "layers/validation/layer_state.hpp"
#include "layers/validation/tracking.hpp"

namespace tenon::validation {

// A call on a stream: the layer is locked until unlock(), the stream is this thread's until the
// object goes. Violates known_handle, lost_device, one_thread.
struct StreamCall {
  StreamCall(tn_stream* handle, const char* call)
      : layer(owner_of(handle, Kind::stream, call)),
        lock_(layer.mutex),
        stream(layer.get<StreamObject>(handle, Kind::stream, call)),
        busy_(stream->busy, *stream, call) {
    check_not_lost(device_of(*stream), call);
  }

  tn_stream* below() const { return static_cast<tn_stream*>(stream->next); }
  DeviceObject& device() const { return device_of(*stream); }
  void unlock() { lock_.unlock(); }

  // After the call below: notes the work if it was taken. Returns `status`.
  tn_status finish_work(tn_status status, const std::vector<std::shared_ptr<UsedObject>>& used) {
    layer.noted(status, device());
    if (status != TN_OK) return status;
    const std::lock_guard relock(layer.mutex);
    if (stream->capture != nullptr) {
      add_node(*stream, used);
    } else {
      enqueue_work(stream, used);
    }
    return status;
  }

  ValidationLayer& layer;

 private:
  std::unique_lock<std::mutex> lock_;

 public:
  const std::shared_ptr<StreamObject> stream;

 private:
  Busy busy_;
};

// Bytes [offset, offset + size) are written: what was in a private layout there is no more.
void forget_regions(BufferObject& buffer, uint64_t offset, uint64_t size);

// buffer_free and communicator_destroy: violates free_when_idle and outlives_graph, and then keeps
// the object below until its device is closed.
template <class T>
tn_status destroy_used(T* handle, const char* call, tn_error* error) {
  ValidationLayer& layer = owner_of(handle, kind_of<T>, call);
  std::unique_lock lock(layer.mutex);
  const auto object = layer.get_to_destroy<UsedObject>(handle, kind_of<T>, call);
  layer.handles.remove(*object);
  const auto stream = stream_in_flight(*object);
  const auto capture = object->capture.lock();
  const bool in_capture = capture != nullptr && capture->open;
  const bool in_graph = !object->graphs.empty() || in_capture;
  lock.unlock();
  if (stream == nullptr && !in_graph) return layer.destroy(object, error);
  layer.condemn_until_device(object);
  if (stream != nullptr) {
    violate(rules::free_when_idle, call,
            object->text() + " is used by work in flight on " + stream->text(),
            "synchronising with that work first");
  }
  violate(rules::outlives_graph, call,
          object->text() + (in_capture ? " is used by an open capture" : " is used by a graph"),
          "destroying the graph first");
}

}  // namespace tenon::validation
