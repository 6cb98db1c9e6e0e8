// A plan: a program compiled for given devices and one shape bucket. Where each op runs, where each
// value lies, and which copies go between devices.
#pragma once

#include <tenon/device_api.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "plan/shape_bucket.hpp"
#include "plan/tensor_shapes.hpp"
#include "program/program.hpp"

namespace tenon {

// What planning needs to know of a device. Device 0 is the deployment's, device 1 the fallback.
struct PlanDevice {
  std::string name;
  std::function<tn_op_support(uint32_t op, const void* args)> query;
  // The tensor (dtype, layout, strides; no buffer) through which `operand` of `op` reads a weight.
  std::function<tn_tensor(uint32_t weight, uint32_t op, uint32_t operand)> weight_tensor;
};

enum class FallbackPolicy { allow, warn, deny };

struct PlanStep {
  enum class Kind { op, transfer };
  Kind kind = Kind::op;
  uint32_t device = 0;  // where it runs; for a transfer, where the copy arrives
  Operation operation;  // op: arguments complete but for buffers and offsets of roots
  uint64_t workspace_bytes = 0;
  bool capturable = false;
  ValueId value = 0;         // transfer: the root value copied
  uint32_t from_device = 0;  // transfer
};

// Which ops a device took, for the one-line summary.
struct PlacedOps {
  std::string device;
  size_t count = 0;
  struct Fallback {
    std::string op;
    size_t count = 0;
    std::string reason;  // why device 0 would not
  };
  std::vector<Fallback> fallbacks;
};

struct Plan {
  ShapeBucket bucket;
  std::vector<PlanStep> steps;
  // By device: bytes of the arena and of the workspace, and the offset of each root activation or
  // output that lies on it (indexed by ValueId; no_offset elsewhere).
  struct DeviceMemory {
    uint64_t arena_bytes = 0;
    uint64_t workspace_bytes = 0;
    std::vector<uint64_t> offsets;
  };
  static constexpr uint64_t no_offset = ~uint64_t{0};
  std::vector<DeviceMemory> devices;
  std::vector<uint32_t> home;  // by root ValueId: the device that writes it
  std::vector<PlacedOps> placement;

  // "my_npu 402 ops; cpu 10 ops: rope x10 ([rope] heads wider than 256 ...)"
  std::string placement_summary() const;
};

// Throws Error{input} when no device runs an op, or when policy is deny and device 0 does not.
Plan make_plan(const Program& program, const EngineDimensions& dimensions,
               const ShapeBucket& bucket, const std::vector<PlanDevice>& devices,
               FallbackPolicy policy);

}  // namespace tenon
