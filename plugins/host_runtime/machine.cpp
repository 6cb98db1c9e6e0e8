#include "host_runtime/machine.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>
#include <thread>

namespace tenon::host_runtime {
namespace {

// The text after "key<blanks>:<blanks>" in a file of such lines; "" when there is none.
std::string field_of(const char* file, const std::string& key) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || line.compare(0, key.size(), key) != 0) continue;
    if (line.find_first_not_of(" \t", key.size()) != colon) continue;
    const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return {};
}

std::uint64_t kibibytes_of(const std::string& text) {
  std::istringstream stream(text);
  std::uint64_t value = 0;
  stream >> value;
  return value * 1024;
}

std::uint64_t physical_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page = sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0
             ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page)
             : std::numeric_limits<std::uint64_t>::max() / 2;
}

std::uint64_t last_level_cache() {
#if defined(_SC_LEVEL3_CACHE_SIZE)
  for (const int name : {_SC_LEVEL3_CACHE_SIZE, _SC_LEVEL2_CACHE_SIZE}) {
    const long size = sysconf(name);
    if (size > 0) return static_cast<std::uint64_t>(size);
  }
#endif
  return 0;
}

Machine look() {
  Machine found;
  found.processor = field_of("/proc/cpuinfo", "model name");
  if (found.processor.empty()) found.processor = "CPU";
  found.cores = std::max(1U, std::thread::hardware_concurrency());
  found.memory_bytes = physical_memory();
  found.available_bytes = kibibytes_of(field_of("/proc/meminfo", "MemAvailable"));
  if (found.available_bytes == 0) found.available_bytes = found.memory_bytes;
  found.cache_bytes = last_level_cache();
  return found;
}

}  // namespace

const Machine& machine() {
  static const Machine found = look();
  return found;
}

std::string missing_instructions() {
#if defined(TENON_KERNELS_X86_64_V3)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
      !__builtin_cpu_supports("bmi2")) {
    return "this build needs a processor with AVX2, FMA and BMI2; found " +
           field_of("/proc/cpuinfo", "model name");
  }
#endif
  return {};
}

}  // namespace tenon::host_runtime
