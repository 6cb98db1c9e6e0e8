#include "plugin/shared_library.hpp"

#include <dlfcn.h>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>
#include <system_error>

namespace tenon {

struct SharedLibrary::State {
  boost::dll::shared_library library;
};

namespace {

boost::dll::load_mode::type load_mode(LibraryLifetime lifetime) {
  // Lazy binding, the default, would find an undefined symbol only when it is called.
  auto mode = boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local;
  if (lifetime == LibraryLifetime::resident) {
    mode |= static_cast<boost::dll::load_mode::type>(RTLD_NODELETE);
  }
  return mode;
}

// The error code of Boost.DLL is misleading (a missing symbol reads "Bad file descriptor"), so the
// loader's own text is taken, at once.
std::string take_dlerror() {
  const char* text = dlerror();
  return text == nullptr ? "" : text;
}

}  // namespace

SharedLibrary::SharedLibrary(const std::filesystem::path& path, LibraryLifetime lifetime)
    : state_(std::make_unique<State>()) {
  if (!path.is_absolute()) {
    // A bare name would be looked up in the system's folders.
    fail_run("plugin", "the path of a library must be absolute", "", path.string());
  }
  take_dlerror();
  std::error_code code;
  state_->library.load(path, code, load_mode(lifetime));
  if (!code && state_->library.is_loaded()) return;
  const std::string reason = take_dlerror();
  throw LibraryError(error_text(path.string(), "the system cannot open the library",
                                "a library whose needed libraries and symbols exist",
                                reason.empty() ? code.message() : reason),
                     reason);
}

SharedLibrary::SharedLibrary(SharedLibrary&&) noexcept = default;
SharedLibrary& SharedLibrary::operator=(SharedLibrary&&) noexcept = default;
SharedLibrary::~SharedLibrary() = default;

SharedLibrary::Function SharedLibrary::find(const char* name) const {
  if (!state_->library.has(name)) return nullptr;
  return state_->library.get<void()>(name);
}

}  // namespace tenon
