// Bytes of a stranger's plugin as text that terminals and XML parsers can take.
#pragma once

#include <string>
#include <string_view>

namespace tenon::conformance {

// Valid UTF-8 stays; a byte that is none, and a control character other than tab and newline,
// becomes U+FFFD.
std::string printable(std::string_view bytes);

// The same for the content of an XML 1.0 element or attribute. What XML forbids (U+FFFE, U+FFFF)
// becomes U+FFFD too.
std::string xml_text(std::string_view bytes);

}  // namespace tenon::conformance
