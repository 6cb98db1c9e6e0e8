// The page docs/conformance-mutants.md.
#pragma once

#include <string>

namespace tenon::mutants {

std::string mutant_page();

}  // namespace tenon::mutants
