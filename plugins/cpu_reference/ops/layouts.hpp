// Where the elements of a tensor lie, for every layout this backend knows.
#pragma once

#include <cstdint>
#include <string>

#include <tenon/types.h>

namespace tenon::cpu_reference {

// A row of the last dimension: element n lies at first + n / chunk * chunk_stride + n % chunk. In
// elements.
struct RowPlace {
  int64_t first;
  int64_t chunk;         // neighbours in the row that are neighbours in memory
  int64_t chunk_stride;  // from one chunk to the next

  int64_t at(int64_t n) const { return first + n / chunk * chunk_stride + n % chunk; }
};

// Row-major, FRACTAL_NZ and the private blocked layout.
bool is_known_layout(tn_layout layout);
std::string layout_name(tn_layout layout);

// Bytes of the whole tensor in its layout, padding included, for a layout other than row-major
// (rank >= 2). 0 if they do not fit 63 bits.
uint64_t blocked_storage_bytes(const tn_tensor& tensor);

// Place of row `row`, all leading dimensions counted through in order.
RowPlace place_of_row(const tn_tensor& tensor, int64_t row);

}  // namespace tenon::cpu_reference
