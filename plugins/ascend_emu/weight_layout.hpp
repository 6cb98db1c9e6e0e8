// Which weights lie in FRACTAL_NZ.
#pragma once

#include <tenon/device_api.h>

namespace tenon::ascend_emu {

// FRACTAL_NZ for the f16, bf16 and int8 weights of linear and of grouped_matmul, as vllm-ascend
// casts them, when every use can read it; row-major otherwise. A matrix tied to the embedding stays
// row-major instead of lying there twice: on Ascend the table, and lm_head with it, are ND. So does
// one that is read through a transposed view, which the WeightNz ops do not take, and every cache:
// _npu_paged_attention reads ND on A2 and A3. Looks at no buffer.
tn_layout_answer choose_layout(const tn_layout_request& request);

}  // namespace tenon::ascend_emu
