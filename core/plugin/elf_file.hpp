// A look at a shared library's file before the loader opens it.
//
// dlopen runs the library's initialisers and explains little: a file for another machine, a text
// file and a truncated download all "cannot be opened", and a library built with AddressSanitizer
// ends the process. So the file is read first, with every offset checked against its size.
#pragma once

#include <tenon/plugin.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace tenon {

// What the dynamic section of an ELF shared object says.
struct ElfFacts {
  std::vector<std::string> needed;             // DT_NEEDED, e.g. "libstdc++.so.6"
  bool exports_query = false;                  // defines the function tn_plugin_query
  tn_sanitizer sanitizer = TN_SANITIZER_NONE;  // whose run-time library it needs
};

// Reads the facts from the bytes of a file. Throws Error{input} that begins with "[where]" and says
// what the file is instead: empty, a Windows library, no ELF file, 32-bit, for another machine, an
// executable or object file, or damaged. Never reads past `file`.
ElfFacts read_elf_facts(std::span<const std::byte> file, const std::string& where);

// The same for a path: also refuses what is missing or no regular file.
ElfFacts inspect_library_file(const std::filesystem::path& path);

// The sanitizer this host was built with.
tn_sanitizer host_sanitizer();
// "AddressSanitizer" and so on.
std::string sanitizer_name(uint32_t sanitizer);

// Refuses (Error{input}) a library that needs a sanitizer's run-time which this host does not have.
// A plain library in a sanitized host is fine.
void check_sanitizer(uint32_t library, const std::string& where);

}  // namespace tenon
