#include "device/device.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <exception>

#include "device/buffer.hpp"
#include "device/event.hpp"
#include "device/status.hpp"
#include "device/stream.hpp"

namespace tenon {
namespace {

struct ProfileCollector {
  const std::function<void(const tn_profile_record&)>& sink;
  std::exception_ptr thrown;
};

// No exception crosses the plugin: the first one is kept and thrown when the plugin is done. What
// an older plugin does not have counts as zero.
void collect_record(void* context, const tn_profile_record* record) {
  auto* collector = static_cast<ProfileCollector*>(context);
  if (collector->thrown) return;
  try {
    tn_profile_record known{};
    std::memcpy(&known, record, std::min<size_t>(record->struct_size, sizeof known));
    collector->sink(known);
  } catch (...) {
    collector->thrown = std::current_exception();
  }
}

void add_free_memory(tn_error& error, const Device& device, uint64_t size) {
  tn_device_memory memory{};
  memory.struct_size = sizeof memory;
  tn_error ignored;
  if (device.table()->device_memory(device.get(), &memory, &ignored) != TN_OK) return;
  const std::string message = message_of(error);
  write_error(&error, error.code,
              fmt::format("{} (asked for {} bytes; device {} has {} of {} bytes free)", message,
                          size, device.index(), memory.free_bytes, memory.total_bytes));
}

}  // namespace

tn_device_memory Device::memory() const {
  tn_device_memory memory{};
  memory.struct_size = sizeof memory;
  tn_error error;
  check(table()->device_memory(get(), &memory, &error), error, "device_memory");
  return memory;
}

Buffer Device::allocate(uint64_t size, tn_memory_kind kind) const {
  tn_buffer* handle = nullptr;
  tn_error error;
  const tn_status status = table()->buffer_allocate(get(), kind, size, &handle, &error);
  if (status == TN_OUT_OF_MEMORY) add_free_memory(error, *this, size);
  check(status, error, "buffer_allocate");
  if (handle == nullptr) fail_run("buffer_allocate", "the plugin answered TN_OK without a buffer");
  return {state_, handle, size, kind};
}

Buffer Device::import_host(void* memory, uint64_t size) const {
  tn_buffer* handle = nullptr;
  tn_error error;
  check(table()->buffer_import_host(get(), memory, size, &handle, &error), error,
        "buffer_import_host");
  if (handle == nullptr) {
    fail_run("buffer_import_host", "the plugin answered TN_OK without a buffer");
  }
  return {state_, handle, size, TN_MEMORY_SHARED};
}

Stream Device::create_stream(const std::string& name) const {
  tn_stream_desc desc{};
  desc.struct_size = sizeof desc;
  desc.name = name.empty() ? nullptr : name.c_str();
  tn_stream* handle = nullptr;
  tn_error error;
  check(table()->stream_create(get(), &desc, &handle, &error), error, "stream_create");
  if (handle == nullptr) fail_run("stream_create", "the plugin answered TN_OK without a stream");
  return {state_, handle};
}

Event Device::create_event() const {
  tn_event* handle = nullptr;
  tn_error error;
  check(table()->event_create(get(), &handle, &error), error, "event_create");
  if (handle == nullptr) fail_run("event_create", "the plugin answered TN_OK without an event");
  return {state_, handle};
}

OpSupport Device::query(uint32_t op, const void* args) const {
  tn_op_support answer{};
  answer.struct_size = sizeof answer;
  tn_error error;
  check(table()->op_query(get(), op, args, &answer, &error), error, "op_query");
  answer.reason[sizeof answer.reason - 1] = '\0';
  return {answer.supported != 0, answer.capturable != 0, answer.workspace_bytes,
          answer.copied_bytes,   answer.reason,          answer.estimated_ns};
}

tn_layout_answer Device::layout_for(tn_tensor_role role, const tn_tensor& tensor,
                                    const std::vector<tn_layout_use>& uses) const {
  tn_layout_answer answer{};
  answer.struct_size = sizeof answer;
  answer.layout = TN_LAYOUT_ROW_MAJOR;
  answer.storage_bytes = tensor.storage_bytes;
  if (!table().offers("layout_for")) return answer;
  tn_layout_request request{};
  request.struct_size = sizeof request;
  request.role = role;
  request.tensor = &tensor;
  request.uses = uses.data();
  request.use_count = static_cast<uint32_t>(uses.size());
  tn_error error;
  check(table()->layout_for(get(), &request, &answer, &error), error, "layout_for");
  return answer;
}

void Device::start_profiling() const {
  tn_error error;
  check(table()->profiling_start(get(), &error), error, "profiling_start");
}

void Device::stop_profiling(const std::function<void(const tn_profile_record&)>& sink) const {
  ProfileCollector collector{sink, nullptr};
  tn_error error;
  const tn_status status = table()->profiling_stop(get(), collect_record, &collector, &error);
  if (collector.thrown) std::rethrow_exception(collector.thrown);
  check(status, error, "profiling_stop");
}

}  // namespace tenon
