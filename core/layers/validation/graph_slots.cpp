// Capture, graphs, communicators.
#include <fmt/format.h>

#include <cstring>

#include "layers/validation/args.hpp"
#include "layers/validation/layer_state.hpp"
#include "layers/validation/stream_call.hpp"

namespace tenon::validation {
namespace {

tn_graph* below(const GraphObject& graph) {
  return static_cast<tn_graph*>(graph.next);
}

tn_status graph_capture_begin(tn_stream* stream, tn_error* error) {
  static constexpr const char* call = "graph_capture_begin";
  return guarded(error, call, [&] {
    StreamCall on(stream, call);
    if (on.stream->capture != nullptr) {
      violate(rules::legal_in_capture, call, on.stream->text() + " is capturing already");
    }
    on.unlock();
    const tn_status status = on.layer.next->graph_capture_begin(on.below(), error);
    if (on.layer.noted(status, on.device()) != TN_OK) return status;
    const std::lock_guard lock(on.layer.mutex);
    begin_capture(on.stream);
    return status;
  });
}

// A fork that was left open ends the capture without a graph, here as below.
[[noreturn]] void refuse_open_fork(StreamCall& on, const StreamObject& fork, const char* call) {
  tn_graph* unwanted = nullptr;
  tn_error ignored;
  if (on.layer.next->graph_capture_end(on.below(), &unwanted, &ignored) == TN_OK) {
    on.layer.next->graph_destroy(unwanted, &ignored);
  }
  violate(rules::forks_joined, call,
          fork.text() + " joined the capture and was not joined into " + on.stream->text(),
          "event_record on the fork and event_wait on the capturing stream");
}

tn_status graph_capture_end(tn_stream* stream, tn_graph** out_graph, tn_error* error) {
  static constexpr const char* call = "graph_capture_end";
  if (out_graph != nullptr) *out_graph = nullptr;
  return guarded(error, call, [&] {
    StreamCall on(stream, call);
    check_out_pointer(out_graph, call);
    const auto capture = on.stream->capture;
    if (capture == nullptr || capture->origin != on.stream->id) {
      violate(rules::legal_in_capture, call, on.stream->text() + " did not begin a capture");
    }
    const auto forks = open_forks(*capture, *on.stream);
    end_capture(*capture);
    on.unlock();
    if (!forks.empty()) refuse_open_fork(on, *forks.front(), call);
    tn_graph* made = nullptr;
    const tn_status status = on.layer.next->graph_capture_end(on.below(), &made, error);
    if (on.layer.noted(status, on.device()) != TN_OK) return status;
    auto graph = std::make_shared<GraphObject>(Kind::graph, made, on.stream->parent);
    graph->device_index = on.device().index;
    graph->contents = std::move(capture->contents);
    const std::lock_guard lock(on.layer.mutex);
    *out_graph = on.layer.handles.add<tn_graph>(graph);
    for (const auto& [id, object] : graph->contents.used)
      object->graphs.insert(graph->id);
    return status;
  });
}

tn_status graph_launch(tn_graph* graph, tn_stream* stream, tn_error* error) {
  static constexpr const char* call = "graph_launch";
  return guarded(error, call, [&] {
    StreamCall on(stream, call);
    const auto object = on.layer.get<GraphObject>(graph, Kind::graph, call);
    const Busy busy(object->busy, *object, call);
    if (on.stream->capture != nullptr) {
      violate(rules::legal_in_capture, call, on.stream->text() + " is capturing");
    }
    if (!on_same_device(*on.stream, *object)) {
      violate(rules::same_device, call, object->text() + " was captured on another device");
    }
    const auto pending = object->launched.stream.lock();
    if (pending != nullptr && pending != on.stream && !passed(object->launched)) {
      violate(rules::launch_one_stream, call,
              object->text() + " has a launch pending on another stream", pending->text(),
              on.stream->text());
    }
    std::vector<std::shared_ptr<UsedObject>> used;
    used.reserve(object->contents.used.size());
    for (const auto& [id, each] : object->contents.used)
      used.push_back(each);
    on.unlock();
    const tn_status status = on.layer.next->graph_launch(below(*object), on.below(), error);
    on.finish_work(status, used);
    if (status != TN_OK) return status;
    const std::lock_guard lock(on.layer.mutex);
    object->launched = {on.stream, on.stream->enqueued};
    return status;
  });
}

bool is_updatable(const OpInfo& op, size_t byte) {
  for (const OpField& field : op.updatable) {
    if (byte >= field.offset && byte < field.offset + field.size) return true;
  }
  return false;
}

void check_same_but_updatable(const OpInfo& op, const GraphNode& node, const ArgsCopy& args,
                              const std::string& where) {
  const auto* old_bytes = reinterpret_cast<const unsigned char*>(node.args.data());
  const auto* new_bytes = static_cast<const unsigned char*>(args.data());
  const size_t size = node.args.size() * sizeof(uint64_t);
  bool same = args.words().size() == node.args.size();
  size_t byte = 0;
  while (same && byte < size && (old_bytes[byte] == new_bytes[byte] || is_updatable(op, byte))) {
    ++byte;
  }
  if (same && byte == size) return;
  violate(rules::updatable_only, where, "a field that is not updatable differs",
          "the arguments of the capture but for updatable fields", fmt::format("byte {}", byte));
}

// Puts the handles of the layer below into arguments that were checked at capture.
void translate(const GraphObject& graph, const ValidationLayer& layer, const OpInfo& op,
               ArgsCopy& args, const std::string& where) {
  for (const OpOperand& operand : op.operands) {
    tn_tensor& tensor = args.tensor(operand);
    if (tensor.dtype == TN_DTYPE_NONE) continue;
    const auto buffer = layer.get<BufferObject>(tensor.buffer, Kind::buffer, where.c_str());
    tensor.buffer = static_cast<tn_buffer*>(buffer->next);
  }
  if (op.communicator_offset == 0) return;
  auto* field = static_cast<char*>(args.data()) + op.communicator_offset;
  void* handle = nullptr;
  std::memcpy(&handle, field, sizeof handle);
  handle = layer.get<CommunicatorObject>(handle, Kind::communicator, graph.text().c_str())->next;
  std::memcpy(field, &handle, sizeof handle);
}

tn_status graph_update(tn_graph* graph, tn_node node, uint32_t op, const void* args,
                       tn_error* error) {
  static constexpr const char* call = "graph_update";
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(graph, Kind::graph, call);
    std::unique_lock lock(layer.mutex);
    const auto object = layer.get<GraphObject>(graph, Kind::graph, call);
    const Busy busy(object->busy, *object, call);
    check_not_lost(device_of(*object), call);
    const OpInfo& info = known_op(op, call);
    const std::string where = fmt::format("{} {}", call, info.name);
    const auto at = object->contents.nodes.find(node);
    if (at == object->contents.nodes.end()) {
      violate(rules::node_of_graph, where, object->text() + " has no such node", "",
              std::to_string(node));
    }
    if (at->second.op != op) {
      violate(rules::updatable_only, where, "the node is another op",
              std::string(find_op(at->second.op)->name), std::string(info.name));
    }
    ArgsCopy copy(info, args, where);
    check_same_but_updatable(info, at->second, copy, where);
    check_host_arrays(info, args, where);
    if (!passed(object->launched)) {
      violate(rules::update_when_idle, where, "a launch of " + object->text() + " is pending",
              "synchronising first");
    }
    translate(*object, layer, info, copy, where);
    lock.unlock();
    return layer.noted(layer.next->graph_update(below(*object), node, op, copy.data(), error),
                       device_of(*object));
  });
}

