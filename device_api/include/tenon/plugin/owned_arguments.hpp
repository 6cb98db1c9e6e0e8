// A deep copy of an op's arguments, for work that runs later or again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <tenon/plugin/failure.hpp>
#include <tenon/plugin/op_description.hpp>

namespace tenon::plugin {

// Owns the argument struct and the host arrays it points to. The struct must have this header's
// size (see visit_arguments). Does not move in memory; one thread at a time.
class OwnedArguments {
 public:
  OwnedArguments(const OpDescription& description, const void* args)
      : description_(description),
        words_((description.args_size + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t)) {
    std::memcpy(words_.data(), args, description.args_size);
    arrays_.reserve(description.host_arrays.size());
    for (const HostArrayField& field : description.host_arrays) {
      arrays_.push_back(array_of(args, field));
      point_to(field, arrays_.back());
    }
  }
  OwnedArguments(const OwnedArguments&) = delete;
  OwnedArguments& operator=(const OwnedArguments&) = delete;

  const OpDescription& description() const { return description_; }
  const void* data() const { return words_.data(); }

  // graph_update: takes the fields marked updatable in ops.def from `args`, a struct of the same op
  // and size. Failure TN_INVALID_ARGUMENT, naming the field where it can, if anything else differs;
  // nothing is changed then.
  void update(const void* args) {
    std::vector<std::vector<std::int32_t>> arrays = matching_arrays(args);
    check_rest(args);
    for (const UpdatableField& field : description_.updatable) {
      if (!is_array(field.offset)) {
        std::memcpy(bytes() + field.offset, static_cast<const std::byte*>(args) + field.offset,
                    field.size);
      }
    }
    for (std::size_t i = 0; i < arrays.size(); ++i) {
      arrays_[i] = std::move(arrays[i]);
      point_to(description_.host_arrays[i], arrays_[i]);
    }
  }

 private:
  std::byte* bytes() { return reinterpret_cast<std::byte*>(words_.data()); }
  const std::byte* bytes() const { return reinterpret_cast<const std::byte*>(words_.data()); }

  [[noreturn]] void refuse(const std::string& what) const {
    throw Failure(TN_INVALID_ARGUMENT, std::string("[") + description_.name + "] " + what);
  }

  std::vector<std::int32_t> array_of(const void* args, const HostArrayField& field) const {
    const auto* base = static_cast<const std::byte*>(args);
    std::uint32_t count = 0;
    const std::int32_t* values = nullptr;
    std::memcpy(&count, base + field.count_offset, sizeof count);
    std::memcpy(&values, base + field.offset, sizeof values);
    if (count == 0) return {};
    if (values == nullptr) {
      refuse(std::string(field.name) + " is NULL; expected " + std::to_string(count) + " values");
    }
    return {values, values + count};
  }

  void point_to(const HostArrayField& field, const std::vector<std::int32_t>& array) {
    const std::int32_t* values = array.data();
    std::memcpy(bytes() + field.offset, &values, sizeof values);
  }

  bool is_array(std::size_t offset) const {
    return std::any_of(description_.host_arrays.begin(), description_.host_arrays.end(),
                       [&](const HostArrayField& field) { return field.offset == offset; });
  }
  bool is_updatable(std::size_t offset) const {
    return std::any_of(
        description_.updatable.begin(), description_.updatable.end(),
        [&](const UpdatableField& f) { return offset >= f.offset && offset < f.offset + f.size; });
  }

  // The new host arrays; those that may not be updated must hold the same values.
  std::vector<std::vector<std::int32_t>> matching_arrays(const void* args) const {
    std::vector<std::vector<std::int32_t>> arrays;
    for (std::size_t i = 0; i < description_.host_arrays.size(); ++i) {
      const HostArrayField& field = description_.host_arrays[i];
      arrays.push_back(array_of(args, field));
      if (arrays[i].size() != arrays_[i].size()) {
        refuse(std::string(field.name) + " has another length; expected " +
               std::to_string(arrays_[i].size()) + "; found " + std::to_string(arrays[i].size()));
      }
      if (!is_updatable(field.offset) && arrays[i] != arrays_[i]) {
        refuse(std::string(field.name) + " may not be updated");
      }
    }
    return arrays;
  }

  void check_rest(const void* args) const {
    const auto* given = static_cast<const std::byte*>(args);
    for (std::size_t i = 0; i < description_.args_size; ++i) {
      if (given[i] == bytes()[i] || is_updatable(i) || in_array_pointer(i)) continue;
      refuse(field_at(i) + " may not be updated; expected the value captured");
    }
  }

  bool in_array_pointer(std::size_t byte) const {
    return std::any_of(description_.host_arrays.begin(), description_.host_arrays.end(),
                       [&](const HostArrayField& f) {
                         return byte >= f.offset && byte < f.offset + sizeof(std::int32_t*);
                       });
  }

  std::string field_at(std::size_t byte) const {
    for (const OperandField& field : description_.operands) {
      if (byte >= field.offset && byte < field.offset + sizeof(tn_tensor)) return field.name;
    }
    return "the attribute at byte " + std::to_string(byte);
  }

  const OpDescription& description_;
  std::vector<std::uint64_t> words_;
  std::vector<std::vector<std::int32_t>> arrays_;
};

}  // namespace tenon::plugin
