// The part of layout_for that does not depend on the device.
#pragma once

#include <tenon/device_api.h>

namespace tenon::host_runtime {

// "Leave it as it is", with the tensor's size. Failure TN_INVALID_ARGUMENT for a rank or shape that
// no tensor has. Looks at no buffer.
tn_layout_answer row_major_answer(const tn_layout_request& request);

// Whether the use reads the tensor as that operand of that op.
bool is_use_of(const tn_layout_use& use, tn_op op, const char* operand);

}  // namespace tenon::host_runtime
