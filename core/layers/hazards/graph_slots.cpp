// Captures and launches.
#include "layers/hazards/hazard_layer.hpp"

namespace tenon::hazards {
namespace {

tn_status graph_capture_begin(tn_stream* stream, tn_error* error) {
  HazardLayer* layer = owner_of(stream);
  if (layer == nullptr) return refuse_unknown(error, "graph_capture_begin");
  const tn_status status = layer->next->graph_capture_begin(stream, error);
  const std::lock_guard lock(layer->mutex);
  if (status == TN_OK) layer->tracker.capture_begun(stream);
  return status;
}

tn_status graph_capture_end(tn_stream* stream, tn_graph** out, tn_error* error) {
  HazardLayer* layer = owner_of(stream);
  if (layer == nullptr) return refuse_unknown(error, "graph_capture_end");
  const tn_status status = layer->next->graph_capture_end(stream, out, error);
  if (status == TN_OK) own(*out, layer);
  const std::lock_guard lock(layer->mutex);
  layer->tracker.capture_ended(stream, status == TN_OK ? *out : nullptr);
  return status;
}

tn_status graph_launch(tn_graph* graph, tn_stream* stream, tn_error* error) {
  HazardLayer* layer = owner_of(stream);
  if (layer == nullptr) return refuse_unknown(error, "graph_launch");
  std::vector<Access> accesses;
  {
    const std::lock_guard lock(layer->mutex);
    accesses = layer->tracker.graph_accesses(graph);
    const std::vector<std::string> texts = layer->tracker.hazards(stream, "graph_launch", accesses);
    if (layer->tell(texts)) return refuse_hazard(error, texts);
  }
  const tn_status status = layer->next->graph_launch(graph, stream, error);
  const std::lock_guard lock(layer->mutex);
  if (status == TN_OK) layer->tracker.enqueued(stream, "graph_launch", accesses);
  return status;
}

tn_status graph_update(tn_graph* graph, tn_node node, uint32_t op, const void* args,
                       tn_error* error) {
  HazardLayer* layer = owner_of(graph);
  if (layer == nullptr) return refuse_unknown(error, "graph_update");
  return layer->next->graph_update(graph, node, op, args, error);
}

tn_status graph_destroy(tn_graph* graph, tn_error* error) {
  HazardLayer* layer = owner_of(graph);
  if (layer == nullptr) return refuse_unknown(error, "graph_destroy");
  disown(graph);
  {
    const std::lock_guard lock(layer->mutex);
    layer->tracker.graph_gone(graph);
  }
  return layer->next->graph_destroy(graph, error);
}

}  // namespace

void fill_graph_slots(tn_device_table& table) {
  table.graph_capture_begin = graph_capture_begin;
  table.graph_capture_end = graph_capture_end;
  table.graph_launch = graph_launch;
  table.graph_update = graph_update;
  table.graph_destroy = graph_destroy;
}

}  // namespace tenon::hazards
