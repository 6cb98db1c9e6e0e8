// tn_plugin_query of the mutant library.
//
// TENON_MUTANT       name of the fault; unset or "none": the unchanged table of
// TENON_MUTANT_BASE  a backend, the CPU reference unless it is set; a fault knows its own
// TENON_MUTANT_PROOF a file to which a line "<name>" is written when the fault is planted
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>

#include "plant/base.hpp"
#include "plant/mutant.hpp"
#include "plant/watch.hpp"

namespace tenon::mutants {
namespace {

struct Library {
  tn_plugin_query_function query = nullptr;
  tn_device_table reference{};  // of the backend that the fault is planted in
  tn_device_table watched_table{};
  Planted planted{};
  bool clean = true;
  std::string refusal;  // why the library cannot be used
};

std::string folder_of_this_library() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(&base), &info) == 0 || info.dli_fname == nullptr) return ".";
  const std::string path = info.dli_fname;
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

void prove(std::string_view name) {
  const char* path = std::getenv("TENON_MUTANT_PROOF");
  std::FILE* file = path == nullptr ? nullptr : std::fopen(path, "a");
  if (file == nullptr) return;
  std::fprintf(file, "%s\n", std::string(name).c_str());
  std::fclose(file);
}

void open_base(Library& library, std::string_view backend) {
  const std::string path =
      folder_of_this_library() + "/" TENON_MUTANT_BASES "/lib" + std::string(backend) + ".so";
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle != nullptr) {
    library.query = reinterpret_cast<tn_plugin_query_function>(dlsym(handle, TN_PLUGIN_QUERY_NAME));
  }
  tn_plugin_answer answer{};
  answer.struct_size = sizeof answer;
  if (library.query == nullptr ||
      library.query(TN_PLUGIN_DEVICE, nullptr, TN_DEVICE_API_VERSION, &answer, nullptr) != TN_OK) {
    library.refusal = "[mutants] the backend cannot be used; expected it at " + path;
    return;
  }
  library.reference = *static_cast<const tn_device_table*>(answer.table);
  library.watched_table = watched(library.reference);
}

// Left in memory until the process ends: a slot may run while the library's statics go.
Library& library() {
  static Library& the_library = *new Library;
  return the_library;
}

std::string_view variable(const char* name, std::string_view otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

void plant() {
  Library& made = library();
  const std::string_view name = variable("TENON_MUTANT", "none");
  const Mutant* mutant = find_mutant(name);
  if (mutant == nullptr && name != "none") {
    made.refusal = "[mutants] no mutant has the name in TENON_MUTANT; found " + std::string(name);
    return;
  }
  open_base(made,
            mutant != nullptr ? mutant->base : variable("TENON_MUTANT_BASE", reference_backend));
  if (!made.refusal.empty()) return;
  made.planted.table = made.reference;
  made.planted.facts = *made.reference.header.facts;
  if (mutant == nullptr) return;
  made.clean = false;
  made.planted.table = made.watched_table;
  made.planted.table.header.facts = &made.planted.facts;
  mutant->plant(made.planted);
  if (made.planted.table.header.struct_size == 0) {
    made.refusal = "[mutants] the library cannot be used; " + std::string(mutant->what);
    return;
  }
  prove(name);
}

Library& planted_library() {
  static std::once_flag once;
  std::call_once(once, plant);
  return library();
}

}  // namespace

const tn_device_table& base() {
  return library().watched_table;
}

tn_status answer_honestly(uint32_t kind, const tn_host* host, uint32_t host_max_version,
                          tn_plugin_answer* out, tn_error* error) {
  Library& here = planted_library();
  const tn_status status = here.query(kind, host, host_max_version, out, error);
  if (status == TN_OK) out->table = &here.planted.table;
  return status;
}

}  // namespace tenon::mutants

extern "C" TN_EXPORT tn_status tn_plugin_query(uint32_t kind, const tn_host* host,
                                               uint32_t host_max_version, tn_plugin_answer* out,
                                               tn_error* error) {
  using namespace tenon::mutants;
  const Library& here = planted_library();
  if (!here.refusal.empty()) {
    if (out != nullptr) out->table = nullptr;
    return refuse(error, TN_UNSUPPORTED, here.refusal.c_str());
  }
  if (!here.clean && here.planted.query != nullptr) {
    return here.planted.query(kind, host, host_max_version, out, error);
  }
  return answer_honestly(kind, host, host_max_version, out, error);
}
