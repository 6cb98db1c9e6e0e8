#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "base/error.hpp"
#include "command_line/verbs.hpp"

namespace tenon {
namespace {

constexpr const char* program = "tenon-conformance";

std::filesystem::path beside_this_program() {
  std::error_code code;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", code);
  return code ? std::filesystem::path() : self.parent_path() / program;
}

}  // namespace

// The suite is a program of its own, so that what it links stays out of this one: it takes over the
// process.
int command_conformance(Arguments arguments) {
  const std::string file = beside_this_program().string();
  std::vector<std::string> texts{file};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<char*> values;
  for (std::string& text : texts)
    values.push_back(text.data());
  values.push_back(nullptr);
  execv(file.c_str(), values.data());
  fail_input("tenon conformance", fmt::format("the suite cannot be started: {}", strerror(errno)),
             fmt::format("{} in the folder of this program", program),
             file.empty() ? "no such folder" : file);
}

}  // namespace tenon
