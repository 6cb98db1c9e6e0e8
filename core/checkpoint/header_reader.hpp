// The JSON header of a safetensors file, before offsets and sizes are checked. Internal.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/stored_dtype.hpp"

namespace tenon {

struct HeaderEntry {
  std::string name;
  StoredDtype dtype = StoredDtype::f32;
  std::vector<uint64_t> shape;
  uint64_t begin = 0;  // bytes from the end of the header
  uint64_t end = 0;
};

struct HeaderContent {
  std::vector<HeaderEntry> entries;  // in the order of the header
  std::map<std::string, std::string> metadata;
};

// Enforces the grammar: one object of UTF-8 JSON, no byte order mark, nothing but blanks around it,
// no duplicate keys, exactly the fields dtype, shape and data_offsets in each entry, whole
// non-negative numbers. Throws Error{input} naming `where`. Nothing is built for values that the
// grammar does not allow, so memory stays within a small multiple of the text.
HeaderContent read_safetensors_header(std::string_view text, std::string_view where);

}  // namespace tenon
