// Thrown when a configuration cannot be used: every mistake that was found, not only the first.
#pragma once

#include <vector>

#include "base/error.hpp"
#include "config/diagnostic.hpp"

namespace tenon {

class ConfigurationError : public Error {
 public:
  // `diagnostics` is not empty. what() is their texts, one after the other, and their number.
  explicit ConfigurationError(std::vector<Diagnostic> diagnostics);
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

// Throws if there is something to report.
void throw_if_any(std::vector<Diagnostic> diagnostics);

}  // namespace tenon
