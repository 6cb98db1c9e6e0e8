#include "device/graph.hpp"

#include "device/device.hpp"
#include "device/status.hpp"
#include "device/stream.hpp"

namespace tenon {

Graph::Graph(std::shared_ptr<const DeviceState> device, tn_graph* handle)
    : device_(device), handle_(handle, {device, device->table()->graph_destroy, "graph"}) {}

void Graph::launch(const Stream& stream) const {
  tn_error error;
  check(device_->table()->graph_launch(get(), stream.get(), &error), error, "graph_launch");
}

void Graph::update(tn_node node, uint32_t op, const void* args) const {
  tn_error error;
  check(device_->table()->graph_update(get(), node, op, args, &error), error, "graph_update");
}

}  // namespace tenon
