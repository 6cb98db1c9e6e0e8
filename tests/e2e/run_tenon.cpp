#include "e2e/run_tenon.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

extern char** environ;

namespace tenon {
namespace {

// A file in memory: unlike a pipe it never makes the child wait for us.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(memfd_create("tenon-test", MFD_CLOEXEC)) {
    if (descriptor_ < 0) throw std::runtime_error("memfd_create failed");
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  int descriptor() const { return descriptor_; }
  void fill(const std::string& text) const {
    if (write(descriptor_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
      throw std::runtime_error("writing to a file in memory failed");
    }
    lseek(descriptor_, 0, SEEK_SET);
  }
  std::string content() const {
    lseek(descriptor_, 0, SEEK_SET);
    std::string text;
    std::array<char, 4096> part{};
    for (ssize_t n = 0; (n = read(descriptor_, part.data(), part.size())) > 0;) {
      text.append(part.data(), static_cast<size_t>(n));
    }
    return text;
  }

 private:
  int descriptor_;
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts)
    result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

int wait_for(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child) throw std::runtime_error("waitpid failed");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

std::vector<std::string> child_environment(const EnvironmentVariables& environment) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string variable = *entry;
    if (!variable.starts_with("TENON_")) variables.push_back(variable);
  }
  for (const auto& [name, value] : environment)
    variables.push_back(name + "=" + value);
  return variables;
}

CommandResult run_command(std::vector<std::string> args, const std::string& stdin_text,
                          const EnvironmentVariables& environment) {
  const MemoryFile in;
  const MemoryFile out;
  const MemoryFile err;
  in.fill(stdin_text);
  std::vector<std::string> variables = child_environment(environment);
  const std::vector<char*> argv = pointers(args);
  const std::vector<char*> envp = pointers(variables);

  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {  // only calls that are safe between fork and exec
    dup2(in.descriptor(), STDIN_FILENO);
    dup2(out.descriptor(), STDOUT_FILENO);
    dup2(err.descriptor(), STDERR_FILENO);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  const int code = wait_for(child);
  return {code, out.content(), err.content()};
}

CommandResult run_tenon(std::vector<std::string> args, std::string stdin_text,
                        EnvironmentVariables environment) {
  args.insert(args.begin(), tenon_binary());
  return run_command(std::move(args), stdin_text, environment);
}

std::string tenon_binary() {
  return TENON_BINARY;
}
std::filesystem::path source_folder() {
  return TENON_SOURCE_FOLDER;
}
std::filesystem::path demo_model() {
  return source_folder() / "examples/demo/qwen3";
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "tenon-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::file(const std::string& name, const std::string& content) const {
  std::ofstream stream(path_ / name, std::ios::binary);
  stream << content;
  if (!stream.flush()) throw std::runtime_error("cannot write " + (path_ / name).string());
  return (path_ / name).string();
}

std::string read_whole(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace tenon
