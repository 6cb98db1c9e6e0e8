// A float32 matrix as a NumPy file, written row by row.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "base/output_file.hpp"

namespace tenon {

// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, version 1.0,
// little-endian, C order. Rows are streamed to an OutputFile: a run that fails leaves an older file
// as it was. Throws Error{input} for a target that cannot be used, Error{failure} for a write that
// fails.
class NpyWriter {
 public:
  // Opens the file, so that a bad name is found before the work starts.
  explicit NpyWriter(const std::filesystem::path& target);

  // Once, before the first append.
  void begin(int64_t rows, int64_t columns);
  // Whole rows or parts of them, in order.
  void append(std::span<const float> values);
  // All rows must have been appended.
  void finish();

 private:
  std::string name_;
  OutputFile file_;
  int64_t missing_ = 0;  // values still to come
};

}  // namespace tenon
