// What Ascend's ops refuse beyond the contract of ops.h.
#pragma once

#include <cstdint>
#include <string>

#include <tenon/ops.h>

#include "ascend_emu/ascend_settings.hpp"

namespace tenon::ascend_emu {

// "" when Ascend has an op that computes this, else a sentence that names the op and its rule. The
// arguments must be well formed as the contract demands, weights in FRACTAL_NZ apart. Looks at no
// buffer.
//
// An op of the contract is offered when one documented op of Ascend's computes it, constant operands
// added where that op asks for them, or a chain of them that rounds no more than once.
std::string ascend_refusal(std::uint32_t op, const void* args, const AscendSettings& settings);

// "" unless an operand is in a layout that Ascend's op does not read or write.
std::string layout_refusal(std::uint32_t op, const void* args);

// The rules that ascend_refusal chooses from.
std::string refusal_of(const tn_copy_cast_args& args, const AscendSettings& settings);
std::string refusal_of(const tn_embedding_args& args, const AscendSettings& settings);
std::string refusal_of(const tn_rms_norm_args& args, const AscendSettings& settings);
std::string refusal_of(const tn_add_rms_norm_args& args, const AscendSettings& settings);
std::string refusal_of(const tn_linear_args& args, const AscendSettings& settings);
std::string refusal_of(const tn_batched_matmul_args& args, const AscendSettings& settings);
std::string refusal_of(const tn_swiglu_args& args, const AscendSettings& settings);
std::string refusal_of(const tn_add_args& args, const AscendSettings& settings);
std::string refusal_of(const tn_mul_args& args, const AscendSettings& settings);
std::string refusal_of(const tn_kv_write_args& args, const AscendSettings& settings);
std::string refusal_of(const tn_paged_attention_args& args, const AscendSettings& settings);
std::string refusal_of(const tn_moe_gate_args& args, const AscendSettings& settings);
std::string refusal_of(const tn_grouped_matmul_args& args, const AscendSettings& settings);
std::string refusal_of(const tn_dynamic_quant_args& args, const AscendSettings& settings);

}  // namespace tenon::ascend_emu
