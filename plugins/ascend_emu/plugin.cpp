// The entry point. Runs before the processor was looked at: compiled for any x86-64.
#include "ascend_emu/backend.hpp"

TENON_EXPORT_DEVICE_PLUGIN(tenon::ascend_emu::AscendBackend);
