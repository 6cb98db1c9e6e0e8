#include "runner/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): signals are POSIX
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <list>
#include <utility>

#include "base/error.hpp"

namespace tenon::conformance {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kept_output = 65536;
constexpr std::chrono::seconds time_after_verdict{5};

class File {
 public:
  explicit File(int number = -1) : number_(number) {}
  File(File&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~File() { close(); }
  int number() const { return number_; }
  bool open() const { return number_ >= 0; }
  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

[[noreturn]] void fail_system(const char* call) {
  fail_run(call, std::strerror(errno), "a process for each test");
}

struct Pipe {
  File read;
  File write;
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) fail_system("pipe");
    read = File(ends[0]);
    write = File(ends[1]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
  }
};

void write_whole(int file, const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t written = write(file, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // the parent is gone: nobody is left to tell
    bytes += written;
    size -= static_cast<size_t>(written);
  }
}

// Adds what can be read now. False at the end of the file.
bool read_available(int file, std::string& into) {
  std::array<char, 16384> bytes;
  while (true) {
    const ssize_t got = read(file, bytes.data(), bytes.size());
    if (got > 0) {
      into.append(bytes.data(), static_cast<size_t>(got));
    } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
      return false;
    } else if (errno == EAGAIN) {
      return true;
    }
  }
}

// SIGCHLD as something that poll() waits for, while it lives.
class ChildSignal {
 public:
  ChildSignal() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &signals, &before_) != 0) fail_system("sigprocmask");
    file_ = File(signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!file_.open()) fail_system("signalfd");
  }
  ~ChildSignal() { restore(); }
  ChildSignal(const ChildSignal&) = delete;
  ChildSignal& operator=(const ChildSignal&) = delete;
  int file() const { return file_.number(); }
  void restore() const { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  void clear() const {
    std::string ignored;
    read_available(file_.number(), ignored);
  }

 private:
  sigset_t before_;
  File file_;
};

struct Child {
  size_t index = 0;
  pid_t process = 0;
  File messages;
  File output;
  std::string frames;  // of the channel, not yet taken apart
  ChildEnd end;
  Clock::time_point begin;
  Clock::time_point deadline;
};

// What only the child does, before the body.
void enter_child(const ChildSignal& signal, pid_t parent, int output) {
  setpgid(0, 0);  // so that the time-out reaches what the plugin starts
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  ::signal(SIGPIPE, SIG_DFL);
  signal.restore();
  const int input = open("/dev/null", O_RDONLY);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  close(input);
  close(output);
}

[[noreturn]] void be_child(const std::function<void(size_t, Channel&)>& body, size_t index,
                           int messages) {
  Channel channel(messages);
  try {
    body(index, channel);
  } catch (...) {
    std::fputs("an exception left the test's process\n", stderr);
    std::fflush(nullptr);
    _exit(1);
  }
  std::fflush(nullptr);
  _exit(0);
}

Child start(size_t index, const ChildSignal& signal, std::chrono::milliseconds timeout,
            const std::function<void(size_t, Channel&)>& body) {
  Pipe messages;
  Pipe output;
  Child child;
  child.index = index;
  child.begin = Clock::now();
  child.deadline = child.begin + timeout;
  const pid_t parent = getpid();
  std::fflush(nullptr);
  child.process = fork();
  if (child.process < 0) fail_system("fork");
  if (child.process == 0) {
    enter_child(signal, parent, output.write.number());
    be_child(body, index, messages.write.number());
  }
  setpgid(child.process, child.process);  // whichever of the two is first
  child.messages = std::move(messages.read);
  child.output = std::move(output.read);
  return child;
}

// A frame is its kind, the size of the text in 8 bytes, and the text.
void take_frames(Child& child) {
  constexpr size_t head = 1 + sizeof(uint64_t);
  std::string& frames = child.frames;
  while (frames.size() >= head) {
    uint64_t size = 0;
    std::memcpy(&size, frames.data() + 1, sizeof size);
    if (frames.size() - head < size) return;
    const bool verdict = frames.front() == 'v';
    (verdict ? child.end.verdicts : child.end.notes).push_back(frames.substr(head, size));
    frames.erase(0, head + size);
    if (verdict) child.deadline = std::min(child.deadline, Clock::now() + time_after_verdict);
  }
}

void read_from(Child& child) {
  if (child.messages.open() && !read_available(child.messages.number(), child.frames)) {
    child.messages.close();
  }
  take_frames(child);
  std::string& output = child.end.output;
  if (child.output.open() && !read_available(child.output.number(), output)) child.output.close();
  if (output.size() > kept_output) output.erase(0, output.size() - kept_output);
}

// True once the child has ended.
bool has_ended(Child& child) {
  int status = 0;
  if (waitpid(child.process, &status, WNOHANG) != child.process) return false;
  kill(-child.process, SIGKILL);  // what the plugin started and left behind
  read_from(child);
  child.end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  child.end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  child.end.seconds = std::chrono::duration<double>(Clock::now() - child.begin).count();
  return true;
}

void end_late(Child& child) {
  if (child.end.hung || Clock::now() < child.deadline) return;
  child.end.hung = true;
  kill(-child.process, SIGKILL);
  kill(child.process, SIGKILL);
}

void wait_for_news(const std::list<Child>& children, const ChildSignal& signal) {
  std::vector<pollfd> files{{signal.file(), POLLIN, 0}};
  Clock::time_point next = Clock::time_point::max();
  for (const Child& child : children) {
    if (child.messages.open()) files.push_back({child.messages.number(), POLLIN, 0});
    if (child.output.open()) files.push_back({child.output.number(), POLLIN, 0});
    if (!child.end.hung) next = std::min(next, child.deadline);
  }
  int wait = -1;
  if (next != Clock::time_point::max()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(next - Clock::now());
    wait = static_cast<int>(std::clamp<int64_t>(left.count() + 1, 0, 1000000));
  }
  if (poll(files.data(), files.size(), wait) < 0 && errno != EINTR) fail_system("poll");
  signal.clear();
}

}  // namespace

void Channel::send(char kind, std::string_view text) {
  const std::lock_guard lock(mutex_);
  const uint64_t size = text.size();
  std::string frame(1, kind);
  frame.append(reinterpret_cast<const char*>(&size), sizeof size);
  frame.append(text);
  write_whole(file_, frame.data(), frame.size());
}

void run_children(size_t count, const ChildLimits& limits,
                  const std::function<void(size_t, Channel&)>& body,
                  const std::function<void(size_t, ChildEnd)>& done) {
  const ChildSignal signal;
  std::list<Child> children;
  size_t next = 0;
  while (next < count || !children.empty()) {
    while (next < count && children.size() < std::max<size_t>(limits.jobs, 1))
      children.push_back(start(next++, signal, limits.timeout, body));
    wait_for_news(children, signal);
    for (auto child = children.begin(); child != children.end();) {
      read_from(*child);
      if (has_ended(*child)) {
        done(child->index, std::move(child->end));
        child = children.erase(child);
      } else {
        end_late(*child);
        ++child;
      }
    }
  }
}

std::string signal_text(int signal) {
  const char* name = sigabbrev_np(signal);
  const char* description = sigdescr_np(signal);
  if (name == nullptr) return fmt::format("signal {}", signal);
  return fmt::format("SIG{} ({})", name, description == nullptr ? "" : description);
}

}  // namespace tenon::conformance
