// What this machine is.
#pragma once

#include <cstdint>
#include <string>

namespace tenon::host_runtime {

struct Machine {
  std::string processor;              // its name
  unsigned cores = 1;                 // that may be used, hardware threads included
  std::uint64_t memory_bytes = 0;     // of the whole machine
  std::uint64_t available_bytes = 0;  // that could be allocated when the backend was loaded
  std::uint64_t cache_bytes = 0;      // last-level cache; 0: unknown
};

// Found out at the first call. Thread-safe.
const Machine& machine();

// A sentence when the kernels were built for instructions that this processor lacks, else "".
std::string missing_instructions();

}  // namespace tenon::host_runtime
