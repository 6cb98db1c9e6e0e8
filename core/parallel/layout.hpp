// [parallel]: how many cards a deployment runs on, and what they share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.hpp"

namespace tenon {

// Rank r is card r: number r % tensor of the replica r / tensor.
struct ParallelLayout {
  int64_t tensor = 1;  // ranks that share each layer's weights and heads: a replica
  int64_t expert = 1;  // ranks that share out the experts: 1 (each holds a part of all), or all
  int64_t data = 1;    // replicas, each with its own sequences

  int64_t ranks() const { return tensor * data; }
  bool is_single() const { return ranks() == 1; }
};

// What one of `ranks` has of `count`, at most.
constexpr int64_t share_of(int64_t count, int64_t ranks) {
  return count / ranks + (count % ranks > 0 ? 1 : 0);  // a sum before the division may overflow
}

// What is wrong with a layout.
struct LayoutMistake {
  std::string key;  // of the configuration: "parallel.expert"
  std::string what;
  std::string expected;
  std::string found;
};
// What is wrong with it whatever the model.
std::optional<LayoutMistake> find_mistake(const ParallelLayout& layout);

// A layout that a model does not divide over. Says which key, so that a caller who knows the
// configuration can add its place.
class LayoutError : public Error {
 public:
  explicit LayoutError(LayoutMistake mistake);
  const LayoutMistake& mistake() const { return mistake_; }

 private:
  LayoutMistake mistake_;
};

}  // namespace tenon
