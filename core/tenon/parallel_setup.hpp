// [parallel] of a deployment: what is planned, and what is refused with its place in the file.
#pragma once

#include <string>
#include <vector>

#include "config/resolved_configuration.hpp"
#include "device/backend.hpp"
#include "parallel/layout.hpp"
#include "program/program.hpp"

namespace tenon {

// The mistakes of [parallel] by itself.
std::vector<Diagnostic> check_layout(const ResolvedConfiguration& configuration);

// That of rank 0, by shard_program. Throws ConfigurationError where the model does not divide.
Program program_of_one_rank(const ResolvedConfiguration& configuration, Program program);

ParallelLayout resolve_parallel(const ResolvedConfiguration& configuration);

// For what generates: throws ConfigurationError for more cards than one.
void require_one_card(const ResolvedConfiguration& configuration);

// For what plans and times one rank: throws ConfigurationError where more cards than one are asked
// for and the backend's devices keep contents, or are too few. `name`: the backend's.
void require_cards(const ResolvedConfiguration& configuration, const Backend& backend,
                   const std::string& name);

}  // namespace tenon
