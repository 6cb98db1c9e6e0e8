#include "base/output_paths.hpp"

#include <system_error>

#include "base/error.hpp"
#include "base/output_file.hpp"

namespace tenon {
namespace {

namespace fs = std::filesystem;

void require_others(const NamedPath& output, std::span<const NamedPath> others,
                    std::string_view what) {
  for (const NamedPath& other : others) {
    if (!is_same_file(output.path, other.path)) continue;
    fail_input(output.name, std::string(what) + other.name, "another file", output.path.string());
  }
}

}  // namespace

bool is_same_file(const fs::path& one, const fs::path& other) {
  if (one.empty() || other.empty()) return false;
  std::error_code error;
  if (fs::exists(one, error) && !fs::is_regular_file(one, error)) return false;
  if (fs::equivalent(one, other, error)) return true;
  return resolved_path(one) == resolved_path(other);
}

void check_output_paths(std::span<const NamedPath> inputs, std::span<const NamedPath> outputs) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    const NamedPath& output = outputs[i];
    require_others(output, inputs, "this would overwrite ");
    require_others(output, outputs.first(i), "the same file is written by ");
    check_output_file(output.name, output.path);
  }
}

}  // namespace tenon
