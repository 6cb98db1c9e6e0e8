// Files that are whole or not there: a write that fails leaves an older one as it was.
#pragma once

#include <filesystem>
#include <memory>
#include <ostream>
#include <string_view>

namespace tenon {

// The file behind links, by its absolute name, whether it is there or not yet.
std::filesystem::path resolved_path(const std::filesystem::path& path);

// Throws Error{input} where OutputFile would, as far as that shows without writing anything. `where`
// is the flag or the key that names the file.
void check_output_file(std::string_view where, const std::filesystem::path& target);

// What is written goes to a file with a temporary name beside the target, which takes the target's
// name in finish(). A link is followed, not replaced; the permissions of an older file stay. A
// target that is a device or a pipe is written directly. For one thread.
class OutputFile {
 public:
  // Throws Error{input} for an empty name, a folder, and a place where no file can be made.
  OutputFile(std::string_view where, const std::filesystem::path& target);
  ~OutputFile();  // without finish() nothing stays
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Throws Error{failure} naming the target.
  void write(std::string_view bytes);
  // The same file for what writes to streams; finish() reports what failed here.
  std::ostream& stream();
  // Once, at the end. Throws Error{failure} if anything could not be written.
  void finish();

 private:
  class State;
  std::unique_ptr<State> state_;
};

// All of a file at once.
void write_output_file(std::string_view where, const std::filesystem::path& target,
                       std::string_view content);

}  // namespace tenon
