// A plan: a program compiled for given devices and one shape bucket. Where each op runs, where each
// value lies, and which copies go between devices.
#pragma once

#include <tenon/device_api.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "plan/grouped_matmul_policy.hpp"
#include "plan/shape_bucket.hpp"
#include "plan/step_clock.hpp"
#include "plan/tensor_shapes.hpp"
#include "program/program.hpp"

namespace tenon {

// What planning needs to know of a device. Device 0 is the deployment's, device 1 the fallback.
struct PlanDevice {
  std::string name;
  std::function<tn_op_support(uint32_t op, const void* args)> query;
  // The tensor (dtype, layout, strides; no buffer) through which `operand` of `op` reads a weight.
  std::function<tn_tensor(uint32_t weight, uint32_t op, uint32_t operand)> weight_tensor;
  HostCosts host = {};
};

enum class FallbackPolicy { allow, warn, deny };

// Queues of one device. Ops run on `compute`; the others overlap with it, ordered by events alone.
enum class PlanStream : uint32_t { compute, prefetch, upload };
inline constexpr size_t plan_stream_count = 3;
const char* plan_stream_name(PlanStream stream);

// A weight as `operand` (index in ops.def) of `op` reads it.
struct WeightUse {
  uint32_t weight = 0;  // index into Program::weights
  uint32_t op = 0;
  uint32_t operand = 0;
};

struct PlanStep {
  enum class Kind {
    op,
    expert_loop,  // a grouped_matmul as one linear for each expert that has rows
    read_back,    // `value` to the host, which waits: the rows of each expert
    transfer,     // a copy between devices, through the host
    record,       // an event on `stream`
    wait,         // later work of `stream` waits for the event's latest record
    prefetch,     // a hint to bring the first `bytes` of a weight into the device's cache
    upload,       // a group of streamed weights, `bytes` in all, to its slot on the device
  };
  Kind kind = Kind::op;
  uint32_t device = 0;  // where it runs; for a transfer, where the copy arrives
  PlanStream stream = PlanStream::compute;
  Operation operation;  // op, expert_loop: arguments complete but for buffers and root offsets
  uint64_t workspace_bytes = 0;
  bool capturable = false;
  uint64_t copied_bytes = 0;  // at each step, because of the layout of an operand
  ValueId value = 0;          // transfer, read_back: the root value copied
  uint32_t from_device = 0;   // transfer
  uint32_t event = 0;         // record, wait: below Plan::DeviceMemory::event_count
  WeightUse weight;           // prefetch
  uint32_t group = 0;         // upload: index into WeightGroups::groups of the device
  uint64_t bytes = 0;         // prefetch, read_back, upload

  bool runs_operation() const { return kind == Kind::op || kind == Kind::expert_loop; }
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

// How one layer of experts runs on device 0.
struct ExpertLayer {
  std::string name;
  ValueId group_list = 0;  // rows of each expert; the layer's matmuls share it
  GroupedMatmulFacts facts;
  GroupedMatmulChoice choice;
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
    uint32_t event_count = 0;  // each recorded at most once in a step
  };
  static constexpr uint64_t no_offset = ~uint64_t{0};
  std::vector<DeviceMemory> devices;
  std::vector<uint32_t> home;  // by root ValueId: the device that writes it
  std::vector<PlacedOps> placement;
  std::vector<ExpertLayer> expert_layers;

  // "my_npu 402 ops; cpu 10 ops: rope x10 ([rope] heads wider than 256 ...)"
  std::string placement_summary() const;
};

// Bytes of one step that the host reads back before it can go on; outputs apart.
uint64_t read_back_bytes(const Plan& plan);

// How layers of experts are to run.
struct ExpertChoice {
  GroupedMatmulPolicy policy = GroupedMatmulPolicy::automatic;
  bool captured = false;  // the step will be a graph unless something in it is in the way
};

// Throws Error{input} when no device runs an op, or when policy is deny and device 0 does not.
Plan make_plan(const Program& program, const EngineDimensions& dimensions,
               const ShapeBucket& bucket, const std::vector<PlanDevice>& devices,
               FallbackPolicy policy, const ExpertChoice& experts = {});

}  // namespace tenon
