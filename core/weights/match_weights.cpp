#include "weights/match_weights.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "base/error.hpp"
#include "base/log.hpp"
#include "program/match_pattern.hpp"

namespace tenon {
namespace {

std::optional<tn_dtype> weight_dtype(StoredDtype stored) {
  switch (stored) {
    case StoredDtype::f32:
      return TN_DTYPE_F32;
    case StoredDtype::f16:
      return TN_DTYPE_F16;
    case StoredDtype::bf16:
      return TN_DTYPE_BF16;
    default:
      return std::nullopt;
  }
}

class Matcher {
 public:
  Matcher(const Program& program, const Checkpoint& checkpoint)
      : program_(program), checkpoint_(checkpoint) {}

  std::vector<WeightSource> run() {
    std::vector<WeightSource> sources;
    for (const Weight& weight : program_.weights)
      sources.push_back(match(weight));
    find_surplus();
    if (!mistakes_.empty()) report();
    return sources;
  }

 private:
  WeightSource match(const Weight& weight) {
    WeightSource source;
    if (!weight.stacked_name.empty() && checkpoint_.find(weight.stacked_name) != nullptr) {
      add_whole_stack(weight, source);
      return source;
    }
    for (int64_t i = 0; i < std::max<int64_t>(1, weight.stack); ++i) {
      for (WeightPart part : weight.parts) {
        if (weight.stack > 0) part.name = numbered(part.name, i);
        if (const TensorInfo* tensor = find(part)) add_part(weight, part, *tensor, source);
      }
    }
    return source;
  }

  static std::string numbered(const std::string& pattern, int64_t number) {
    const size_t star = pattern.find('*');
    if (star == std::string::npos) return pattern;
    return fmt::format("{}{}{}", pattern.substr(0, star), number, pattern.substr(star + 1));
  }

  // One tensor [stack, rows, columns] instead of one for each matrix and part.
  void add_whole_stack(const Weight& weight, WeightSource& source) {
    const TensorInfo* tensor = find({weight.stacked_name, "", 0});
    add_tensor(*tensor, program_.values[weight.value].dims, source);
  }

  // A tied matrix may be stored under either name, or under both.
  const TensorInfo* find(const WeightPart& part) {
    const TensorInfo* tensor = checkpoint_.find(part.name);
    if (!part.alternative.empty()) {
      const TensorInfo* twin = checkpoint_.find(part.alternative);
      if (twin != nullptr) used_.insert(twin->name);
      if (tensor != nullptr && twin != nullptr && !std::ranges::equal(tensor->data, twin->data)) {
        log(LogLevel::warning, "weights",
            fmt::format("'{}' and '{}' are tied by config.json but differ; '{}' is used", part.name,
                        part.alternative, part.name));
      }
      if (tensor == nullptr) tensor = twin;
    }
    if (tensor == nullptr) {
      mistakes_.push_back(fmt::format("[{}] tensor is missing", part.name));
      return nullptr;
    }
    used_.insert(tensor->name);
    return tensor;
  }

  void add_part(const Weight& weight, const WeightPart& part, const TensorInfo& tensor,
                WeightSource& source) {
    std::vector<int64_t> shape = {part.rows};
    if (weight.columns > 0) shape.push_back(weight.columns);
    add_tensor(tensor, shape, source);
  }

  void add_tensor(const TensorInfo& tensor, const std::vector<int64_t>& shape,
                  WeightSource& source) {
    if (!tensor.has_shape(shape)) {
      mistakes_.push_back(fmt::format("[{}] wrong shape; expected [{}]; found {}", tensor.name,
                                      fmt::join(shape, ", "), shape_text(tensor.shape)));
      return;
    }
    const std::optional<tn_dtype> dtype = weight_dtype(tensor.dtype);
    if (!dtype) {
      mistakes_.push_back(
          fmt::format("[{}] dtype is not supported; expected F32, F16 or BF16; "
                      "found {}",
                      tensor.name, stored_dtype_name(tensor.dtype)));
      return;
    }
    if (!source.parts.empty() && source.dtype != *dtype) {
      mistakes_.push_back(fmt::format(
          "[{}] parts of one packed weight differ in dtype; expected {} as '{}'; found {}",
          tensor.name, stored_dtype_name(source.parts[0]->dtype), source.parts[0]->name,
          stored_dtype_name(tensor.dtype)));
      return;
    }
    source.dtype = *dtype;
    source.bytes += tensor.bytes();
    source.parts.push_back(&tensor);
  }

  void find_surplus() {
    for (const TensorInfo& tensor : checkpoint_.tensors()) {
      if (used_.contains(tensor.name)) continue;
      const auto ignorable = [&](const std::string& pattern) {
        return matches_pattern(pattern, tensor.name);
      };
      if (std::ranges::any_of(program_.ignored_tensors, ignorable)) continue;
      mistakes_.push_back(
          fmt::format("[{}] surplus tensor: the model definition for '{}' does not read it",
                      tensor.name, program_.architecture));
    }
  }

  [[noreturn]] void report() const {
    constexpr size_t most = 20;
    std::string text =
        fmt::format("[{}] the tensors do not fit the model:", checkpoint_.path().string());
    for (size_t i = 0; i < std::min(mistakes_.size(), most); ++i)
      text += "\n  " + mistakes_[i];
    if (mistakes_.size() > most)
      text += fmt::format("\n  ... and {} more", mistakes_.size() - most);
    throw Error(ErrorKind::input, text);
  }

  const Program& program_;
  const Checkpoint& checkpoint_;
  std::set<std::string> used_;
  std::vector<std::string> mistakes_;
};

}  // namespace

std::vector<WeightSource> match_weights(const Program& program, const Checkpoint& checkpoint) {
  return Matcher(program, checkpoint).run();
}

}  // namespace tenon
