#include "weights/match_weights.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "base/error.hpp"
#include "base/log.hpp"
#include "checkpoint/read_values.hpp"
#include "device/tensor.hpp"
#include "program/match_pattern.hpp"

namespace tenon {
namespace {

// The dtype of a weight made of tensors of this type; nothing: it cannot be.
std::optional<tn_dtype> weight_dtype(const Weight& weight, tn_dtype wanted, StoredDtype stored) {
  const bool is_float =
      stored == StoredDtype::f32 || stored == StoredDtype::f16 || stored == StoredDtype::bf16;
  switch (weight.derivation) {
    case Derivation::to_f32:
      if (is_float || stored == StoredDtype::i64) return TN_DTYPE_F32;
      return std::nullopt;
    case Derivation::to_i32:
      if (stored == StoredDtype::i8 || stored == StoredDtype::i32) return TN_DTYPE_I32;
      return std::nullopt;
    case Derivation::quantised:
    case Derivation::row_scales:
      return is_float ? std::optional(wanted) : std::nullopt;
    case Derivation::stored:
      break;
  }
  if (wanted == TN_DTYPE_I8 && stored == StoredDtype::i8) return TN_DTYPE_I8;
  if (wanted == TN_DTYPE_I32 && stored == StoredDtype::i32) return TN_DTYPE_I32;
  if (wanted != TN_DTYPE_NONE || !is_float) return std::nullopt;
  if (stored == StoredDtype::f32) return TN_DTYPE_F32;
  return stored == StoredDtype::f16 ? TN_DTYPE_F16 : TN_DTYPE_BF16;
}

std::string_view expected_dtypes(const Weight& weight, tn_dtype wanted) {
  if (weight.derivation == Derivation::to_i32) return "I8 or I32";
  if (weight.derivation == Derivation::to_f32) return "F32, F16, BF16 or I64";
  if (weight.derivation == Derivation::stored && wanted == TN_DTYPE_I8) return "I8";
  if (weight.derivation == Derivation::stored && wanted == TN_DTYPE_I32) return "I32";
  return "F32, F16 or BF16";
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
        if (weight.stack > 0) part.name = numbered_name(part.name, i);
        const TensorInfo* tensor = find(part);
        if (tensor == nullptr) continue;
        add_part(weight, part, *tensor, source);
        if (!part.factor.empty()) add_factor(numbered_name(part.factor, i), source);
        if (!part.zero.empty()) check_zero(numbered_name(part.zero, i));
      }
    }
    if (weight.same_parts) keep_one(source);
    return source;
  }

  // Offsets of weights that are quantised symmetrically: kept by some tools, and not read.
  void check_zero(const std::string& name) {
    const TensorInfo* tensor = checkpoint_.find(name);
    if (tensor == nullptr) return;
    used_.insert(name);
    const bool readable = is_float_readable(tensor->dtype);
    std::vector<float> values(readable ? tensor->elements() : 0);
    if (readable) widen_to_float(tensor->dtype, tensor->data, values);
    const bool zero = readable ? std::ranges::all_of(values, [](float v) { return v == 0; })
                               : std::ranges::all_of(tensor->data, [](std::byte byte) {
                                   return byte == std::byte{0};
                                 });
    if (zero) return;
    mistakes_.push_back(fmt::format(
        "[{}] weights quantised with an offset are not supported; expected zeros; found others",
        name));
  }

  void add_factor(const std::string& name, WeightSource& source) {
    const TensorInfo* tensor = find({name, "", 1});
    if (tensor == nullptr) return;
    if (tensor->elements() != 1) {
      mistakes_.push_back(fmt::format("[{}] wrong shape; expected [1]; found {}", tensor->name,
                                      shape_text(tensor->shape)));
      return;
    }
    source.factors.push_back(tensor);
  }

  void keep_one(WeightSource& source) {
    for (const TensorInfo* part : source.parts) {
      if (part->dtype == source.parts[0]->dtype &&
          std::ranges::equal(part->data, source.parts[0]->data))
        continue;
      mistakes_.push_back(
          fmt::format("[{}] parts of one packed weight read one input and must agree; expected the "
                      "value of '{}'; found another",
                      part->name, source.parts[0]->name));
    }
    if (source.parts.empty()) return;
    source.bytes /= source.parts.size();
    source.parts.resize(1);
  }

  // One tensor [stack, rows, columns] instead of one for each matrix and part.
  void add_whole_stack(const Weight& weight, WeightSource& source) {
    const TensorInfo* tensor = find({weight.stacked_name, "", 0});
    add_tensor(weight, *tensor, program_.values[weight.value].dims, source);
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
    add_tensor(weight, tensor, shape, source);
  }

  void add_tensor(const Weight& weight, const TensorInfo& tensor, const std::vector<int64_t>& shape,
                  WeightSource& source) {
    // Scales of the rows of a matrix are often kept as a column.
    const std::vector<int64_t> column = {shape[0], 1};
    const bool is_column =
        shape.size() == 1 && weight.derivation == Derivation::to_f32 && tensor.has_shape(column);
    if (!tensor.has_shape(shape) && !is_column) {
      mistakes_.push_back(fmt::format("[{}] wrong shape; expected [{}]; found {}", tensor.name,
                                      fmt::join(shape, ", "), shape_text(tensor.shape)));
      return;
    }
    const tn_dtype wanted = program_.values[weight.value].dtype;
    const std::optional<tn_dtype> dtype = weight_dtype(weight, wanted, tensor.dtype);
    if (!dtype) {
      mistakes_.push_back(fmt::format("[{}] dtype is not supported; expected {}; found {}",
                                      tensor.name, expected_dtypes(weight, wanted),
                                      stored_dtype_name(tensor.dtype)));
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
    const uint64_t elements = weight.derivation == Derivation::row_scales
                                  ? static_cast<uint64_t>(shape[0])
                                  : tensor.elements();
    source.bytes += elements * dtype_bytes(*dtype);
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
