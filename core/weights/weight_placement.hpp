// Where each weight of a program goes on one device, before a byte is moved.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "device/device.hpp"
#include "program/program.hpp"
#include "residency/residency.hpp"
#include "residency/weight_groups.hpp"
#include "weights/match_weights.hpp"
#include "weights/weight_uses.hpp"

namespace tenon {

struct WeightOptions {
  bool native = true;           // let the device choose layouts
  bool streamed = false;        // matrices pass through slots (see stream_matrices)
  uint32_t streamed_slots = 2;  // 2 or more
};

struct WeightPlacement {
  std::vector<std::vector<tn_layout_use>> uses;  // by weight
  std::vector<WeightLayout> layouts;             // by weight; without buffers
  Residency residency;
  WeightGroups groups;          // of the streamed ones
  uint64_t resident_bytes = 0;  // storage of the others, on the device or imported

  // What the device holds at least: resident weights and slots.
  uint64_t device_bytes() const { return resident_bytes + groups.device_bytes(); }
};

// `dtypes`: of each weight, where the program leaves it to the checkpoint; NONE: it is not there.
WeightPlacement place_weights(const Program& program, std::span<const tn_dtype> dtypes,
                              const Device& device, const WeightOptions& options);
// Weights of a checkpoint.
WeightPlacement place_weights(const Program& program, const std::vector<WeightSource>& sources,
                              const Device& device, const WeightOptions& options);

}  // namespace tenon
