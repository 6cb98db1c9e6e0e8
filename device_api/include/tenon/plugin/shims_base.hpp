// What the slots of shims_*.hpp are made of.
#pragma once

#include <memory>

#include <tenon/plugin/guard.hpp>
#include <tenon/plugin/handles.hpp>

namespace tenon::plugin::shims {

// A slot that creates an object: *out_handle is NULL unless `make` returned one.
template <class Handle, class Make>
tn_status create(Handle** out_handle, tn_error* error, Make&& make) noexcept {
  if (out_handle != nullptr) *out_handle = nullptr;
  return guard(error, [&] {
    required_pointer(out_handle, "out handle");
    std::unique_ptr<typename ObjectOf<Handle>::type> object = make();
    if (object == nullptr) {
      throw Failure(TN_INTERNAL,
                    std::string("[") + ObjectOf<Handle>::name + "] the plugin made no object");
    }
    *out_handle = to_handle<Handle>(object.release());
  });
}

// A slot that destroys one.
template <class Handle>
tn_status destroy(Handle* handle, tn_error* error) noexcept {
  return guard(error, [&] {
    const std::unique_ptr<typename ObjectOf<Handle>::type> last(&from_handle(handle));
  });
}

// A slot that fills a struct of the caller.
template <class Struct, class Make>
tn_status answer(Struct* out, const char* name, tn_error* error, Make&& make) noexcept {
  const tn_status status = guard(error, [&] {
    check_struct_size(required_pointer(out, name), name);
    write_struct(*out, make());
  });
  if (status != TN_OK) clear_struct(out);
  return status;
}

// A slot that writes one plain value.
template <class Value, class Make>
tn_status value(Value* out, tn_error* error, Make&& make) noexcept {
  if (out != nullptr) *out = Value{};
  return guard(error, [&] {
    required_pointer(out, "out value");
    *out = make();
  });
}

inline void check_range(const char* where, const Buffer& buffer, std::uint64_t offset,
                        std::uint64_t size) {
  if (offset <= buffer.size() && size <= buffer.size() - offset) return;
  throw Failure(TN_INVALID_ARGUMENT,
                std::string("[") + where + "] the range ends past the buffer; expected at most " +
                    std::to_string(buffer.size()) + " bytes; found offset " +
                    std::to_string(offset) + " and size " + std::to_string(size));
}

}  // namespace tenon::plugin::shims
