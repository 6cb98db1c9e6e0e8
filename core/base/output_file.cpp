#include "base/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <streambuf>
#include <string>
#include <system_error>

#include "base/error.hpp"
#include "base/write_fully.hpp"

namespace tenon {
namespace {

namespace fs = std::filesystem;

constexpr mode_t new_file_mode = 0666;
constexpr const char* wanted = "a file in a folder where you may write";

std::string reason(int code) {
  return std::generic_category().message(code);
}

[[noreturn]] void refuse(std::string_view where, const fs::path& target, std::string_view found) {
  fail_input(where, "cannot write " + target.string(), wanted, found);
}

// Whether the file is replaced as a whole: neither a device nor a pipe.
bool is_replaced(const fs::path& target) {
  std::error_code ignored;
  const fs::file_status status = fs::status(target, ignored);
  return !fs::exists(status) || fs::is_regular_file(status);
}

// Remembers the first error number, which a stream forgets.
class DescriptorBuffer : public std::streambuf {
 public:
  explicit DescriptorBuffer(int file) : file_(file) {
    setp(bytes_.data(), bytes_.data() + bytes_.size());
  }
  int error() const { return error_; }

 protected:
  int sync() override {
    const std::string_view waiting(pbase(), static_cast<size_t>(pptr() - pbase()));
    if (error_ == 0) error_ = write_fully(file_, waiting);
    setp(bytes_.data(), bytes_.data() + bytes_.size());
    return error_ == 0 ? 0 : -1;
  }
  int_type overflow(int_type next) override {
    if (sync() != 0) return traits_type::eof();
    if (traits_type::eq_int_type(next, traits_type::eof())) return traits_type::not_eof(next);
    return sputc(traits_type::to_char_type(next));
  }

 private:
  int file_;
  int error_ = 0;
  std::array<char, 1 << 16> bytes_{};
};

}  // namespace

fs::path resolved_path(const fs::path& path) {
  std::error_code error;
  const fs::path place = fs::absolute(path, error);
  if (error) return path.lexically_normal();
  const fs::path found = fs::weakly_canonical(place, error);
  return error ? place.lexically_normal() : found;
}

void check_output_file(std::string_view where, const fs::path& target) {
  if (target.empty()) fail_input(where, "the name of the file is empty", "a file");
  const fs::path path = resolved_path(target);
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) refuse(where, target, "a folder");
  if (fs::exists(path, ignored) && access(path.c_str(), W_OK) != 0)
    refuse(where, target, reason(errno));
  if (!is_replaced(path)) return;
  const fs::path folder = path.parent_path();
  if (!fs::exists(folder, ignored)) refuse(where, target, "no folder " + folder.string());
  if (!fs::is_directory(folder, ignored)) refuse(where, target, reason(ENOTDIR));
  if (access(folder.c_str(), W_OK | X_OK) != 0) refuse(where, target, reason(errno));
}

class OutputFile::State {
 public:
  State(std::string_view where, const fs::path& target)
      : target_(resolved_path(target)),
        file_(open_file(where)),
        buffer_(file_),
        stream_(&buffer_) {}
  ~State() {
    if (file_ >= 0) close(file_);
    if (!temporary_.empty()) unlink(temporary_.c_str());
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::ostream& stream() { return stream_; }

  void require_good() {
    if (stream_) return;
    fail_run(target_.string(), "cannot be written", {},
             buffer_.error() == 0 ? "" : reason(buffer_.error()));
  }

  void finish() {
    stream_.flush();
    require_good();
    const int closed = close(file_);
    file_ = -1;
    if (closed != 0) {  // some file systems report a full disk only here
      const int code = errno;
      fail_run(target_.string(), "cannot be written", {}, reason(code));
    }
    if (temporary_.empty()) return;
    std::error_code error;
    fs::rename(temporary_, target_, error);
    if (error) fail_run(target_.string(), "cannot be put in place", {}, error.message());
    temporary_.clear();
  }

 private:
  int open_file(std::string_view where) {
    const int file =
        is_replaced(target_) ? open_temporary() : open(target_.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) {
      const int code = errno;
      refuse(where, target_, reason(code));
    }
    return file;
  }

  // A name that no other file has, not even of this process.
  int open_temporary() {
    const std::string name = target_.string() + ".partial-" + std::to_string(getpid());
    for (int attempt = 0;; ++attempt) {
      const fs::path path = attempt == 0 ? name : name + "-" + std::to_string(attempt);
      const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, new_file_mode);
      if (file < 0 && errno == EEXIST) continue;
      if (file >= 0) {
        temporary_ = path;
        keep_permissions(file);
      }
      return file;
    }
  }

  void keep_permissions(int file) const {
    struct stat older {};
    if (stat(target_.c_str(), &older) == 0) fchmod(file, older.st_mode & 0777U);
  }

  fs::path target_;
  fs::path temporary_;  // empty: written directly
  int file_ = -1;
  DescriptorBuffer buffer_;
  std::ostream stream_;
};

OutputFile::OutputFile(std::string_view where, const fs::path& target) {
  check_output_file(where, target);
  state_ = std::make_unique<State>(where, target);
}

OutputFile::~OutputFile() = default;

void OutputFile::write(std::string_view bytes) {
  stream().write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  state_->require_good();
}

std::ostream& OutputFile::stream() {
  return state_->stream();
}

void OutputFile::finish() {
  state_->finish();
}

void write_output_file(std::string_view where, const fs::path& target, std::string_view content) {
  OutputFile file(where, target);
  file.write(content);
  file.finish();
}

}  // namespace tenon
