// Work: buffers, copies, fills, prefetches, ops, collectives.
#include <fmt/format.h>

#include <algorithm>

#include "device/op_table.hpp"
#include "layers/hazards/hazard_layer.hpp"

namespace tenon::hazards {
namespace {

Access bytes(AccessKind kind, const char* operand, tn_buffer* buffer, uint64_t offset,
             uint64_t size) {
  Access access;
  access.kind = kind;
  access.operand = operand;
  access.view.buffer = buffer;
  access.view.byte_offset = offset;
  access.view.storage_bytes = size;
  access.view.dtype = TN_DTYPE_U8;
  access.view.rank = 1;
  access.view.shape[0] = static_cast<int64_t>(size);
  access.view.strides[0] = 1;
  return access;
}

// Tells what is wrong, calls below unless that refuses the call, and notes the work.
template <class Call>
tn_status run(HazardLayer& layer, tn_stream* stream, const std::string& what,
              const std::vector<Access>& accesses, tn_error* error, Call&& call) {
  {
    const std::lock_guard lock(layer.mutex);
    const std::vector<std::string> texts = layer.tracker.hazards(stream, what, accesses);
    if (layer.tell(texts)) return refuse_hazard(error, texts);
  }
  const tn_status status = call();
  if (status == TN_OK) {
    const std::lock_guard lock(layer.mutex);
    layer.tracker.enqueued(stream, what, accesses);
  }
  return status;
}

tn_status buffer_allocate(tn_device* device, uint32_t kind, uint64_t size, tn_buffer** out,
                          tn_error* error) {
  HazardLayer* layer = owner_of(device);
  if (layer == nullptr) return refuse_unknown(error, "buffer_allocate");
  const tn_status status = layer->next->buffer_allocate(device, kind, size, out, error);
  if (status == TN_OK) own(*out, layer);
  return status;
}

tn_status buffer_import_host(tn_device* device, void* memory, uint64_t size, tn_buffer** out,
                             tn_error* error) {
  HazardLayer* layer = owner_of(device);
  if (layer == nullptr) return refuse_unknown(error, "buffer_import_host");
  const tn_status status = layer->next->buffer_import_host(device, memory, size, out, error);
  if (status == TN_OK) own(*out, layer);
  return status;
}

// A destroying call consumes its handle: where hazards are refused, the free waits for the work that
// was in its way, and answers that it had to.
tn_status buffer_free(tn_buffer* buffer, tn_error* error) {
  HazardLayer* layer = owner_of(buffer);
  if (layer == nullptr) return refuse_unknown(error, "buffer_free");
  std::vector<std::string> texts;
  std::vector<RecordedAccess> pending;
  bool refused = false;
  {
    const std::lock_guard lock(layer->mutex);
    pending = layer->tracker.freed(buffer);
    for (const RecordedAccess& one : pending)
      texts.push_back(freed_text(one));
    refused = layer->tell(texts);
  }
  disown(buffer);
  if (!refused) return layer->next->buffer_free(buffer, error);
  for (const RecordedAccess& one : pending) {
    layer->next->stream_synchronize(const_cast<tn_stream*>(one.work->handle), nullptr);
  }
  layer->next->buffer_free(buffer, nullptr);
  return refuse_hazard(error, texts);
}

tn_status buffer_host_pointer(tn_buffer* buffer, void** out, tn_error* error) {
  HazardLayer* layer = owner_of(buffer);
  if (layer == nullptr) return refuse_unknown(error, "buffer_host_pointer");
  return layer->next->buffer_host_pointer(buffer, out, error);
}

tn_status device_memory(tn_device* device, tn_device_memory* out, tn_error* error) {
  HazardLayer* layer = owner_of(device);
  if (layer == nullptr) return refuse_unknown(error, "device_memory");
  return layer->next->device_memory(device, out, error);
}

tn_status copy_h2d(tn_stream* stream, const void* source, tn_buffer* destination, uint64_t offset,
                   uint64_t size, tn_error* error) {
  HazardLayer* layer = owner_of(stream);
  if (layer == nullptr) return refuse_unknown(error, "copy_h2d");
  return run(*layer, stream, "copy_h2d",
             {bytes(AccessKind::write, "destination", destination, offset, size)}, error, [&] {
               return layer->next->copy_h2d(stream, source, destination, offset, size, error);
             });
}

tn_status copy_d2h(tn_stream* stream, tn_buffer* source, uint64_t offset, void* destination,
                   uint64_t size, tn_error* error) {
  HazardLayer* layer = owner_of(stream);
  if (layer == nullptr) return refuse_unknown(error, "copy_d2h");
  return run(
      *layer, stream, "copy_d2h", {bytes(AccessKind::read, "source", source, offset, size)}, error,
      [&] { return layer->next->copy_d2h(stream, source, offset, destination, size, error); });
}

tn_status copy_d2d(tn_stream* stream, tn_buffer* source, uint64_t source_offset,
                   tn_buffer* destination, uint64_t destination_offset, uint64_t size,
                   tn_error* error) {
  HazardLayer* layer = owner_of(stream);
  if (layer == nullptr) return refuse_unknown(error, "copy_d2d");
  return run(*layer, stream, "copy_d2d",
             {bytes(AccessKind::read, "source", source, source_offset, size),
              bytes(AccessKind::write, "destination", destination, destination_offset, size)},
             error, [&] {
               return layer->next->copy_d2d(stream, source, source_offset, destination,
                                            destination_offset, size, error);
             });
}

tn_status fill(tn_stream* stream, tn_buffer* buffer, uint64_t offset, uint64_t size,
               uint32_t pattern, uint32_t pattern_size, tn_error* error) {
  HazardLayer* layer = owner_of(stream);
  if (layer == nullptr) return refuse_unknown(error, "fill");
  return run(*layer, stream, "fill", {bytes(AccessKind::write, "buffer", buffer, offset, size)},
             error, [&] {
               return layer->next->fill(stream, buffer, offset, size, pattern, pattern_size, error);
             });
}

tn_status prefetch(tn_stream* stream, const tn_tensor* tensor, uint64_t offset, uint64_t max_bytes,
                   tn_error* error) {
  HazardLayer* layer = owner_of(stream);
  if (layer == nullptr) return refuse_unknown(error, "prefetch");
  std::vector<Access> accesses;
  if (tensor != nullptr && offset < tensor->storage_bytes) {
    const uint64_t size = std::min(max_bytes, tensor->storage_bytes - offset);
    accesses.push_back(
        bytes(AccessKind::prefetch, "tensor", tensor->buffer, tensor->byte_offset + offset, size));
  }
  return run(*layer, stream, "prefetch", accesses, error,
             [&] { return layer->next->prefetch(stream, tensor, offset, max_bytes, error); });
}

tn_status stream_call_host(tn_stream* stream, tn_host_function function, void* context,
                           tn_error* error) {
  HazardLayer* layer = owner_of(stream);
  if (layer == nullptr) return refuse_unknown(error, "stream_call_host");
  return run(*layer, stream, "host function", {}, error,
             [&] { return layer->next->stream_call_host(stream, function, context, error); });
}

std::vector<Access> accesses_of(const OpInfo& info, const void* args,
                                const tn_buffer_range* workspace) {
  std::vector<Access> accesses;
  for (const OpOperand& operand : info.operands) {
    const tn_tensor& tensor = operand_tensor(args, operand);
    if (tensor.dtype == TN_DTYPE_NONE) continue;
    Access access;
    access.kind = is_written(operand.access) ? AccessKind::write : AccessKind::read;
    access.operand = operand.name;
    access.view = tensor;
    accesses.push_back(std::move(access));
  }
  if (workspace != nullptr && workspace->buffer != nullptr) {
    accesses.push_back(bytes(AccessKind::write, "workspace", workspace->buffer, workspace->offset,
                             workspace->size));
  }
  return accesses;
}

tn_status op_query(tn_device* device, uint32_t op, const void* args, tn_op_support* out,
                   tn_error* error) {
  HazardLayer* layer = owner_of(device);
  if (layer == nullptr) return refuse_unknown(error, "op_query");
  return layer->next->op_query(device, op, args, out, error);
}

tn_status op_enqueue(tn_stream* stream, uint32_t op, const void* args,
                     const tn_buffer_range* workspace, tn_node* out_node, tn_error* error) {
  HazardLayer* layer = owner_of(stream);
  if (layer == nullptr) return refuse_unknown(error, "op_enqueue");
  const OpInfo* info = find_op(op);
  const bool known =
      info != nullptr && args != nullptr && *static_cast<const uint32_t*>(args) >= info->args_size;
  if (!known) return layer->next->op_enqueue(stream, op, args, workspace, out_node, error);
  const tn_status status =
      run(*layer, stream, std::string(info->name), accesses_of(*info, args, workspace), error,
          [&] { return layer->next->op_enqueue(stream, op, args, workspace, out_node, error); });
  if (status == TN_OK && info->communicator_offset != 0) {
    const auto* rank = *reinterpret_cast<tn_communicator* const*>(static_cast<const char*>(args) +
                                                                  info->communicator_offset);
    const std::lock_guard lock(layer->mutex);
    layer->joined(rank, stream);
  }
  return status;
}

tn_status layout_for(tn_device* device, const tn_layout_request* request, tn_layout_answer* out,
                     tn_error* error) {
  HazardLayer* layer = owner_of(device);
  if (layer == nullptr) return refuse_unknown(error, "layout_for");
  return layer->next->layout_for(device, request, out, error);
}

tn_status communicator_create(tn_device* const* devices, uint32_t count, tn_communicator** out,
                              tn_error* error) {
  HazardLayer* layer = count == 0 || devices == nullptr ? nullptr : owner_of(devices[0]);
  if (layer == nullptr) return refuse_unknown(error, "communicator_create");
  const tn_status status = layer->next->communicator_create(devices, count, out, error);
  if (status != TN_OK) return status;
  auto group = std::make_shared<HazardLayer::Group>();
  for (uint32_t rank = 0; rank < count; ++rank) {
    own(out[rank], layer);
    group->ranks.push_back(out[rank]);
  }
  const std::lock_guard lock(layer->mutex);
  layer->groups.push_back(std::move(group));
  return status;
}

tn_status communicator_destroy(tn_communicator* communicator, tn_error* error) {
  HazardLayer* layer = owner_of(communicator);
  if (layer == nullptr) return refuse_unknown(error, "communicator_destroy");
  disown(communicator);
  {
    const std::lock_guard lock(layer->mutex);
    std::erase_if(layer->groups, [&](const auto& group) {
      return std::ranges::find(group->ranks, communicator) != group->ranks.end();
    });
  }
  return layer->next->communicator_destroy(communicator, error);
}

tn_status profiling_start(tn_device* device, tn_error* error) {
  HazardLayer* layer = owner_of(device);
  if (layer == nullptr) return refuse_unknown(error, "profiling_start");
  return layer->next->profiling_start(device, error);
}

tn_status profiling_stop(tn_device* device, tn_profile_sink sink, void* context, tn_error* error) {
  HazardLayer* layer = owner_of(device);
  if (layer == nullptr) return refuse_unknown(error, "profiling_stop");
  return layer->next->profiling_stop(device, sink, context, error);
}

}  // namespace

void fill_work_slots(tn_device_table& table) {
  table.device_memory = device_memory;
  table.buffer_allocate = buffer_allocate;
  table.buffer_free = buffer_free;
  table.buffer_host_pointer = buffer_host_pointer;
  table.buffer_import_host = buffer_import_host;
  table.copy_h2d = copy_h2d;
  table.copy_d2h = copy_d2h;
  table.copy_d2d = copy_d2d;
  table.fill = fill;
  table.prefetch = prefetch;
  table.stream_call_host = stream_call_host;
  table.op_query = op_query;
  table.op_enqueue = op_enqueue;
  table.layout_for = layout_for;
  table.communicator_create = communicator_create;
  table.communicator_destroy = communicator_destroy;
  table.profiling_start = profiling_start;
  table.profiling_stop = profiling_stop;
}

}  // namespace tenon::hazards
