// Weights that are not there: what a config.json announces, in the layouts a device would choose.
#pragma once

#include <cstdint>
#include <vector>

#include "checkpoint/model_config.hpp"
#include "device/device.hpp"
#include "program/program.hpp"
#include "weights/weight_uses.hpp"

namespace tenon {

class AnnouncedWeights {
 public:
  // `dtype`: of weights whose type the program leaves to the checkpoint. `native`: let the device
  // choose layouts.
  AnnouncedWeights(const Program& program, const Device& device, tn_dtype dtype, bool native);

  uint64_t bytes() const { return bytes_; }  // that they would take on the device
  uint64_t bytes_of(uint32_t weight) const { return layouts_[weight].row_major.storage_bytes; }
  // The tensor, without a buffer, through which `operand` (index in ops.def) of `op` reads it.
  tn_tensor tensor(uint32_t weight, uint32_t op, uint32_t operand) const;

 private:
  std::vector<std::vector<tn_layout_use>> uses_;
  std::vector<WeightLayout> layouts_;
  uint64_t bytes_ = 0;
};

// The type of a checkpoint's floats as its config.json states it; f32 where it does not.
tn_dtype announced_dtype(const ModelConfig& model);

}  // namespace tenon
