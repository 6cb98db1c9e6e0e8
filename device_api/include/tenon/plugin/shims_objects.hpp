// Slots of backends, devices, buffers, communicators and profiling.
#pragma once

#include <vector>

#include <tenon/plugin/host.hpp>
#include <tenon/plugin/options.hpp>
#include <tenon/plugin/shims_base.hpp>

namespace tenon::plugin::shims {

template <class BackendType>
tn_status option_count_of(std::uint32_t* out_count, tn_error* error) {
  return value(out_count, error,
               [] { return static_cast<std::uint32_t>(BackendType::options().size()); });
}

template <class BackendType>
tn_status option_info_of(std::uint32_t index, tn_option_info* out_info, tn_error* error) {
  return answer(out_info, "backend_option_info", error, [&] {
    const std::span<const Option> options = BackendType::options();
    if (index >= options.size()) {
      throw Failure(TN_NOT_FOUND,
                    "[backend_option_info] index is out of range; expected "
                    "less than " +
                        std::to_string(options.size()) + "; found " + std::to_string(index));
    }
    const Option& option = options[index];
    tn_option_info info{};
    info.type = option.type;
    info.name = option.name;
    info.doc = option.doc;
    info.default_value = option.default_value;
    info.minimum = option.minimum;
    info.maximum = option.maximum;
    info.choices = option.choices;
    return info;
  });
}

template <class BackendType>
tn_status create_backend(const tn_host* host, const tn_option* options, std::uint32_t option_count,
                         tn_backend** out_backend, tn_error* error) {
  return create(out_backend, error, [&]() -> std::unique_ptr<Backend> {
    if (option_count > 0) required_pointer(options, "options");
    const OptionValues values(BackendType::options(), {options, option_count});
    return BackendType::create(Host(host), values);
  });
}

inline tn_status backend_destroy(tn_backend* backend, tn_error* error) {
  return destroy(backend, error);
}

inline tn_status device_count(tn_backend* backend, std::uint32_t* out_count, tn_error* error) {
  return value(out_count, error, [&] { return from_handle(backend).device_count(); });
}

inline void check_device_index(Backend& backend, std::uint32_t index, const char* where) {
  const std::uint32_t count = backend.device_count();
  if (index < count) return;
  throw Failure(TN_NOT_FOUND, std::string("[") + where + "] no such device; expected less than " +
                                  std::to_string(count) + "; found " + std::to_string(index));
}

inline tn_status device_info(tn_backend* backend, std::uint32_t index, tn_device_info* out_info,
                             tn_error* error) {
  return answer(out_info, "device_info", error, [&] {
    check_device_index(from_handle(backend), index, "device_info");
    return from_handle(backend).device_info(index);
  });
}

inline tn_status device_open(tn_backend* backend, std::uint32_t index, tn_device** out_device,
                             tn_error* error) {
  return create(out_device, error, [&] {
    check_device_index(from_handle(backend), index, "device_open");
    return from_handle(backend).open_device(index);
  });
}

inline tn_status device_close(tn_device* device, tn_error* error) {
  return destroy(device, error);
}

inline tn_status device_memory(tn_device* device, tn_device_memory* out_memory, tn_error* error) {
  return answer(out_memory, "device_memory", error, [&] { return from_handle(device).memory(); });
}

inline tn_status buffer_allocate(tn_device* device, std::uint32_t memory_kind, std::uint64_t size,
                                 tn_buffer** out_buffer, tn_error* error) {
  return create(out_buffer, error, [&] {
    if (memory_kind < TN_MEMORY_DEVICE || memory_kind > TN_MEMORY_SHARED) {
      throw Failure(TN_UNSUPPORTED, "[buffer_allocate] unknown memory kind; expected 1..3; found " +
                                        std::to_string(memory_kind));
    }
    return from_handle(device).allocate(static_cast<tn_memory_kind>(memory_kind), size);
  });
}

inline tn_status buffer_free(tn_buffer* buffer, tn_error* error) {
  return destroy(buffer, error);
}

inline tn_status buffer_host_pointer(tn_buffer* buffer, void** out_pointer, tn_error* error) {
  return value(out_pointer, error, [&] { return from_handle(buffer).host_pointer(); });
}

inline tn_status buffer_import_host(tn_device* device, void* memory, std::uint64_t size,
                                    tn_buffer** out_buffer, tn_error* error) {
  return create(out_buffer, error, [&] {
    required_pointer(static_cast<char*>(memory), "buffer_import_host");
    return from_handle(device).import_host(memory, size);
  });
}

// Values that this header does not know are refused, never ignored.
inline void check_layout_request(const tn_layout_request& request) {
  bool known = (request.role == TN_ROLE_WEIGHT || request.role == TN_ROLE_KV_CACHE) &&
               request.reserved0 == 0;
  for (std::uint32_t i = 0; i < request.use_count; ++i) {
    known = known && request.uses[i].reserved0 == 0 && request.uses[i].transposed <= 1;
  }
  if (known) return;
  throw Failure(TN_UNSUPPORTED,
                "[layout_for] the request holds a value that this plugin does not "
                "know; expected a known role, and 0 in reserved fields");
}

inline tn_status layout_for(tn_device* device, const tn_layout_request* request,
                            tn_layout_answer* out_answer, tn_error* error) {
  return answer(out_answer, "layout_for", error, [&] {
    check_struct_size(required_pointer(request, "layout_for"), "layout_for");
    required_pointer(request->tensor, "layout_for tensor");
    if (request->use_count > 64) {
      throw Failure(TN_INVALID_ARGUMENT, "[layout_for] too many uses; expected at most 64; found " +
                                             std::to_string(request->use_count));
    }
    if (request->use_count > 0) required_pointer(request->uses, "layout_for uses");
    check_layout_request(*request);
    return from_handle(device).layout_for(*request);
  });
}

inline tn_status communicator_create(tn_device* const* devices, std::uint32_t count,
                                     tn_communicator** out_communicators, tn_error* error) {
  if (out_communicators != nullptr) std::fill_n(out_communicators, count, nullptr);
  return guard(error, [&] {
    required_pointer(out_communicators, "communicator_create");
    if (count == 0) throw Failure(TN_INVALID_ARGUMENT, "[communicator_create] no devices");
    required_pointer(devices, "communicator_create");
    std::vector<Device*> ranks;
    for (std::uint32_t i = 0; i < count; ++i)
      ranks.push_back(&from_handle(devices[i]));
    std::vector<std::unique_ptr<Communicator>> made = ranks[0]->create_communicators(ranks);
    if (made.size() != count) {
      throw Failure(TN_INTERNAL, "[communicator_create] the plugin made " +
                                     std::to_string(made.size()) + " handles");
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      out_communicators[i] = to_handle<tn_communicator>(made[i].release());
    }
  });
}

inline tn_status communicator_destroy(tn_communicator* communicator, tn_error* error) {
  return destroy(communicator, error);
}

inline tn_status profiling_start(tn_device* device, tn_error* error) {
  return guard(error, [&] { from_handle(device).start_profiling(); });
}

inline tn_status profiling_stop(tn_device* device, tn_profile_sink sink, void* context,
                                tn_error* error) {
  return guard(error, [&] {
    for (const ProfileRecord& record : from_handle(device).stop_profiling()) {
      if (sink == nullptr) continue;
      tn_profile_record out{};
      out.struct_size = sizeof out;
      out.op = record.op;
      out.what = record.what.c_str();
      out.stream_name = record.stream_name.c_str();
      out.engine = record.engine.c_str();
      out.sequence_number = record.sequence_number;
      out.begin_ns = record.begin_ns;
      out.end_ns = record.end_ns;
      out.bytes_read = record.bytes_read;
      out.bytes_written = record.bytes_written;
      out.cache_hit_bytes = record.cache_hit_bytes;
      out.copy_ns = record.copy_ns;
      out.host_begin_ns = record.host_begin_ns;
      out.host_end_ns = record.host_end_ns;
      out.compute_ns = record.compute_ns;
      out.late_bytes = record.late_bytes;
      sink(context, &out);
    }
  });
}

// Experimental functions by name; a backend type without `find_function` has none.
template <class BackendType>
tn_status function_of(const char* name, void (**out_function)(void), tn_error* error) {
  return value(out_function, error, [&]() -> void (*)(void) {
    required_pointer(name, "get_function");
    void (*found)(void) = nullptr;
    if constexpr (requires { BackendType::find_function(name); }) {
      found = BackendType::find_function(name);
    }
    if (found == nullptr) {
      throw Failure(TN_NOT_FOUND, std::string("[get_function] no function \"") + name + "\"");
    }
    return found;
  });
}

}  // namespace tenon::plugin::shims
