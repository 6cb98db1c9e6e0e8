// A backend of the plugin under test, and everything that a test makes from it.
#pragma once

#include <tenon/device_api.h>

#include <cstdint>
#include <string>
#include <vector>

#include "device/option.hpp"
#include "device/table.hpp"

namespace tenon::conformance {

class PluginFile;

// As backend_create takes it; its texts are those of `option`.
tn_option to_option(const Option& option);

// Makes objects through the table and destroys what is left at its end, children first; a call that
// fails on the way is TestFailure with the rule that promises it. finish() checks what destroying
// answers and that nothing is left allocated; without it the destructor cleans up silently.
class Subject {
 public:
  Subject(const PluginFile& plugin, const std::vector<Option>& options);
  ~Subject();
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  const tn_device_table& table() const { return table_.get(); }
  // Whether the plugin has an optional slot: it fills it, and with more than a function that answers
  // TN_UNIMPLEMENTED, which is the same as leaving it empty. The slots behind a capability bit are
  // judged by that bit, so of these only the filling is looked at.
  bool offers(std::string_view slot);
  tn_backend* backend() { return backend_; }
  uint32_t device_count() const { return static_cast<uint32_t>(devices_.size()); }
  tn_device_info device_info(uint32_t index = 0) const;
  bool can(uint64_t capability, uint32_t index = 0) const;

  // Opened on first use.
  tn_device* device(uint32_t index = 0);
  tn_stream* stream(const char* name = "main", uint32_t device = 0);
  tn_event* event(uint32_t device = 0);
  tn_buffer* buffer(uint64_t size, tn_memory_kind kind = TN_MEMORY_DEVICE, uint32_t device = 0);
  std::vector<tn_communicator*> communicators(uint32_t count);
  // Takes over a handle that the test made itself.
  void keep(tn_graph* graph) { graphs_.push_back(graph); }
  void keep(tn_buffer* buffer) { buffers_.push_back(buffer); }
  void keep(tn_stream* stream) { streams_.push_back(stream); }
  void keep(tn_event* event) { events_.push_back(event); }

  // A device buffer that holds these values; complete when it returns.
  template <class T>
  tn_buffer* filled(const std::vector<T>& values, uint32_t device = 0) {
    return filled_bytes(values.data(), values.size() * sizeof(T), device);
  }
  tn_buffer* filled_bytes(const void* bytes, uint64_t size, uint32_t device = 0);
  // What a buffer holds, read on a stream of its own: whatever writes it must have passed.
  template <class T>
  std::vector<T> values(tn_buffer* buffer, size_t count, uint32_t device = 0, uint64_t offset = 0) {
    std::vector<T> result(count);
    read_bytes(buffer, offset, result.data(), count * sizeof(T), device);
    return result;
  }
  void read_bytes(tn_buffer* buffer, uint64_t offset, void* out, uint64_t size,
                  uint32_t device = 0);
  void write_bytes(tn_buffer* buffer, uint64_t offset, const void* bytes, uint64_t size,
                   uint32_t device = 0);

  void synchronize(tn_stream* stream);
  bool done(tn_stream* stream);
  bool done(tn_event* event);

  // Destroys early.
  void destroy(tn_stream* stream);
  void destroy(tn_event* event);
  void destroy(tn_buffer* buffer);
  void destroy(tn_graph* graph);
  void destroy(tn_communicator* communicator);

  // Destroys everything. Throws TestFailure where a call fails or memory of the host's allocator is
  // not given back.
  void finish();

 private:
  void destroy_all(bool report);

  const PluginFile& plugin_;
  const DeviceTable& table_;
  uint64_t allocated_before_;
  tn_backend* backend_ = nullptr;
  std::vector<tn_device*> devices_;  // NULL: not open
  std::vector<tn_stream*> streams_;
  std::vector<tn_event*> events_;
  std::vector<tn_buffer*> buffers_;
  std::vector<tn_graph*> graphs_;
  std::vector<tn_communicator*> communicators_;
};

}  // namespace tenon::conformance
