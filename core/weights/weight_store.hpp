// The weights of a program on one device: resident ones are uploaded once and bound at every step;
// streamed ones are prepared once and kept by the host, which brings them at every step.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "checkpoint/checkpoint.hpp"
#include "device/buffer.hpp"
#include "device/device.hpp"
#include "device/stream.hpp"
#include "weights/host_image.hpp"
#include "weights/match_weights.hpp"
#include "weights/prepare_weight.hpp"
#include "weights/weight_placement.hpp"

namespace tenon {

// Bytes prepared so far, of all.
using WeightProgress = std::function<void(uint64_t done, uint64_t total)>;

// Move-only. Keeps the checkpoint alive while weights are used in place.
class WeightStore {
 public:
  // Packs and uploads tensor by tensor: beside the device's memory, and the host's copy of what is
  // streamed, no more than one tensor is held. Throws DeviceError when the device is full.
  WeightStore(const Program& program, std::shared_ptr<const Checkpoint> checkpoint,
              const std::vector<WeightSource>& sources, const Device& device,
              WeightPlacement placement, const WeightProgress& progress = {});

  // Memory for weights that nobody loads, to rehearse steps: zeros where the device keeps contents.
  // Every group of streamed weights is uploaded from the same bytes.
  WeightStore(const Program& program, const Device& device, WeightPlacement placement);

  // The tensor through which `operand` (index in ops.def) of `op` reads the weight, with buffer. A
  // streamed one holds the weight only between its upload and the next into the same slot.
  tn_tensor tensor(uint32_t weight, uint32_t op, uint32_t operand) const;

  const Residency& residency() const { return placement_.residency; }
  const WeightGroups& groups() const { return placement_.groups; }
  // Copies a group to its slot. No copy during a capture.
  void upload(uint32_t group, const Stream& stream) const;

  const WeightTraffic& traffic() const { return traffic_; }

 private:
  struct Stored {
    Buffer row_major;
    Buffer native;
  };
  void keep_resident(const Program& program, const std::vector<WeightSource>& sources, size_t i,
                     WeightPreparer& preparer);
  void keep_on_host(const Program& program, const std::vector<WeightSource>& sources,
                    const WeightGroup::Member& member, HostImage& image, WeightPreparer& preparer);
  void make_slots(const Device& device);
  void fill_with_zeros(const Device& device) const;

  std::shared_ptr<const Checkpoint> checkpoint_;
  WeightPlacement placement_;  // layouts with their buffers
  std::vector<Stored> stored_;
  std::vector<Buffer> slots_;
  std::vector<HostImage> images_;  // by group; one for all where none was loaded
  WeightTraffic traffic_;
};

}  // namespace tenon
