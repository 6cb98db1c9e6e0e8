// What is written lies beside what is read and beside everything else that is written.
#pragma once

#include <filesystem>
#include <span>
#include <string>

namespace tenon {

struct NamedPath {
  std::string name = {};  // the flag or the key that gives the path, or "CONFIG"
  std::filesystem::path path = {};
};

// The same file, whether it is there or not yet; links are followed. Never a device or a pipe, which
// nothing can be lost from.
bool is_same_file(const std::filesystem::path& one, const std::filesystem::path& other);

// Throws Error{input} where an output is an input or another output, naming both, and where it could
// not be written (check_output_file). Empty paths of inputs are none.
void check_output_paths(std::span<const NamedPath> inputs, std::span<const NamedPath> outputs);

}  // namespace tenon
