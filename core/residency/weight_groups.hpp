// Streamed weights by order of use: which of them share a slot of device memory, and which slot.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "residency/residency.hpp"

namespace tenon {

// Weights that are brought to the device together: those of a run of consecutive operations.
struct WeightGroup {
  struct Member {
    uint32_t weight = 0;  // index into Program::weights
    uint64_t offset = 0;  // bytes from the start of the slot, aligned for a tensor
    uint64_t bytes = 0;
  };
  std::vector<Member> members;
  uint64_t bytes = 0;  // of all, padding included
  uint32_t slot = 0;
};

// Group i lies in slot i modulo the number of slots, so that while one group is read, the next ones
// are brought.
struct WeightGroups {
  std::vector<WeightGroup> groups;  // in order of use
  uint64_t slot_bytes = 0;          // of each slot
  uint32_t slots = 0;               // 0: nothing is streamed

  uint64_t device_bytes() const { return slot_bytes * slots; }
  uint64_t streamed_bytes() const;  // brought by each step that reads them all
  // The group that brings a weight; nothing for a resident one.
  std::optional<uint32_t> group_of(uint32_t weight) const;
};

// Of the weights that `residency` streams. `bytes`: storage of each weight on the device. A slot is
// as large as the operation that reads most of them needs, and takes as many consecutive operations
// as fit. `slots` is 2 or more; there are never more slots than groups.
WeightGroups group_weights(const Program& program, const Residency& residency,
                           std::span<const uint64_t> bytes, uint32_t slots);

}  // namespace tenon
