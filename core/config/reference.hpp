// docs/configuration.md.
#pragma once

#include <string>

namespace tenon {

// The whole page as Markdown, made from the schema.
std::string configuration_reference();

}  // namespace tenon
