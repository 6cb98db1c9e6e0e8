// A float32 matrix as a NumPy file, written row by row.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace tenon {

// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, version 1.0,
// little-endian, C order. Rows go to a file with a temporary name beside the target, which takes
// the target's name in finish(): a run that fails leaves no half-written file, and an older one
// as it was. A target that is a device or a pipe is written directly.
// Throws Error{input} for a target that cannot be used, Error{failure} for a write that fails.
class NpyWriter {
 public:
  // Opens the file, so that a bad name is found before the work starts.
  explicit NpyWriter(const std::filesystem::path& target);
  ~NpyWriter();
  NpyWriter(const NpyWriter&) = delete;
  NpyWriter& operator=(const NpyWriter&) = delete;

  // Once, before the first append.
  void begin(int64_t rows, int64_t columns);
  // Whole rows or parts of them, in order.
  void append(std::span<const float> values);
  // All rows must have been appended.
  void finish();

 private:
  void open_file();

  std::filesystem::path target_;
  std::filesystem::path temporary_;  // empty: written directly
  int file_ = -1;
  int64_t missing_ = 0;  // values still to come
};

}  // namespace tenon
