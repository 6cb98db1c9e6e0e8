// Whether two tensors share bytes.
#pragma once

#include <tenon/types.h>

namespace tenon::validation {

// Both well formed and in the same buffer. Exact for row-major views, also for interleaved ones
// such as two column ranges of one packed tensor; another layout counts as its whole storage. Views
// of more than about a million separate runs without a common pitch count as not overlapping.
bool overlap(const tn_tensor& a, const tn_tensor& b);

// Same buffer, place, dtype, layout, shape and strides.
bool same_view(const tn_tensor& a, const tn_tensor& b);

}  // namespace tenon::validation
