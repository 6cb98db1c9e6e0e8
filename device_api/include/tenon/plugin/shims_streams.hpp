// Slots of streams, events, ops and graphs.
#pragma once

#include <algorithm>

#include <tenon/plugin/op_arguments.hpp>
#include <tenon/plugin/shims_base.hpp>

namespace tenon::plugin::shims {

inline tn_status stream_create(tn_device* device, const tn_stream_desc* desc,
                               tn_stream** out_stream, tn_error* error) {
  return create(out_stream, error, [&] {
    std::string name;
    if (desc != nullptr) {
      check_struct_size(*desc, "stream_create");
      if (desc->flags != 0) {
        throw Failure(TN_UNSUPPORTED, "[stream_create] unknown flags; expected 0; found " +
                                          std::to_string(desc->flags));
      }
      if (desc->name != nullptr) name = desc->name;
    }
    return from_handle(device).create_stream(name);
  });
}

inline tn_status stream_destroy(tn_stream* stream, tn_error* error) {
  return destroy(stream, error);
}

inline tn_status stream_synchronize(tn_stream* stream, tn_error* error) {
  return guard(error, [&] { from_handle(stream).synchronize(); });
}

inline tn_status stream_query(tn_stream* stream, bool* out_done, tn_error* error) {
  return value(out_done, error, [&] { return from_handle(stream).query(); });
}

inline tn_status stream_call_host(tn_stream* stream, tn_host_function function, void* context,
                                  tn_error* error) {
  return guard(error, [&] {
    required_pointer(function, "stream_call_host");
    from_handle(stream).call_host(function, context);
  });
}

inline tn_status copy_h2d(tn_stream* stream, const void* source, tn_buffer* destination,
                          std::uint64_t offset, std::uint64_t size, tn_error* error) {
  return guard(error, [&] {
    check_range("copy_h2d", from_handle(destination), offset, size);
    if (size > 0) required_pointer(static_cast<const char*>(source), "copy_h2d");
    from_handle(stream).copy_h2d(source, from_handle(destination), offset, size);
  });
}

inline tn_status copy_d2h(tn_stream* stream, tn_buffer* source, std::uint64_t offset,
                          void* destination, std::uint64_t size, tn_error* error) {
  return guard(error, [&] {
    check_range("copy_d2h", from_handle(source), offset, size);
    if (size > 0) required_pointer(static_cast<char*>(destination), "copy_d2h");
    from_handle(stream).copy_d2h(from_handle(source), offset, destination, size);
  });
}

inline tn_status copy_d2d(tn_stream* stream, tn_buffer* source, std::uint64_t source_offset,
                          tn_buffer* destination, std::uint64_t destination_offset,
                          std::uint64_t size, tn_error* error) {
  return guard(error, [&] {
    check_range("copy_d2d", from_handle(source), source_offset, size);
    check_range("copy_d2d", from_handle(destination), destination_offset, size);
    if (source == destination && source_offset < destination_offset + size &&
        destination_offset < source_offset + size) {
      throw Failure(TN_INVALID_ARGUMENT, "[copy_d2d] the ranges overlap");
    }
    from_handle(stream).copy_d2d(from_handle(source), source_offset, from_handle(destination),
                                 destination_offset, size);
  });
}

inline tn_status fill(tn_stream* stream, tn_buffer* buffer, std::uint64_t offset,
                      std::uint64_t size, std::uint32_t pattern, std::uint32_t pattern_size,
                      tn_error* error) {
  return guard(error, [&] {
    if (pattern_size != 1 && pattern_size != 2 && pattern_size != 4) {
      throw Failure(TN_INVALID_ARGUMENT,
                    "[fill] pattern_size is wrong; expected 1, 2 or 4; found " +
                        std::to_string(pattern_size));
    }
    if (offset % pattern_size != 0 || size % pattern_size != 0) {
      throw Failure(TN_INVALID_ARGUMENT,
                    "[fill] offset and size must be multiples of pattern_size " +
                        std::to_string(pattern_size) + "; found " + std::to_string(offset) +
                        " and " + std::to_string(size));
    }
    check_range("fill", from_handle(buffer), offset, size);
    from_handle(stream).fill(from_handle(buffer), offset, size, pattern, pattern_size);
  });
}

inline tn_status event_create(tn_device* device, tn_event** out_event, tn_error* error) {
  return create(out_event, error, [&] { return from_handle(device).create_event(); });
}

inline tn_status event_destroy(tn_event* event, tn_error* error) {
  return destroy(event, error);
}

inline tn_status event_record(tn_event* event, tn_stream* stream, tn_error* error) {
  return guard(error, [&] { from_handle(stream).record(from_handle(event)); });
}

inline tn_status event_wait(tn_stream* stream, tn_event* event, tn_error* error) {
  return guard(error, [&] { from_handle(stream).wait(from_handle(event)); });
}

inline tn_status event_synchronize(tn_event* event, tn_error* error) {
  return guard(error, [&] { from_handle(event).synchronize(); });
}

inline tn_status event_query(tn_event* event, bool* out_done, tn_error* error) {
  return value(out_done, error, [&] { return from_handle(event).query(); });
}

inline tn_status event_elapsed(tn_event* begin, tn_event* end, std::int64_t* out_nanoseconds,
                               tn_error* error) {
  return value(out_nanoseconds, error,
               [&] { return from_handle(end).elapsed_since(from_handle(begin)); });
}

// What a device says about an op; arguments from the future are an answer, not an error.
inline Support query_support(Device& device, std::uint32_t op, const void* args) {
  Support support;
  try {
    visit_arguments(op, args, [&](const auto& known) { support = device.query_op(op, &known); });
  } catch (const Failure& failure) {
    if (failure.status() != TN_UNSUPPORTED) throw;
    support = Support::no(failure.what());
  }
  return support;
}

inline tn_status op_query(tn_device* device, std::uint32_t op, const void* args,
                          tn_op_support* out_support, tn_error* error) {
  return answer(out_support, "op_query", error, [&] {
    const Support support = query_support(from_handle(device), op, args);
    tn_op_support out{};
    out.supported = support.supported ? 1 : 0;
    out.capturable = support.supported && support.capturable ? 1 : 0;
    out.workspace_bytes = support.supported ? support.workspace_bytes : 0;
    out.copied_bytes = support.supported ? support.copied_bytes : 0;
    out.estimated_ns = support.supported ? support.estimated_ns : 0;
    copy_text(out.reason, sizeof out.reason,
              support.supported ? std::string_view{} : std::string_view(support.reason));
    return out;
  });
}

inline tn_status op_enqueue(tn_stream* stream, std::uint32_t op, const void* args,
                            const tn_buffer_range* workspace, tn_node* out_node, tn_error* error) {
  if (out_node != nullptr) *out_node = TN_NO_NODE;
  return guard(error, [&] {
    Workspace space;
    if (workspace != nullptr && workspace->buffer != nullptr) {
      space = {&from_handle(workspace->buffer), workspace->offset, workspace->size};
      check_range("workspace", *space.buffer, space.offset, space.size);
    }
    tn_node node = TN_NO_NODE;
    visit_arguments(op, args, [&](const auto& known) {
      node = from_handle(stream).enqueue_op(op, &known, space);
    });
    if (out_node != nullptr) *out_node = node;
  });
}

inline tn_status prefetch(tn_stream* stream, const tn_tensor* tensor, std::uint64_t offset,
                          std::uint64_t max_bytes, tn_error* error) {
  return guard(error, [&] {
    required_pointer(tensor, "prefetch");
    if (tensor->reserved0 != 0 || tensor->reserved1[0] != 0 || tensor->reserved1[1] != 0) {
      throw Failure(TN_UNSUPPORTED, "[prefetch] a reserved field of the tensor is set; expected 0");
    }
    if (max_bytes == 0) throw Failure(TN_INVALID_ARGUMENT, "[prefetch] max_bytes is 0");
    if (offset >= tensor->storage_bytes) {
      throw Failure(TN_INVALID_ARGUMENT,
                    "[prefetch] the offset lies past the tensor; expected less than " +
                        std::to_string(tensor->storage_bytes) + "; found " +
                        std::to_string(offset));
    }
    check_range("prefetch", from_handle(tensor->buffer), tensor->byte_offset,
                tensor->storage_bytes);
    from_handle(stream).prefetch(*tensor, offset,
                                 std::min(max_bytes, tensor->storage_bytes - offset));
  });
}

inline tn_status graph_capture_begin(tn_stream* stream, tn_error* error) {
  return guard(error, [&] { from_handle(stream).begin_capture(); });
}

inline tn_status graph_capture_end(tn_stream* stream, tn_graph** out_graph, tn_error* error) {
  return create(out_graph, error, [&] { return from_handle(stream).end_capture(); });
}

inline tn_status graph_launch(tn_graph* graph, tn_stream* stream, tn_error* error) {
  return guard(error, [&] { from_handle(stream).launch(from_handle(graph)); });
}

inline tn_status graph_update(tn_graph* graph, tn_node node, std::uint32_t op, const void* args,
                              tn_error* error) {
  return guard(error, [&] {
    visit_arguments(op, args,
                    [&](const auto& known) { from_handle(graph).update(node, op, &known); });
  });
}

inline tn_status graph_destroy(tn_graph* graph, tn_error* error) {
  return destroy(graph, error);
}

}  // namespace tenon::plugin::shims
