// The built command line as a child process.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace tenon {

struct CommandResult {
  int exit_code = -1;  // of a process that a signal ended: 128 + signal
  std::string out;
  std::string err;
};

using EnvironmentVariables = std::vector<std::pair<std::string, std::string>>;

// Runs `tenon ARGS...` and waits for it. Its environment is ours without TENON_ variables, plus
// `environment`. Throws std::runtime_error if it cannot be started.
CommandResult run_tenon(std::vector<std::string> args, std::string stdin_text = {},
                        EnvironmentVariables environment = {});

// The same for any program: the first argument is its path.
CommandResult run_command(std::vector<std::string> args, const std::string& stdin_text = {},
                          const EnvironmentVariables& environment = {});

// "NAME=value" of the environment that run_tenon gives.
std::vector<std::string> child_environment(const EnvironmentVariables& environment = {});

std::string tenon_binary();
std::filesystem::path source_folder();
std::filesystem::path demo_model();  // a checkpoint folder small enough for every test

// A folder of its own that is removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Writes a file of this folder and returns its path.
  std::string file(const std::string& name, const std::string& content) const;

 private:
  std::filesystem::path path_;
};

std::string read_whole(const std::filesystem::path& path);

}  // namespace tenon
