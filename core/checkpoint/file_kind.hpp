// What a file really is, when it is not a safetensors file: for a helpful message.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace tenon {

// For example "a Git LFS pointer (fetch the file itself with `git lfs pull`)"; empty if the first
// bytes say nothing.
std::string_view recognise_foreign_file(std::span<const std::byte> bytes);

}  // namespace tenon
