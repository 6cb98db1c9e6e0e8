// Draws that are the same on every machine for the same seed.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

namespace tenon::conformance {

class Random {
 public:
  explicit Random(uint64_t seed) : generator_(seed) {}

  uint64_t bits() { return generator_(); }
  // In [low, high).
  double uniform(double low, double high) {
    return low + (high - low) * static_cast<double>(generator_() >> 11) * 0x1p-53;
  }
  // In [low, high].
  int64_t integer(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(generator_() % static_cast<uint64_t>(high - low + 1));
  }
  bool chance(double probability) { return uniform(0, 1) < probability; }
  template <class T>
  T pick(const std::vector<T>& values) {
    return values[static_cast<size_t>(integer(0, static_cast<int64_t>(values.size()) - 1))];
  }
  template <class T>
  T pick(std::initializer_list<T> values) {
    return pick(std::vector<T>(values));
  }
  // 0 .. count - 1 in random order.
  std::vector<int64_t> permutation(int64_t count) {
    std::vector<int64_t> order(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; ++i)
      order[static_cast<size_t>(i)] = i;
    for (int64_t i = count - 1; i > 0; --i)
      std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(integer(0, i))]);
    return order;
  }

 private:
  std::mt19937_64 generator_;
};

}  // namespace tenon::conformance
