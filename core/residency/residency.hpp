// Which values of a program lie on a device from step to step, and which weights pass through.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "program/program.hpp"

namespace tenon {

// The one owner of this question. Only weights and derived constants can be resident, only weights
// can be streamed: caches are created on the device, metadata comes with each step, activations and
// outputs live within one. A value type; the program is passed in, never kept.
class Residency {
 public:
  Residency() = default;  // of a program without values
  // Every weight and derived constant is resident.
  explicit Residency(const Program& program);
  // Of the weights and constants only these are. Throws as mark_resident.
  Residency(const Program& program, std::span<const ValueId> resident);

  // Throw Error{input} that names the value where its class is not one of those above.
  void mark_resident(const Program& program, ValueId value);
  void mark_streamed(const Program& program, ValueId value);

  bool is_resident(ValueId value) const { return stays_.at(value) == Stay::resident; }
  bool is_streamed(ValueId value) const { return stays_.at(value) == Stay::streamed; }

  // Throws as mark_resident and mark_streamed where the classes of `program` are no longer those
  // that the marks were made for.
  void check(const Program& program) const;

 private:
  enum class Stay : uint8_t { neither, resident, streamed };
  std::vector<Stay> stays_;  // by ValueId
};

// Streams every matrix and stack of matrices that exactly one operation of the program reads, and
// reads whole. Resident stay vectors, which are small; weights that several operations read, which
// would be brought several times; and embedding tables, of which a step needs a few rows.
Residency stream_matrices(const Program& program);

}  // namespace tenon
