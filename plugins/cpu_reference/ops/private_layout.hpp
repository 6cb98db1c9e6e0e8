// The layout that this backend asks for where a linear reads a weight.
#pragma once

#include <cstdint>

#include <tenon/types.h>

namespace tenon::cpu_reference {

// The last two dimensions [M, N] as [ceil(M/16)][ceil(N/8)][16][8], zero padded: element (m, n) at
// [m/16][n/8][m%16][n%8]; leading dimensions outside. A block is what the linear kernel multiplies
// at a time. copy_cast packs and unpacks it; linear's weight is its only other use.
inline constexpr tn_layout private_blocked_layout = TN_LAYOUT_PRIVATE + 1;
inline constexpr int64_t private_block_rows = 16;
inline constexpr int64_t private_block_columns = 8;

// Bytes of a tensor (rank >= 2, shape and dtype looked at only) in that layout; 0 if they do not
// fit 63 bits, or for a lower rank.
uint64_t private_layout_bytes(const tn_tensor& tensor);

}  // namespace tenon::cpu_reference
