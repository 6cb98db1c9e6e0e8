// Published steps beside the step written by hand and the same step through the whole chain.
#pragma once

#include <filesystem>
#include <string>

namespace validation {

// Prints every step of `file` (published.toml), what the wrapper's prefetch gains there, and
// where the chain and the hand-written step differ by more than 5 %, in which ops. `source`: the
// project's folder; `plugins`: that of the built plugins. Throws.
void report_chain(const std::string& file, const std::filesystem::path& source,
                  const std::filesystem::path& plugins);

}  // namespace validation
