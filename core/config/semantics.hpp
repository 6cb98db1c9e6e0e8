// Checks across keys that need no device and no checkpoint.
#pragma once

#include <vector>

#include "config/resolved_configuration.hpp"

namespace tenon {

struct SemanticsRequest {
  bool needs_model = false;  // model.path must be given
};

// Each contradiction, at the place of the value that the user gave.
std::vector<Diagnostic> check_semantics(const ResolvedConfiguration& configuration,
                                        const SemanticsRequest& request);

}  // namespace tenon
