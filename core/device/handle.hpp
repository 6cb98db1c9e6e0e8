// Ownership of an opaque handle of the device API.
#pragma once

#include <tenon/types.h>

#include <memory>

namespace tenon {

// Logs (component "device") that `what` could not be destroyed; used by destructors.
void log_destroy_failure(const char* what, tn_status status, const tn_error& error) noexcept;

// Destroys the handle through its slot and then lets go of its parent, so that an object is always
// destroyed before the one it was made from, in whatever order the owners go.
template <class T>
struct HandleDeleter {
  std::shared_ptr<const void> parent;
  tn_status (*destroy)(T*, tn_error*) = nullptr;
  const char* what = "";

  void operator()(T* handle) const noexcept {
    tn_error error;
    const tn_status status = destroy(handle, &error);
    if (status != TN_OK) log_destroy_failure(what, status, error);
  }
};

// Move-only; empty after a move.
template <class T>
using Handle = std::unique_ptr<T, HandleDeleter<T>>;

}  // namespace tenon
