#include "command_line/text_io.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "base/error.hpp"
#include "base/write_fully.hpp"

namespace tenon {
namespace {

std::string reason(int code) {
  return std::generic_category().message(code);
}

// Waits until a descriptor that another program made non-blocking can be used again.
void wait_for(int file, short events) {
  pollfd waiting{file, events, 0};
  poll(&waiting, 1, -1);
}

std::string read_fully(int file, const std::string& where) {
  std::string text;
  std::array<char, 1 << 16> part{};
  for (;;) {
    const ssize_t count = read(file, part.data(), part.size());
    if (count == 0) return text;
    if (count > 0) {
      text.append(part.data(), static_cast<size_t>(count));
    } else if (errno == EAGAIN) {
      wait_for(file, POLLIN);
    } else if (errno != EINTR) {
      const int code = errno;
      fail_input(where, "cannot be read", "a file", reason(code));
    }
  }
}

class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path)
      : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

void write_output(std::string_view bytes) {
  const int code = write_fully(STDOUT_FILENO, bytes);
  if (code == EPIPE) throw OutputClosed();
  if (code != 0) fail_run("standard output", "cannot be written", {}, reason(code));
}

void write_all(int file, std::string_view bytes, std::string_view where) {
  const int code = write_fully(file, bytes);
  if (code != 0) fail_run(where, "cannot be written", {}, reason(code));
}

void write_note(std::string_view text) {
  write_fully(STDERR_FILENO, text);
}

std::string read_standard_input() {
  return read_fully(STDIN_FILENO, "standard input");
}

std::string read_file(const std::filesystem::path& path) {
  if (path.empty()) fail_input("command line", "the name of a file is empty", "a file");
  const OpenFile file(path);
  if (file.descriptor() < 0) {
    const int code = errno;
    fail_input(path.string(), "cannot be opened", "a file", reason(code));
  }
  return read_fully(file.descriptor(), path.string());
}

bool input_is_terminal() {
  return isatty(STDIN_FILENO) == 1;
}
bool output_is_terminal() {
  return isatty(STDOUT_FILENO) == 1;
}
bool notes_are_on_terminal() {
  return isatty(STDERR_FILENO) == 1;
}

}  // namespace tenon
