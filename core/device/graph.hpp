// Captured work, launched as one piece.
#pragma once

#include <tenon/device_api.h>

#include <memory>

#include "device/handle.hpp"
#include "device/op_table.hpp"

namespace tenon {

struct DeviceState;
class Stream;

// Move-only. Buffers, workspaces and communicators that its nodes use must outlive it. Used by one
// thread at a time.
class Graph {
 public:
  // Takes over `handle`, captured on `device`.
  Graph(std::shared_ptr<const DeviceState> device, tn_graph* handle);

  void launch(const Stream& stream) const;

  // Replaces the updatable fields (ops.def) of a node; no launch may be pending.
  void update(tn_node node, uint32_t op, const void* args) const;
  template <class Args>
  void update(tn_node node, const Args& args) const {
    update(node, op_of<Args>, &args);
  }

  tn_graph* get() const { return handle_.get(); }

 private:
  std::shared_ptr<const DeviceState> device_;
  Handle<tn_graph> handle_;
};

}  // namespace tenon
