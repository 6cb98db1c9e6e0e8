// [device.options] against what the loaded plugin declares.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/configuration_error.hpp"
#include "config/resolved_configuration.hpp"

namespace tenon {

enum class OptionType { boolean, integer, number, string };

// One option as a plugin declares it.
struct OptionDescription {
  std::string name;
  OptionType type = OptionType::string;
  std::string default_text;  // as one would write it: "true", "8", "910B" (strings without quotes)
  std::optional<double> minimum;
  std::optional<double> maximum;
  std::vector<std::string> choices;  // for strings; empty: any
  std::string doc;
};

struct NamedOption {
  std::string name;
  OptionValue value;  // holds the declared type
};

// Every option that is unknown, of the wrong type, out of range or no choice, at the place it was
// written. An integer is taken where a number is declared; bare text from a flag (mode=2) where a
// string is declared.
std::vector<Diagnostic> check_device_options(const ResolvedConfiguration& configuration,
                                             std::span<const OptionDescription> declared);

// The value of every declared option, in the order of declaration: the given one, or the default.
// Throws ConfigurationError if check_device_options finds something, and Error{input} if a declared
// default does not fit its own type, range or choices (the plugin's mistake).
std::vector<NamedOption> device_option_values(const ResolvedConfiguration& configuration,
                                              std::span<const OptionDescription> declared);

}  // namespace tenon
