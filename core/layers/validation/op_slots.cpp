// op_query, op_enqueue, layout_for.
#include <fmt/format.h>

#include <cstring>

#include "device/tensor.hpp"
#include "layers/validation/args.hpp"
#include "layers/validation/collectives.hpp"
#include "layers/validation/layer_state.hpp"
#include "layers/validation/overlap.hpp"
#include "layers/validation/stream_call.hpp"
#include "layers/validation/tensor_rules.hpp"

namespace tenon::validation {
namespace {

// One op on its way down.
struct Enqueue {
  const OpInfo& op;
  std::string where;
  ArgsCopy args;  // the handles of the layer below, once placed
  std::vector<std::shared_ptr<BufferObject>> buffers;  // by operand; NULL: absent
  std::vector<std::shared_ptr<UsedObject>> used;
  tn_buffer_range workspace{};
};

// A tensor in a private layout is read as the whole that copy_cast made.
void check_layout_read(const BufferObject& buffer, const tn_tensor& tensor,
                       const std::string& where, std::string_view operand) {
  for (const auto& [offset, region] : buffer.regions) {
    if (offset >= tensor.byte_offset + tensor.storage_bytes ||
        tensor.byte_offset >= offset + region.size) {
      continue;
    }
    if (tensor.layout == region.layout && tensor.byte_offset == offset &&
        tensor.storage_bytes == region.size) {
      continue;
    }
    violate(rules::private_layout, where,
            fmt::format("operand '{}' is part of, or another view of, a tensor in a private layout",
                        operand),
            fmt::format("layout {:#x}, bytes {} + {}", region.layout, offset, region.size),
            fmt::format("layout {:#x}, bytes {} + {}", tensor.layout, tensor.byte_offset,
                        tensor.storage_bytes));
  }
}

void place_operands(StreamCall& on, Enqueue& call) {
  for (const OpOperand& operand : call.op.operands) {
    tn_tensor& tensor = call.args.tensor(operand);
    std::shared_ptr<BufferObject> buffer;
    if (tensor.dtype != TN_DTYPE_NONE) {
      buffer = place_operand(on.layer, *on.stream, tensor, call.where, std::string(operand.name));
      if (!is_written(operand.access)) {
        check_layout_read(*buffer, tensor, call.where, operand.name);
      }
      call.used.push_back(buffer);
    }
    call.buffers.push_back(std::move(buffer));
  }
}

void note_layouts(Enqueue& call) {
  for (size_t i = 0; i < call.op.operands.size(); ++i) {
    if (!call.buffers[i] || call.op.operands[i].access != Access::write) continue;
    const tn_tensor& tensor = call.args.tensor(call.op.operands[i]);
    forget_regions(*call.buffers[i], tensor.byte_offset, tensor.storage_bytes);
    if (tensor.layout >= TN_LAYOUT_PRIVATE) {
      call.buffers[i]->regions[tensor.byte_offset] = {tensor.storage_bytes, tensor.layout};
    }
  }
}

void check_workspace_overlap(const Enqueue& call, const tn_buffer_range& range) {
  const tn_tensor whole = {range.buffer,
                           range.offset,
                           range.size,
                           TN_DTYPE_U8,
                           0,
                           1,
                           0,
                           {static_cast<int64_t>(range.size)},
                           {1},
                           {}};
  for (const OpOperand& operand : call.op.operands) {
    const tn_tensor& tensor = operand_tensor(call.args.data(), operand);
    if (tensor.dtype == TN_DTYPE_NONE || tensor.buffer != range.buffer) continue;
    if (overlap(whole, tensor)) {
      violate(rules::workspace, call.where,
              fmt::format("the workspace overlaps operand '{}'", operand.name));
    }
  }
}

// Checks the workspace and puts the handle of the layer below into `call`; needs the mutex.
void place_workspace(StreamCall& on, Enqueue& call, const tn_buffer_range* given, uint64_t needed) {
  if (given == nullptr || given->buffer == nullptr) {
    if (needed == 0) return;
    violate(rules::workspace, call.where, "there is no workspace", fmt::format("{} bytes", needed),
            "NULL");
  }
  const std::string role = call.where + ", workspace";
  const auto buffer = on.layer.get<BufferObject>(given->buffer, Kind::buffer, role.c_str());
  if (!on_same_device(*on.stream, *buffer)) {
    violate(rules::same_device, call.where, "the workspace lies on another device");
  }
  if (buffer->memory != TN_MEMORY_DEVICE) {
    violate(rules::workspace, call.where, "the workspace lies in another kind of memory", "DEVICE");
  }
  if (given->offset > buffer->size || given->size > buffer->size - given->offset) {
    violate(rules::workspace, call.where, "the workspace ends past " + buffer->text(), "",
            fmt::format("{} + {}", given->offset, given->size));
  }
  if (given->size < needed || given->offset % TN_BUFFER_ALIGNMENT != 0) {
    violate(rules::workspace, call.where, "the workspace is too small or not aligned",
            fmt::format("{} bytes at a multiple of {}", needed, TN_BUFFER_ALIGNMENT),
            fmt::format("{} bytes at {}", given->size, given->offset));
  }
  call.workspace = {static_cast<tn_buffer*>(buffer->next), given->offset, given->size};
  check_workspace_overlap(call, call.workspace);
  call.used.push_back(buffer);
}

void check_capture_of_op(const StreamObject& stream, const Enqueue& call) {
  if (stream.capture == nullptr || call.op.id != TN_OP_copy_cast) return;
  const auto& cast = *static_cast<const tn_copy_cast_args*>(call.args.data());
  if (cast.input.layout == cast.output.layout) return;
  violate(rules::legal_in_capture, call.where, "a cast between layouts during capture");
}

tn_op_support ask(StreamCall& on, const Enqueue& call, tn_status& status, tn_error* error) {
  tn_op_support support{};
  support.struct_size = sizeof support;
  status = on.layer.next->op_query(static_cast<tn_device*>(on.device().next), call.op.id,
                                   call.args.data(), &support, error);
  support.reason[sizeof support.reason - 1] = '\0';
  return support;
}

void note_node(StreamCall& on, const Enqueue& call, const void* host_args, tn_node node) {
  const std::lock_guard lock(on.layer.mutex);
  if (on.stream->capture == nullptr || node == TN_NO_NODE) return;
  on.stream->capture->contents.nodes[node] = {call.op.id,
                                              ArgsCopy(call.op, host_args, call.where).words()};
}

tn_status op_enqueue(tn_stream* stream, uint32_t op, const void* args,
                     const tn_buffer_range* workspace, tn_node* out_node, tn_error* error) {
  static constexpr const char* slot = "op_enqueue";
  if (out_node != nullptr) *out_node = TN_NO_NODE;
  return guarded(error, slot, [&] {
    StreamCall on(stream, slot);
    const OpInfo& info = known_op(op, slot);
    std::string where = fmt::format("{} {}", slot, info.name);
    Enqueue call{info, where, ArgsCopy(info, args, where), {}, {}, {}};
    check_operands(info, args, where);
    check_host_arrays(info, args, where);
    check_block_size(info, args, on.device().info, where);
    place_operands(on, call);
    check_overlaps(info, call.args.data(), where);
    check_capture_of_op(*on.stream, call);
    const auto communicator = place_communicator(on, info, call.args.data(), where);
    if (communicator) call.used.push_back(communicator);
    on.unlock();

    tn_status status = TN_OK;
    const tn_op_support support = ask(on, call, status, error);
    if (status != TN_OK) return status;
    if (support.supported == 0) {
      violate(rules::supported_op, where, "op_query does not support the op", "", support.reason);
    }
    {
      const std::lock_guard lock(on.layer.mutex);
      if (on.stream->capture != nullptr && support.capturable == 0) {
        violate(rules::capturable_op, where, "op_query does not allow the op in a capture");
      }
      place_workspace(on, call, workspace, support.workspace_bytes);
      if (communicator) check_collective_order(*communicator, info, args, where);
    }
    tn_node node = TN_NO_NODE;
    status = on.layer.next->op_enqueue(on.below(), op, call.args.data(),
                                       call.workspace.buffer == nullptr ? nullptr : &call.workspace,
                                       &node, error);
    if (status == TN_OK) {
      if (out_node != nullptr) *out_node = node;
      note_node(on, call, args, node);
      const std::lock_guard lock(on.layer.mutex);
      note_layouts(call);
      if (communicator) note_collective(*communicator, info, args);
    }
    return on.finish_work(status, call.used);
  });
}

tn_status op_query(tn_device* device, uint32_t op, const void* args, tn_op_support* out_support,
                   tn_error* error) {
  static constexpr const char* slot = "op_query";
  return guarded(error, slot, [&] {
    ValidationLayer& layer = owner_of(device, Kind::device, slot);
    check_output(out_support, slot);
    const OpInfo& info = known_op(op, slot);
    const std::string where = fmt::format("{} {}", slot, info.name);
    ArgsCopy copy(info, args, where);
    check_operands(info, args, where);
    // Not looked at below; the host's handles would mean nothing there.
    for (const OpOperand& operand : info.operands)
      copy.tensor(operand).buffer = nullptr;
    if (info.communicator_offset != 0) {
      tn_communicator* none = nullptr;
      std::memcpy(static_cast<char*>(copy.data()) + info.communicator_offset, &none, sizeof none);
    }
    std::unique_lock lock(layer.mutex);
    const auto object = layer.get<DeviceObject>(device, Kind::device, slot);
    check_not_lost(*object, slot);
    lock.unlock();
    return layer.noted(layer.next->op_query(static_cast<tn_device*>(object->next), op, copy.data(),
                                            out_support, error),
                       *object);
  });
}

tn_status layout_for(tn_device* device, const tn_layout_request* request,
                     tn_layout_answer* out_answer, tn_error* error) {
  static constexpr const char* slot = "layout_for";
  return guarded(error, slot, [&] {
    ValidationLayer& layer = owner_of(device, Kind::device, slot);
    check_output(request, slot);
    check_output(out_answer, slot);
    const auto refuse = [&](std::string_view what) {
      violate(rules::layout_request, slot, what,
              "a row-major tensor without a buffer and at most 64 uses");
    };
    if (request->tensor == nullptr) refuse("the tensor is NULL");
    check_form(*request->tensor, slot, "tensor");
    if (request->tensor->buffer != nullptr) refuse("the tensor has a buffer");
    if (request->tensor->layout != TN_LAYOUT_ROW_MAJOR) refuse("the tensor is not row-major");
    if (request->use_count > 64) refuse("too many uses");
    if (request->use_count > 0 && request->uses == nullptr) refuse("the uses are NULL");
    if (request->role != TN_ROLE_WEIGHT && request->role != TN_ROLE_KV_CACHE) {
      refuse("the role is unknown");
    }
    for (uint32_t i = 0; i < request->use_count; ++i) {
      const OpInfo& info = known_op(request->uses[i].op, slot);
      if (request->uses[i].operand >= info.operands.size()) refuse("a use names no operand");
    }
    std::unique_lock lock(layer.mutex);
    const auto object = layer.get<DeviceObject>(device, Kind::device, slot);
    check_not_lost(*object, slot);
    lock.unlock();
    return layer.next->layout_for(static_cast<tn_device*>(object->next), request, out_answer,
                                  error);
  });
}

}  // namespace

void fill_op_slots(tn_device_table& table) {
  table.op_query = op_query;
  table.op_enqueue = op_enqueue;
  table.layout_for = layout_for;
}

}  // namespace tenon::validation
