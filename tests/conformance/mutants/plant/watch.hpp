// Puts watchers into a copy of the reference's table: base.hpp answers from what they saw.
#pragma once

#include <tenon/device_api.h>

namespace tenon::mutants {

// `reference` outlives the returned table.
tn_device_table watched(const tn_device_table& reference);

}  // namespace tenon::mutants
