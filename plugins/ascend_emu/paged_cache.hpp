// The blocks of a paged cache on Ascend.
#pragma once

#include <cstdint>

namespace tenon::ascend_emu {

// block_size of _npu_paged_attention; 128 is what Huawei recommends.
inline constexpr std::uint32_t kv_block_multiple = 16;
inline constexpr std::uint32_t kv_block_maximum = 128;

}  // namespace tenon::ascend_emu
