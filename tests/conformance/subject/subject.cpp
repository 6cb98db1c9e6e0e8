#include "subject/subject.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "framework/outcome.hpp"
#include "subject/plugin_file.hpp"
#include "subject/suite_host.hpp"

namespace tenon::conformance {
namespace {

template <class Handle>
void forget(std::vector<Handle*>& handles, Handle* handle) {
  handles.erase(std::remove(handles.begin(), handles.end(), handle), handles.end());
}

template <class Handle>
void destroy_one(Handle* handle, tn_status (*destroy)(Handle*, tn_error*), const char* call,
                 bool report) {
  tn_error error{};
  const tn_status status = destroy(handle, &error);
  if (report) check_ok("TN-HOST-2", call, status, error);
}

template <class Handle>
void destroy_each(std::vector<Handle*>& handles, tn_status (*destroy)(Handle*, tn_error*),
                  const char* call, bool report) {
  while (!handles.empty()) {
    Handle* handle = handles.back();
    handles.pop_back();
    if (handle != nullptr) destroy_one(handle, destroy, call, report);
  }
}

}  // namespace

tn_option to_option(const Option& option) {
  tn_option made{};
  made.name = option.name.c_str();
  if (const auto* truth = std::get_if<bool>(&option.value)) {
    made.value.type = TN_VALUE_BOOLEAN;
    made.value.as.integer = *truth ? 1 : 0;
  } else if (const auto* integer = std::get_if<int64_t>(&option.value)) {
    made.value.type = TN_VALUE_INTEGER;
    made.value.as.integer = *integer;
  } else if (const auto* number = std::get_if<double>(&option.value)) {
    made.value.type = TN_VALUE_NUMBER;
    made.value.as.number = *number;
  } else {
    made.value.type = TN_VALUE_TEXT;
    made.value.as.text = std::get<std::string>(option.value).c_str();
  }
  return made;
}

Subject::Subject(const PluginFile& plugin, const std::vector<Option>& options)
    : plugin_(plugin), table_(plugin.table()), allocated_before_(plugin.host().allocated_bytes()) {
  std::vector<tn_option> given;
  given.reserve(options.size());
  for (const Option& option : options)
    given.push_back(to_option(option));
  tn_error error{};
  check_ok("TN-OPT-4", "backend_create",
           table_->backend_create(&plugin.host().host(), given.data(),
                                  static_cast<uint32_t>(given.size()), &backend_, &error),
           error);
  check(backend_ != nullptr, "TN-ERR-4", "backend_create answered TN_OK", "a handle", "NULL");
  uint32_t count = 0;
  check_ok("TN-DEV-2", "device_count", table_->device_count(backend_, &count, &error), error);
  devices_.assign(count, nullptr);
}

Subject::~Subject() {
  destroy_all(false);
}

tn_device_info Subject::device_info(uint32_t index) const {
  tn_device_info info{};
  info.struct_size = sizeof info;
  tn_error error{};
  check_ok("TN-DEV-1", "device_info", table_->device_info(backend_, index, &info, &error), error);
  return info;
}

bool Subject::can(uint64_t capability, uint32_t index) const {
  return (device_info(index).capabilities & capability) == capability;
}

bool Subject::offers(std::string_view slot) {
  if (!table_.offers(slot)) return false;
  tn_error error{};
  if (slot == "event_elapsed") {
    tn_event* begin = event();
    tn_event* end = event();
    int64_t nanoseconds = 0;
    const tn_status status = table_->event_elapsed(begin, end, &nanoseconds, &error);
    destroy(begin);
    destroy(end);
    return status != TN_UNIMPLEMENTED;
  }
  if (slot == "layout_for") {
    tn_tensor weight{};
    weight.storage_bytes = sizeof(float);
    weight.dtype = TN_DTYPE_F32;
    weight.rank = 2;
    weight.shape[0] = weight.shape[1] = weight.strides[0] = weight.strides[1] = 1;
    const tn_layout_use use{TN_OP_linear, 1, 0, 0};
    tn_layout_request request{sizeof request, TN_ROLE_WEIGHT, &weight, &use, 1, 0};
    tn_layout_answer answer{};
    answer.struct_size = sizeof answer;
    return table_->layout_for(device(), &request, &answer, &error) != TN_UNIMPLEMENTED;
  }
  return true;
}

tn_device* Subject::device(uint32_t index) {
  check(index < devices_.size(), "TN-DEV-2", "device_open", fmt::format("a device {}", index),
        fmt::format("{} devices", devices_.size()));
  if (devices_[index] == nullptr) {
    tn_error error{};
    check_ok("TN-DEV-2", "device_open",
             table_->device_open(backend_, index, &devices_[index], &error), error);
  }
  return devices_[index];
}

tn_stream* Subject::stream(const char* name, uint32_t index) {
  tn_stream_desc desc{};
  desc.struct_size = sizeof desc;
  desc.name = name;
  tn_stream* made = nullptr;
  tn_error error{};
  check_ok("TN-STR-4", "stream_create", table_->stream_create(device(index), &desc, &made, &error),
           error);
  check(made != nullptr, "TN-ERR-4", "stream_create answered TN_OK", "a handle", "NULL");
  streams_.push_back(made);
  return made;
}

tn_event* Subject::event(uint32_t index) {
  tn_event* made = nullptr;
  tn_error error{};
  check_ok("TN-EVT-1", "event_create", table_->event_create(device(index), &made, &error), error);
  check(made != nullptr, "TN-ERR-4", "event_create answered TN_OK", "a handle", "NULL");
  events_.push_back(made);
  return made;
}

tn_buffer* Subject::buffer(uint64_t size, tn_memory_kind kind, uint32_t index) {
  tn_buffer* made = nullptr;
  tn_error error{};
  check_ok("TN-MEM-3", fmt::format("buffer_allocate of {} bytes", size),
           table_->buffer_allocate(device(index), kind, size, &made, &error), error);
  check(made != nullptr, "TN-ERR-4", "buffer_allocate answered TN_OK", "a handle", "NULL");
  buffers_.push_back(made);
  return made;
}

std::vector<tn_communicator*> Subject::communicators(uint32_t count) {
  std::vector<tn_device*> devices;
  for (uint32_t i = 0; i < count; ++i)
    devices.push_back(device(i));
  std::vector<tn_communicator*> made(count, nullptr);
  tn_error error{};
  check_ok("TN-COMM-1", "communicator_create",
           table_->communicator_create(devices.data(), count, made.data(), &error), error);
  communicators_.insert(communicators_.end(), made.begin(), made.end());
  return made;
}

tn_buffer* Subject::filled_bytes(const void* bytes, uint64_t size, uint32_t index) {
  tn_buffer* made = buffer(size, TN_MEMORY_DEVICE, index);
  write_bytes(made, 0, bytes, size, index);
  return made;
}

void Subject::write_bytes(tn_buffer* buffer, uint64_t offset, const void* bytes, uint64_t size,
                          uint32_t index) {
  tn_stream* upload = stream("upload", index);
  tn_error error{};
  check_ok("TN-COPY-4", "copy_h2d", table_->copy_h2d(upload, bytes, buffer, offset, size, &error),
           error);
  synchronize(upload);
  destroy(upload);
}

void Subject::read_bytes(tn_buffer* buffer, uint64_t offset, void* out, uint64_t size,
                         uint32_t index) {
  tn_stream* download = stream("download", index);
  tn_error error{};
  check_ok("TN-COPY-4", "copy_d2h", table_->copy_d2h(download, buffer, offset, out, size, &error),
           error);
  synchronize(download);
  destroy(download);
}

void Subject::synchronize(tn_stream* stream) {
  tn_error error{};
  check_ok("TN-STR-5", "stream_synchronize", table_->stream_synchronize(stream, &error), error);
}

bool Subject::done(tn_stream* stream) {
  bool done = false;
  tn_error error{};
  check_ok("TN-STR-6", "stream_query", table_->stream_query(stream, &done, &error), error);
  return done;
}

bool Subject::done(tn_event* event) {
  bool done = false;
  tn_error error{};
  check_ok("TN-EVT-6", "event_query", table_->event_query(event, &done, &error), error);
  return done;
}

void Subject::destroy(tn_stream* stream) {
  forget(streams_, stream);
  destroy_one(stream, table_->stream_destroy, "stream_destroy", true);
}

void Subject::destroy(tn_event* event) {
  forget(events_, event);
  destroy_one(event, table_->event_destroy, "event_destroy", true);
}

void Subject::destroy(tn_buffer* buffer) {
  forget(buffers_, buffer);
  destroy_one(buffer, table_->buffer_free, "buffer_free", true);
}

void Subject::destroy(tn_graph* graph) {
  forget(graphs_, graph);
  destroy_one(graph, table_->graph_destroy, "graph_destroy", true);
}

void Subject::destroy(tn_communicator* communicator) {
  forget(communicators_, communicator);
  destroy_one(communicator, table_->communicator_destroy, "communicator_destroy", true);
}

void Subject::destroy_all(bool report) {
  if (backend_ == nullptr) return;
  destroy_each(streams_, table_->stream_destroy, "stream_destroy", report);
  destroy_each(graphs_, table_->graph_destroy, "graph_destroy", report);
  destroy_each(events_, table_->event_destroy, "event_destroy", report);
  destroy_each(communicators_, table_->communicator_destroy, "communicator_destroy", report);
  destroy_each(buffers_, table_->buffer_free, "buffer_free", report);
  destroy_each(devices_, table_->device_close, "device_close", report);
  tn_backend* backend = backend_;
  backend_ = nullptr;
  destroy_one(backend, table_->backend_destroy, "backend_destroy", report);
}

void Subject::finish() {
  destroy_all(true);
  const uint64_t left = plugin_.host().allocated_bytes();
  check(left <= allocated_before_, "TN-ABI-14", "after backend_destroy",
        "all memory of the host's allocator given back",
        fmt::format("{} bytes still allocated", left - allocated_before_));
}

}  // namespace tenon::conformance
