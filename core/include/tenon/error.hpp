// Errors of libtenon: one exception type whose text always reads
// "[where] what happened; expected ...; found ...".
#pragma once

#include <stdexcept>
#include <string>
#include <tenon/export.hpp>

namespace tenon {

// Who has to act. Decides the exit code of the command line.
enum class ErrorKind {
  input,    // the user's file, flag, plugin, checkpoint or prompt is wrong: exit code 2
  failure,  // the run itself failed, for example the device ran out of memory: exit code 1
};

class TENON_EXPORT Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace tenon
