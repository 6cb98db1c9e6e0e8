// Bytes in and out of the process. Every error of the system becomes a sentence.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tenon {

// The reader of standard output has gone away (`tenon run | head`): nobody is left to tell, so the
// program ends without a message.
class OutputClosed : public std::runtime_error {
 public:
  OutputClosed() : std::runtime_error("standard output is closed") {}
};

// Writes all of `bytes` to standard output at once, unbuffered. Throws OutputClosed, or
// Error{failure} when the system refuses, for example because the disk is full.
void write_output(std::string_view bytes);

// Writes all of `bytes` to an open file. `where` names it in the Error{failure} of a refused write.
void write_all(int file, std::string_view bytes, std::string_view where);

// Writes to standard error. Nothing can be done about a failure, so it is ignored.
void write_note(std::string_view text);

// All of standard input, byte for byte. Throws Error{input} if it cannot be read.
std::string read_standard_input();

// All of a file, byte for byte; pipes and devices are read as well. Throws Error{input} naming the
// file if it is missing, a directory or unreadable.
std::string read_file(const std::filesystem::path& path);

bool input_is_terminal();
bool output_is_terminal();
bool notes_are_on_terminal();

}  // namespace tenon
