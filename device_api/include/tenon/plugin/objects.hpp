// The base classes of a backend: one for each kind of handle. Override what the device does; what
// is left answers TN_UNIMPLEMENTED, an op that is left answers "unsupported".
//
// A slot that creates something takes the unique_ptr returned here and gives the host its handle;
// the matching destroy slot deletes the object. Every function may throw Failure or any other
// exception: the caller gets it as a tn_error. Arguments were checked as far as the contract alone
// allows: pointers, struct sizes, ranges within buffers, flags. Threads: as device_api.h says.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <tenon/device_api.h>
#include <tenon/plugin/failure.hpp>
#include <tenon/plugin/support.hpp>

namespace tenon::plugin {

[[noreturn]] inline void unimplemented(const char* what) {
  throw Failure(TN_UNIMPLEMENTED, std::string("[") + what + "] this backend does not implement it");
}

// Objects are referred to by address: no copies, no moves.
class Object {
 public:
  Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;
};

class Buffer : public Object {
 public:
  virtual std::uint64_t size() const = 0;  // bytes, as allocated or imported
  virtual void* host_pointer() { unimplemented("buffer_host_pointer"); }
};

// A range of a buffer that an op may use while it runs; no buffer: none was passed.
struct Workspace {
  Buffer* buffer = nullptr;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

class Event : public Object {
 public:
  virtual void synchronize() = 0;
  virtual bool query() = 0;  // whether the latest record has completed
  // Nanoseconds from the completed record of `begin` to that of this event.
  virtual std::int64_t elapsed_since(Event& begin) {
    static_cast<void>(begin);
    unimplemented("event_elapsed");
  }
};

class Graph : public Object {
 public:
  // `args` has this header's size; its host arrays belong to the caller.
  virtual void update(tn_node node, std::uint32_t op, const void* args) = 0;
};

class Communicator : public Object {};

class Stream : public Object {
 public:
  virtual void copy_h2d(const void* source, Buffer& destination, std::uint64_t offset,
                        std::uint64_t size) = 0;
  virtual void copy_d2h(Buffer& source, std::uint64_t offset, void* destination,
                        std::uint64_t size) = 0;
  virtual void copy_d2d(Buffer& source, std::uint64_t source_offset, Buffer& destination,
                        std::uint64_t destination_offset, std::uint64_t size) = 0;
  virtual void fill(Buffer& buffer, std::uint64_t offset, std::uint64_t size, std::uint32_t pattern,
                    std::uint32_t pattern_size) = 0;

  virtual void synchronize() = 0;
  virtual bool query() = 0;  // whether all work enqueued so far has passed
  virtual void record(Event& event) = 0;
  virtual void wait(Event& event) = 0;

  // Any op. `args` has this header's size and dies with the call. The default calls enqueue_<op>
  // and returns TN_NO_NODE; a backend with a task queue of its own overrides this one instead.
  virtual tn_node enqueue_op(std::uint32_t op, const void* args, const Workspace& workspace) {
    switch (op) {
#define TN_OP(id, name, op_class, since_major, since_minor)                 \
  case id:                                                                  \
    enqueue_##name(*static_cast<const tn_##name##_args*>(args), workspace); \
    return TN_NO_NODE;
#include <tenon/ops.def>
      default:
        throw Failure(TN_UNSUPPORTED, "[op] unknown op " + std::to_string(op));
    }
  }
#define TN_OP(id, name, op_class, since_major, since_minor)                               \
  virtual void enqueue_##name(const tn_##name##_args& args, const Workspace& workspace) { \
    static_cast<void>(args);                                                              \
    static_cast<void>(workspace);                                                         \
    throw Failure(TN_UNSUPPORTED, "[" #name "] this backend does not have this op");      \
  }
#include <tenon/ops.def>

  virtual void call_host(tn_host_function function, void* context) {
    static_cast<void>(function);
    static_cast<void>(context);
    unimplemented("stream_call_host");
  }
  // bytes > 0; offset + bytes lie in the tensor's storage.
  virtual void prefetch(const tn_tensor& tensor, std::uint64_t offset, std::uint64_t bytes) {
    static_cast<void>(tensor);
    static_cast<void>(offset);
    static_cast<void>(bytes);
    unimplemented("prefetch");
  }
  virtual void begin_capture() {
    unimplemented("graph_capture_begin");
  }
  virtual std::unique_ptr<Graph> end_capture() {
    unimplemented("graph_capture_end");
  }
  virtual void launch(Graph& graph) {
    static_cast<void>(graph);
    unimplemented("graph_launch");
  }
};

// tn_profile_record with its texts owned.
struct ProfileRecord {
  std::uint32_t op = TN_OP_none;
  std::string what;
  std::string stream_name;
  std::string engine;
  std::uint64_t sequence_number = 0;
  std::uint64_t begin_ns = 0;
  std::uint64_t end_ns = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t cache_hit_bytes = 0;
  std::uint64_t copy_ns = 0;
  std::uint64_t host_begin_ns = 0;
  std::uint64_t host_end_ns = 0;
  std::uint64_t compute_ns = 0;
  std::uint64_t late_bytes = 0;
};

class Device : public Object {
 public:
  virtual tn_device_memory memory() = 0;  // struct_size need not be set
  virtual std::unique_ptr<Buffer> allocate(tn_memory_kind kind, std::uint64_t size) = 0;
  virtual std::unique_ptr<Buffer> import_host(void* memory, std::uint64_t size) {
    static_cast<void>(memory);
    static_cast<void>(size);
    unimplemented("buffer_import_host");
  }
  // `name` is "" when the host gave none.
  virtual std::unique_ptr<Stream> create_stream(const std::string& name) = 0;
  virtual std::unique_ptr<Event> create_event() = 0;

  // Any op; the default calls query_<op>. Looks at no buffer, communicator or host array.
  virtual Support query_op(std::uint32_t op, const void* args) {
    switch (op) {
#define TN_OP(id, name, op_class, since_major, since_minor) \
  case id:                                                  \
    return query_##name(*static_cast<const tn_##name##_args*>(args));
#include <tenon/ops.def>
      default:
        return Support::no("no op has the id " + std::to_string(op));
    }
  }
#define TN_OP(id, name, op_class, since_major, since_minor)    \
  virtual Support query_##name(const tn_##name##_args& args) { \
    static_cast<void>(args);                                   \
    return Support::no("this backend has no " #name);          \
  }
#include <tenon/ops.def>

  // struct_size of the answer need not be set.
  virtual tn_layout_answer layout_for(const tn_layout_request& request) {
    static_cast<void>(request);
    unimplemented("layout_for");
  }
  // One communicator for each rank, in the order of `ranks`; this device is rank 0. The others may
  // be of another backend: refuse those.
  virtual std::vector<std::unique_ptr<Communicator>> create_communicators(
      std::span<Device* const> ranks) {
    static_cast<void>(ranks);
    unimplemented("communicator_create");
  }
  virtual void start_profiling() {
    unimplemented("profiling_start");
  }
  // In order of begin_ns.
  virtual std::vector<ProfileRecord> stop_profiling() {
    unimplemented("profiling_stop");
  }
};

class Backend : public Object {
 public:
  virtual std::uint32_t device_count() = 0;
  virtual tn_device_info device_info(std::uint32_t index) = 0;  // struct_size need not be set
  virtual std::unique_ptr<Device> open_device(std::uint32_t index) = 0;
};

}  // namespace tenon::plugin
