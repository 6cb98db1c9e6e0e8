#include "config/configuration_error.hpp"

#include <utility>

namespace tenon {
namespace {

std::string all_texts(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics)
    text.append(diagnostic.text()).append("\n");
  if (diagnostics.size() == 1) {
    text.pop_back();
  } else {
    text.append(std::to_string(diagnostics.size())).append(" mistakes in the configuration");
  }
  return text;
}

}  // namespace

ConfigurationError::ConfigurationError(std::vector<Diagnostic> diagnostics)
    : Error(ErrorKind::input, all_texts(diagnostics)), diagnostics_(std::move(diagnostics)) {}

void throw_if_any(std::vector<Diagnostic> diagnostics) {
  if (!diagnostics.empty()) throw ConfigurationError(std::move(diagnostics));
}

}  // namespace tenon
