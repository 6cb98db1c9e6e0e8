// A hash table from a pair of token ids to a number, made once and then only read.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace tenon::tok {

// Open addressing with linear probing, at most half full.
class PairMap {
 public:
  static constexpr uint32_t absent = UINT32_MAX;

  explicit PairMap(size_t count) : slots_(std::bit_ceil(2 * count + 2)) {}

  // The last value set for a pair counts. `count` of the constructor must not be exceeded.
  void set(int32_t left, int32_t right, uint32_t value) {
    Slot& slot = slots_[place(key_of(left, right))];
    slot = {key_of(left, right), value};
  }
  uint32_t get(int32_t left, int32_t right) const {
    return slots_[place(key_of(left, right))].value;
  }

 private:
  struct Slot {
    uint64_t key = 0;
    uint32_t value = absent;
  };
  static uint64_t key_of(int32_t left, int32_t right) {
    return (static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32) |
           static_cast<uint32_t>(right);
  }
  size_t place(uint64_t key) const {
    uint64_t hash = key * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 32;
    size_t at = hash & (slots_.size() - 1);
    while (slots_[at].value != absent && slots_[at].key != key)
      at = (at + 1) & (slots_.size() - 1);
    return at;
  }

  std::vector<Slot> slots_;
};

}  // namespace tenon::tok
