// Handles of the layer: numbers that are never used again, so that a destroyed handle is told from
// a foreign one for ever. They point to no memory and are only looked up.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "layers/validation/objects.hpp"

namespace tenon::validation {

inline constexpr size_t most_layers = 32;

template <class T>
inline constexpr Kind kind_of = Kind::backend;
template <>
inline constexpr Kind kind_of<tn_device> = Kind::device;
template <>
inline constexpr Kind kind_of<tn_buffer> = Kind::buffer;
template <>
inline constexpr Kind kind_of<tn_stream> = Kind::stream;
template <>
inline constexpr Kind kind_of<tn_event> = Kind::event;
template <>
inline constexpr Kind kind_of<tn_graph> = Kind::graph;
template <>
inline constexpr Kind kind_of<tn_communicator> = Kind::communicator;

// The layer that a handle says it belongs to; most_layers when it is no layer's handle.
size_t layer_of(const void* handle);

// Guarded by the layer's mutex.
class Handles {
 public:
  explicit Handles(size_t layer) : layer_(layer) {}

  // Gives the object its id; its parent has one child more. Returns the handle for the host.
  void* add(std::shared_ptr<Object> object);
  template <class T>
  T* add(std::shared_ptr<Object> object) {
    return static_cast<T*>(add(std::move(object)));
  }

  // The living object behind a handle, of the wanted kind. Violates known_handle otherwise, saying
  // what the handle is instead.
  std::shared_ptr<Object> find(const void* handle, Kind kind, const char* call) const;
  // For a destroying call: a destroyed handle violates destroyed_once.
  std::shared_ptr<Object> find_to_destroy(const void* handle, Kind kind, const char* call) const;

  void remove(const Object& object) { objects_.erase(object.id); }

  std::vector<std::shared_ptr<Object>> all() const;

 private:
  size_t layer_;
  std::unordered_map<uint64_t, std::shared_ptr<Object>> objects_;
};

}  // namespace tenon::validation
