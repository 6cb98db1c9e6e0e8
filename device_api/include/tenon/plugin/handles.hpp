// Handles of the C contract are the addresses of the objects of objects.hpp.
#pragma once

#include <tenon/plugin/guard.hpp>
#include <tenon/plugin/objects.hpp>

namespace tenon::plugin {

template <class Handle>
struct ObjectOf;
template <>
struct ObjectOf<tn_backend> {
  using type = Backend;
  static constexpr const char* name = "backend";
};
template <>
struct ObjectOf<tn_device> {
  using type = Device;
  static constexpr const char* name = "device";
};
template <>
struct ObjectOf<tn_buffer> {
  using type = Buffer;
  static constexpr const char* name = "buffer";
};
template <>
struct ObjectOf<tn_stream> {
  using type = Stream;
  static constexpr const char* name = "stream";
};
template <>
struct ObjectOf<tn_event> {
  using type = Event;
  static constexpr const char* name = "event";
};
template <>
struct ObjectOf<tn_graph> {
  using type = Graph;
  static constexpr const char* name = "graph";
};
template <>
struct ObjectOf<tn_communicator> {
  using type = Communicator;
  static constexpr const char* name = "communicator";
};

// The object behind a handle; Failure TN_INVALID_ARGUMENT for NULL. A handle that is not of this
// plugin cannot be told from one that is: the host's validation layer finds those.
template <class Handle>
typename ObjectOf<Handle>::type& from_handle(Handle* handle) {
  required_pointer(handle, ObjectOf<Handle>::name);
  return *reinterpret_cast<typename ObjectOf<Handle>::type*>(handle);
}

template <class Handle>
Handle* to_handle(typename ObjectOf<Handle>::type* object) {
  return reinterpret_cast<Handle*>(object);
}

}  // namespace tenon::plugin
