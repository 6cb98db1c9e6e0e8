// The validation layer over the plugin under test: finds what a host does wrong (TN-HOST).
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "framework/context.hpp"
#include "layers/layer.hpp"

namespace tenon::conformance {

// A backend through the layer, one open device and one stream. A misuse must be refused by the
// layer, so that the plugin never sees it, in a message that begins with the rule's id.
class Validated {
 public:
  explicit Validated(Context& context);
  ~Validated();
  Validated(const Validated&) = delete;
  Validated& operator=(const Validated&) = delete;

  const tn_device_table& api() const { return layer_->table().get(); }
  tn_device* open(uint32_t index);
  tn_stream* make_stream(const char* name = "compute", tn_device* on = nullptr);
  tn_event* make_event();
  tn_buffer* make_buffer(uint64_t size = 4096, uint32_t kind = TN_MEMORY_DEVICE,
                         tn_device* on = nullptr);
  void keep(tn_graph* graph) { graphs_.push_back(graph); }
  void keep(tn_communicator* communicator) { communicators_.push_back(communicator); }

  void taken(const char* call, tn_status status) const;
  void refused(const char* rule, const char* call, tn_status status) const;
  void synchronize() { taken("stream_synchronize", api().stream_synchronize(stream, &error)); }

  tn_error error{};
  tn_backend* backend = nullptr;
  tn_device* device = nullptr;
  tn_stream* stream = nullptr;

 private:
  std::unique_ptr<Layer> layer_;
  std::vector<tn_device*> devices_;
  std::vector<tn_stream*> streams_;
  std::vector<tn_event*> events_;
  std::vector<tn_buffer*> buffers_;
  std::vector<tn_graph*> graphs_;
  std::vector<tn_communicator*> communicators_;
};

}  // namespace tenon::conformance
