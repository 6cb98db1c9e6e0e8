// The border between C++ and the C contract: exceptions become tn_error, structs that the caller
// passed are filled up to the caller's struct_size.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>

#include <tenon/device_api.h>
#include <tenon/plugin.h>
#include <tenon/plugin/failure.hpp>

namespace tenon::plugin {

// Copies `text` into the `size` bytes at `out`, NUL-terminated, cut at the border of a UTF-8
// character. The rest of `out` is zeroed.
inline void copy_text(char* out, std::size_t size, std::string_view text) noexcept {
  std::size_t length = std::min(text.size(), size - 1);
  if (length < text.size()) {
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0u) == 0x80u)
      --length;
  }
  if (length > 0) std::memcpy(out, text.data(), length);  // data() of no text may be NULL
  std::memset(out + length, 0, size - length);
}

inline tn_status write_error(tn_error* error, tn_status status, std::string_view text) noexcept {
  if (error != nullptr) {
    error->code = status;
    error->reserved = 0;
    copy_text(error->message, sizeof error->message, text);
  }
  return status;
}

// Inside a catch block: writes the exception being handled.
inline tn_status write_current_exception(tn_error* error) noexcept {
  try {
    throw;
  } catch (const Failure& failure) {
    const bool lying = failure.status() == TN_OK;  // a Failure is never a success
    return write_error(error, lying ? TN_INTERNAL : failure.status(), failure.what());
  } catch (const std::bad_alloc&) {
    return write_error(error, TN_OUT_OF_MEMORY, "[plugin] the process ran out of memory");
  } catch (const std::exception& exception) {
    return write_error(error, TN_INTERNAL, exception.what());
  } catch (...) {
    return write_error(error, TN_INTERNAL, "[plugin] an exception of unknown type was thrown");
  }
}

// Runs `body` as the whole of a slot.
template <class Body>
tn_status guard(tn_error* error, Body&& body) noexcept {
  try {
    body();
    return write_error(error, TN_OK, {});
  } catch (...) {
    return write_current_exception(error);
  }
}

template <class T>
T& required_pointer(T* pointer, const char* name) {
  if (pointer == nullptr) {
    throw Failure(TN_INVALID_ARGUMENT, std::string("[") + name + "] pointer is NULL");
  }
  return *pointer;
}

// Size of a struct in the first version that had it. Specialise when a struct grows.
template <class T>
inline constexpr std::uint32_t first_size = sizeof(T);
template <>
inline constexpr std::uint32_t first_size<tn_op_support> = offsetof(tn_op_support, copied_bytes);
template <>
inline constexpr std::uint32_t first_size<tn_device_info> = offsetof(tn_device_info, enqueue_ns);

template <class T>
void check_struct_size(const T& value, const char* name) {
  if (value.struct_size < first_size<T>) {
    throw Failure(TN_INVALID_ARGUMENT, std::string("[") + name +
                                           "] struct_size is too small; expected at least " +
                                           std::to_string(first_size<T>) + "; found " +
                                           std::to_string(value.struct_size));
  }
}

// Zeroes a struct of the caller except its struct_size, on the way to an error.
template <class T>
void clear_struct(T* out) noexcept {
  if (out == nullptr || out->struct_size <= sizeof(std::uint32_t)) return;
  std::memset(reinterpret_cast<char*>(out) + sizeof(std::uint32_t), 0,
              out->struct_size - sizeof(std::uint32_t));
}

// Copies `value` to the caller's struct: what fits into its struct_size, zeroes past what this
// header knows.
template <class T>
void write_struct(T& out, T value) noexcept {
  const std::uint32_t size = out.struct_size;
  value.struct_size = size;
  clear_struct(&out);
  std::memcpy(&out, &value, std::min<std::size_t>(size, sizeof(T)));
}

}  // namespace tenon::plugin
