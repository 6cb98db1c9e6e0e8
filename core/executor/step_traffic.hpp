// What the steps of an executor moved, by what it was.
#pragma once

#include <cstdint>

namespace tenon {

// Bytes since the executor was made, and counts. Up is from the host to devices.
struct StepTraffic {
  uint64_t steps = 0;

  uint64_t metadata_bytes = 0;     // up: ids, positions, lengths, block tables
  uint64_t streamed_bytes = 0;     // up: weights that pass through slots
  uint64_t sampled_bytes = 0;      // down: tokens that the device chose
  uint64_t logits_bytes = 0;       // down: rows for who samples or looks at them on the host
  uint64_t routing_bytes = 0;      // down: rows of each expert, where experts run as a loop
  uint64_t transferred_bytes = 0;  // down and up again: values between devices

  uint64_t uploaded_bytes() const { return metadata_bytes + streamed_bytes + transferred_bytes; }
  uint64_t downloaded_bytes() const {
    return sampled_bytes + logits_bytes + routing_bytes + transferred_bytes;
  }

  uint64_t captures = 0;    // of decode steps, one for each shape bucket in use
  uint64_t replays = 0;     // steps that ran as a graph captured before
  uint64_t prefetches = 0;  // hints, whatever the device made of them
  uint64_t prefetched_bytes = 0;
  uint64_t copied_bytes = 0;  // on the devices, because of the layout of weights
  uint64_t copy_ns = 0;       // time that took, where a device keeps records of it
};

}  // namespace tenon
