// From tensors of a checkpoint to the bytes that a device reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "checkpoint/checkpoint.hpp"
#include "device/buffer.hpp"
#include "device/device.hpp"
#include "program/program.hpp"
#include "weights/match_weights.hpp"
#include "weights/weight_uses.hpp"

namespace tenon {

// What preparing weights moved and kept.
struct WeightTraffic {
  uint64_t imported_bytes = 0;    // used where the checkpoint is mapped, without a copy
  uint64_t uploaded_bytes = 0;    // to the device, once
  uint64_t cast_bytes = 0;        // changed to the device's own layout
  uint64_t transposed_bytes = 0;  // made contiguous the other way round, for such a layout
  uint64_t streamed_bytes = 0;    // kept by the host, which uploads them at each step
};

// Prepares weights for one device, tensor by tensor, and counts what that takes. Lets go of the
// checkpoint's pages it has read. Throws DeviceError when the device is full, Error{input} as
// derive_weight.
class WeightPreparer {
 public:
  WeightPreparer(std::shared_ptr<const Checkpoint> checkpoint, const Device& device)
      : checkpoint_(std::move(checkpoint)), device_(device) {}

  // The packed weight, row-major, on the device; in the checkpoint's own memory where the device
  // can read it there.
  Buffer row_major(const Weight& weight, const WeightSource& source);
  // The same on the host; `bytes` has the weight's size.
  void to_host(const Weight& weight, const WeightSource& source, std::span<std::byte> bytes);
  // What the device holds, as it is.
  void to_host(const Buffer& buffer, std::span<std::byte> bytes);
  // `layout.native`, made of the row-major bytes, which go as soon as nothing needs them. The
  // buffers in `layout` are not looked at; `name` is for errors.
  Buffer native(const std::string& name, const WeightLayout& layout, Buffer& row_major);

  WeightTraffic& traffic() { return traffic_; }

 private:
  bool can_import(const Weight& weight, const WeightSource& source) const;
  void copy_cast(const std::string& name, const tn_tensor& input, const tn_tensor& output) const;

  std::shared_ptr<const Checkpoint> checkpoint_;
  Device device_;
  WeightTraffic traffic_;
};

}  // namespace tenon
