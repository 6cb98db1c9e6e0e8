#include "command_line/interruption.hpp"

#include <fcntl.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigaction is POSIX
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>

#include "base/error.hpp"

namespace tenon {
namespace {

constexpr std::array<int, 2> watched{SIGINT, SIGTERM};

// A signal handler can reach nothing but globals, and may do little more than write to a pipe.
std::atomic<int> caught{0};
std::array<int, 2> wake{-1, -1};
std::array<struct sigaction, watched.size()> before{};

void on_signal(int signal) {
  const int saved = errno;
  caught.store(signal);
  const char byte = 1;
  [[maybe_unused]] const ssize_t written = write(wake[1], &byte, 1);
  errno = saved;
}

void listen(const std::stop_source& source) {
  char byte = 0;
  while (read(wake[0], &byte, 1) < 0 && errno == EINTR) {
  }
  if (byte == 1) source.request_stop();
}

}  // namespace

Interruption::Interruption() {
  if (pipe2(wake.data(), O_CLOEXEC) != 0) {
    const int code = errno;
    fail_run("signals", "cannot be watched", {}, std::generic_category().message(code));
  }
  caught.store(0);
  listener_ = std::thread(listen, source_);
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  for (size_t i = 0; i < watched.size(); ++i) {
    sigaction(watched[i], nullptr, &before[i]);
    if (before[i].sa_handler != SIG_IGN) sigaction(watched[i], &action, nullptr);
  }
}

Interruption::~Interruption() {
  for (size_t i = 0; i < watched.size(); ++i)
    sigaction(watched[i], &before[i], nullptr);
  const char byte = 0;
  [[maybe_unused]] const ssize_t written = write(wake[1], &byte, 1);
  listener_.join();
  close(wake[0]);
  close(wake[1]);
}

int Interruption::signal() const {
  return caught.load();
}

}  // namespace tenon
