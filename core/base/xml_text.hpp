// Text inside of XML.
#pragma once

#include <string>
#include <string_view>

namespace tenon {

// `text` as the content of an element or of a quoted attribute. Control characters, which XML cannot
// hold, become spaces.
std::string xml_text(std::string_view text);

}  // namespace tenon
