// The weights of a program on one device, uploaded once and bound at every step.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "checkpoint/checkpoint.hpp"
#include "device/buffer.hpp"
#include "device/device.hpp"
#include "weights/match_weights.hpp"
#include "weights/weight_uses.hpp"

namespace tenon {

// Bytes prepared so far, of all.
using WeightProgress = std::function<void(uint64_t done, uint64_t total)>;

struct WeightTraffic {
  uint64_t imported_bytes = 0;  // used where the checkpoint is mapped, without a copy
  uint64_t uploaded_bytes = 0;
  uint64_t cast_bytes = 0;  // changed to the device's own layout
};

// Move-only. Keeps the checkpoint alive while weights are used in place.
class WeightStore {
 public:
  // Packs and uploads tensor by tensor: beside the device's memory no more than one tensor is held.
  // `native`: let the device choose layouts. Throws DeviceError when the device is full.
  WeightStore(const Program& program, std::shared_ptr<const Checkpoint> checkpoint,
              const std::vector<WeightSource>& sources, const Device& device, bool native,
              const WeightProgress& progress = {});

  // The tensor through which `operand` (index in ops.def) of `op` reads the weight, with buffer.
  tn_tensor tensor(uint32_t weight, uint32_t op, uint32_t operand) const;

  const WeightTraffic& traffic() const { return traffic_; }

 private:
  struct Stored {
    WeightLayout layout;  // tensors with their buffers
    Buffer row_major;
    Buffer native;
  };
  Stored store(const Program& program, const Weight& weight, const WeightSource& source,
               const std::vector<tn_layout_use>& uses);
  bool can_import(const Weight& weight, const WeightSource& source) const;
  Buffer upload(const Weight& weight, const WeightSource& source);

  std::shared_ptr<const Checkpoint> checkpoint_;
  Device device_;
  bool native_;
  std::vector<std::vector<tn_layout_use>> uses_;
  std::vector<Stored> stored_;
  WeightTraffic traffic_;
};

}  // namespace tenon
