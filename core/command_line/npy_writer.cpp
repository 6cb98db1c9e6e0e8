#include "command_line/npy_writer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "base/error.hpp"
#include "command_line/text_io.hpp"

namespace tenon {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian");

constexpr size_t header_alignment = 64;
constexpr std::string_view magic{"\x93NUMPY\x01\x00", 8};
constexpr mode_t new_file_mode = 0666;

std::string header(int64_t rows, int64_t columns) {
  std::string dictionary =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", rows, columns);
  const size_t unpadded = magic.size() + 2 + dictionary.size() + 1;
  dictionary.append((header_alignment - unpadded % header_alignment) % header_alignment, ' ');
  dictionary += '\n';
  std::string text(magic);
  text += static_cast<char>(dictionary.size() & 0xffU);
  text += static_cast<char>(dictionary.size() >> 8U);
  return text + dictionary;
}

}  // namespace

NpyWriter::NpyWriter(const std::filesystem::path& target) {
  namespace fs = std::filesystem;
  if (target.empty()) fail_input("--logits", "the name of the file is empty", "a file");
  std::error_code error;
  target_ = fs::weakly_canonical(target, error);  // a link is followed, not replaced
  if (error) target_ = target;
  const fs::file_status status = fs::status(target_, error);
  if (fs::is_directory(status)) {
    fail_input("--logits", "cannot write " + target.string(), "a file", "a directory");
  }
  if (!fs::exists(status) || fs::is_regular_file(status)) {
    temporary_ = fmt::format("{}.partial-{}", target_.string(), getpid());
  }
  open_file();
}

void NpyWriter::open_file() {
  const bool direct = temporary_.empty();
  const int flags = direct ? O_WRONLY | O_CLOEXEC : O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  file_ = open(direct ? target_.c_str() : temporary_.c_str(), flags, new_file_mode);
  if (file_ < 0) {
    const int code = errno;
    temporary_.clear();
    fail_input("--logits", "cannot write " + target_.string(), "a file in a folder that exists",
               std::generic_category().message(code));
  }
}

NpyWriter::~NpyWriter() {
  if (file_ >= 0) close(file_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void NpyWriter::begin(int64_t rows, int64_t columns) {
  missing_ = rows * columns;
  write_all(file_, header(rows, columns), target_.string());
}

void NpyWriter::append(std::span<const float> values) {
  missing_ -= static_cast<int64_t>(values.size());
  if (missing_ < 0) fail_run(target_.string(), "the model gave more logits than were asked for");
  const std::span<const std::byte> bytes = std::as_bytes(values);
  write_all(file_, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, target_.string());
}

void NpyWriter::finish() {
  if (missing_ != 0) {
    fail_run(target_.string(), "the model gave fewer logits than were asked for", {},
             fmt::format("{} values are missing", missing_));
  }
  const int closed = close(file_);
  file_ = -1;
  if (closed != 0) {  // some file systems report a full disk only here
    const int code = errno;
    fail_run(target_.string(), "cannot be written", {}, std::generic_category().message(code));
  }
  if (temporary_.empty()) return;
  std::error_code error;
  std::filesystem::rename(temporary_, target_, error);
  if (error) fail_run(target_.string(), "cannot be put in place", {}, error.message());
  temporary_.clear();
}

}  // namespace tenon
