// The answer to layout_for.
#pragma once

#include <tenon/device_api.h>

namespace tenon::cpu_reference {

// Row-major for everything; with `private_layout`, the private blocked layout for a matrix that
// some linear uses as its weight, and a row-major copy for its other uses. Looks at no buffer.
tn_layout_answer choose_layout(const tn_layout_request& request, bool private_layout);

}  // namespace tenon::cpu_reference
