// An opened shared library.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/error.hpp"

namespace tenon {

enum class LibraryLifetime {
  resident,    // stays mapped to the end of the process: statics and threads of it stay valid
  unloadable,  // unmapped with the last owner, as far as the library allows
};

// The system's loader refused a library.
class LibraryError : public Error {
 public:
  LibraryError(const std::string& message, std::string system_message)
      : Error(ErrorKind::input, message), system_message_(std::move(system_message)) {}
  // What dlerror said; "" if it said nothing.
  const std::string& system_message() const { return system_message_; }

 private:
  std::string system_message_;
};

// Move-only. All symbols are bound when it is opened, and none of its own becomes visible to
// others. The same path opened twice is the same library.
class SharedLibrary {
 public:
  // `path` must be absolute. Throws LibraryError with the system's text.
  SharedLibrary(const std::filesystem::path& path, LibraryLifetime lifetime);
  SharedLibrary(SharedLibrary&&) noexcept;
  SharedLibrary& operator=(SharedLibrary&&) noexcept;
  ~SharedLibrary();

  using Function = void (*)();
  // The exported function of that name, cast by the caller to its type; NULL when there is none.
  Function find(const char* name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tenon
