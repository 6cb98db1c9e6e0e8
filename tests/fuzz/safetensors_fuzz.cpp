// libFuzzer target: any bytes are either a file that tiles exactly or a tenon::Error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "base/error.hpp"
#include "checkpoint/safetensors_header.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  try {
    const tenon::SafetensorsHeader header = tenon::parse_safetensors(file, "fuzz");
    const std::byte* at = header.tensors.empty() ? nullptr : header.tensors.front().data.data();
    for (const tenon::TensorInfo& tensor : header.tensors) {
      const uint64_t bits = tensor.elements() * tenon::stored_dtype_bits(tensor.dtype);
      if (tensor.data.data() != at || tensor.bytes() * 8 != bits) std::abort();
      at += tensor.bytes();
    }
    if (at != nullptr && at != file.data() + file.size()) std::abort();
  } catch (const tenon::Error&) {
    // The expected answer to most inputs.
  }
  return 0;
}
