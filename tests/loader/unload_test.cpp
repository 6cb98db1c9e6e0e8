// Libraries stay mapped unless asked otherwise.
#include <gtest/gtest.h>

#include <filesystem>

#include "loader_files.hpp"
#include "plugin/shared_library.hpp"

namespace tenon {
namespace {

// A copy of its own for each test: the same path would be the same library.
std::filesystem::path counter() {
  const auto folder = fresh_folder("library");
  put("counter", folder, "counter");
  return folder / "libcounter.so";
}

int count(const SharedLibrary& library) {
  return reinterpret_cast<int (*)()>(library.find("fixture_count"))();
}

TEST(Unload, ResidentLibrariesKeepTheirState) {
  const auto path = counter();
  EXPECT_EQ(count(SharedLibrary(path, LibraryLifetime::resident)), 1);
  EXPECT_EQ(count(SharedLibrary(path, LibraryLifetime::resident)), 2);
}

TEST(Unload, UnloadableLibrariesStartAnew) {
  const auto path = counter();
  {
    const SharedLibrary library(path, LibraryLifetime::unloadable);
    EXPECT_EQ(count(library), 1);
    EXPECT_EQ(count(library), 2);
  }
  EXPECT_EQ(count(SharedLibrary(path, LibraryLifetime::unloadable)), 1);
}

TEST(Unload, AnUnloadablePluginLivesAsLongAsItIsHeld) {
  const auto folder = fresh_folder("library");
  put("c_backend", folder, "c_backend");
  auto plugin =
      LoadedPlugin::load(folder / "libc_backend.so", device_plugins(), LibraryLifetime::unloadable);
  const auto second = plugin;
  plugin.reset();
  EXPECT_EQ(std::string(second->table().facts->name), "c_backend");
}

TEST(Unload, AMissingFunctionIsNull) {
  const SharedLibrary library(counter(), LibraryLifetime::unloadable);
  EXPECT_EQ(library.find("no_such_function"), nullptr);
}

TEST(Unload, RelativePathsAreRefused) {
  EXPECT_THROW(SharedLibrary("libm.so.6", LibraryLifetime::resident), Error);
}

}  // namespace
}  // namespace tenon
