// Ctrl-C while text is generated. The child's standard output is a pipe with so little room that it
// cannot finish before the signal, however fast it is.
#include <fcntl.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "e2e/expectations.hpp"

namespace tenon {
namespace {

constexpr int pipe_size = 4096;
constexpr int room = 24;

class Child {
 public:
  explicit Child(std::vector<std::string> args) {
    EXPECT_EQ(pipe2(pipe_.data(), O_CLOEXEC), 0);
    EXPECT_EQ(fcntl(pipe_[1], F_SETPIPE_SZ, pipe_size), pipe_size);
    const std::string filling(pipe_size - room, '.');
    EXPECT_EQ(write(pipe_[1], filling.data(), filling.size()), pipe_size - room);
    args.insert(args.begin(), tenon_binary());
    std::vector<char*> argv;
    for (std::string& arg : args)
      argv.push_back(arg.data());
    argv.push_back(nullptr);
    id_ = fork();
    if (id_ == 0) {
      dup2(pipe_[1], STDOUT_FILENO);
      execv(argv[0], argv.data());
      _exit(127);
    }
    close(pipe_[1]);
  }
  ~Child() { close(pipe_[0]); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // False if the child ended before it wrote anything.
  bool wait_for_text() {
    for (int bytes = 0; bytes <= pipe_size - room;) {
      if (ioctl(pipe_[0], FIONREAD, &bytes) != 0 || waitpid(id_, &status_, WNOHANG) == id_) {
        return false;
      }
      std::this_thread::yield();
    }
    return true;
  }
  void send(int signal) const { kill(id_, signal); }
  // What it wrote after the filling.
  std::string text() const {
    std::string all;
    std::array<char, 512> part{};
    for (ssize_t n = 0; (n = read(pipe_[0], part.data(), part.size())) > 0;) {
      all.append(part.data(), static_cast<size_t>(n));
    }
    return all.substr(pipe_size - room);
  }
  int exit_code() {
    EXPECT_EQ(waitpid(id_, &status_, 0), id_);
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
  }

 private:
  std::array<int, 2> pipe_{-1, -1};
  pid_t id_ = -1;
  int status_ = 0;
};

void expect_stopped(int signal) {
  const std::vector<std::string> args{"run",     "--model",      demo_model().string(),
                                      "--quiet", "--ignore-eos", "-n",
                                      "64",      "-p",           "Once upon a time"};
  const std::string whole = run_tenon(args).out;
  ASSERT_GT(whole.size(), 100U);
  Child child(args);
  ASSERT_TRUE(child.wait_for_text());
  child.send(signal);
  const std::string text = child.text();
  EXPECT_EQ(child.exit_code(), 128 + signal);
  EXPECT_FALSE(text.empty());
  EXPECT_LT(text.size(), whole.size());
  EXPECT_TRUE(whole.starts_with(text)) << text;
}

TEST(CliInterrupt, CtrlCStopsCleanly) {
  expect_stopped(SIGINT);
}
TEST(CliInterrupt, TerminationStopsCleanly) {
  expect_stopped(SIGTERM);
}

}  // namespace
}  // namespace tenon