tn_status graph_destroy(tn_graph* graph, tn_error* error) {
  static constexpr const char* call = "graph_destroy";
  return guarded(error, call, [&] {
    ValidationLayer& layer = owner_of(graph, Kind::graph, call);
    std::unique_lock lock(layer.mutex);
    const auto object = layer.get_to_destroy<GraphObject>(graph, Kind::graph, call);
    layer.handles.remove(*object);
    const bool idle = passed(object->launched);
    if (idle) {
      for (const auto& [id, used] : object->contents.used)
        used->graphs.erase(object->id);
    }
    lock.unlock();
    if (idle) return layer.destroy(object, error);
    layer.condemn_until_device(object);
    violate(rules::free_when_idle, call, "a launch of " + object->text() + " is pending",
            "synchronising with that work first");
  });
}

tn_status communicator_create(tn_device* const* devices, uint32_t device_count,
                              tn_communicator** out_communicators, tn_error* error) {
  static constexpr const char* call = "communicator_create";
  for (uint32_t i = 0; out_communicators != nullptr && i < device_count; ++i) {
    out_communicators[i] = nullptr;
  }
  return guarded(error, call, [&] {
    if (devices == nullptr || device_count == 0) {
      violate(rules::one_backend, call, "there are no devices", "at least one");
    }
    ValidationLayer& layer = owner_of(devices[0], Kind::device, call);
    check_out_pointer(out_communicators, call);
    std::vector<std::shared_ptr<DeviceObject>> parents;
    std::vector<tn_device*> handles;
    std::unique_lock lock(layer.mutex);
    for (uint32_t i = 0; i < device_count; ++i) {
      auto device = layer.get<DeviceObject>(devices[i], Kind::device, call);
      check_not_lost(*device, call);
      for (const auto& other : parents) {
        if (other->parent != device->parent || other->index == device->index) {
          violate(rules::one_backend, call,
                  other->parent != device->parent ? "the devices are of two backends"
                                                  : "a device appears twice");
        }
      }
      handles.push_back(static_cast<tn_device*>(device->next));
      parents.push_back(std::move(device));
    }
    lock.unlock();
    std::vector<tn_communicator*> made(device_count);
    const tn_status status =
        layer.next->communicator_create(handles.data(), device_count, made.data(), error);
    if (status != TN_OK) return status;
    auto group = std::make_shared<CommunicatorGroup>();
    group->positions.resize(device_count);
    lock.lock();
    for (uint32_t rank = 0; rank < device_count; ++rank) {
      auto object =
          std::make_shared<CommunicatorObject>(Kind::communicator, made[rank], parents[rank]);
      object->rank = rank;
      object->world_size = device_count;
      object->group = group;
      out_communicators[rank] = layer.handles.add<tn_communicator>(std::move(object));
    }
    return status;
  });
}

tn_status communicator_destroy(tn_communicator* communicator, tn_error* error) {
  static constexpr const char* call = "communicator_destroy";
  return guarded(error, call, [&] { return destroy_used(communicator, call, error); });
}

}  // namespace

void fill_graph_slots(tn_device_table& table) {
  table.graph_capture_begin = graph_capture_begin;
  table.graph_capture_end = graph_capture_end;
  table.graph_launch = graph_launch;
  table.graph_update = graph_update;
  table.graph_destroy = graph_destroy;
  table.communicator_create = communicator_create;
  table.communicator_destroy = communicator_destroy;
}

}  // namespace tenon::validation
