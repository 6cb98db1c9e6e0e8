// An interposer: a device table over another device table.
#pragma once

#include "device/table.hpp"

namespace tenon {

// Its table is used like a plugin's. The layer must outlive every backend made through it, and what
// is below it must outlive the layer.
class Layer {
 public:
  Layer() = default;
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;
  virtual ~Layer() = default;

  virtual const DeviceTable& table() const = 0;
};

}  // namespace tenon
