// Rules of the paged caches: _npu_reshape_and_cache, _npu_paged_attention and its MLA form, and
// npu_fused_infer_attention_score for what only that one has (sinks, windows).
#include "ascend_emu/op_rules.hpp"
#include "ascend_emu/paged_cache.hpp"
#include "ascend_emu/rule.hpp"

namespace tenon::ascend_emu {
namespace {

constexpr std::int64_t largest_equal_head = 256;  // K and V of one size
constexpr std::int64_t largest_head = 576;

void check_cache(Rule& rule, const char* name, const tn_tensor& cache, const tn_tensor& rows,
                 const AscendSettings& settings) {
  if (cache.dtype == TN_DTYPE_NONE) return;
  const std::int64_t block_size = cache.shape[1];
  rule.that(block_size % kv_block_multiple == 0 && block_size <= kv_block_maximum,
            "block_size does not fit the op", "a multiple of 16 up to 128",
            std::to_string(block_size));
  if (rows.dtype == TN_DTYPE_F32 && !settings.strict_dtypes) return;
  rule.type_of(name, cache, {static_cast<tn_dtype>(rows.dtype)});
}

void check_rows(Rule& rule, const char* name, const tn_tensor& rows,
                const AscendSettings& settings) {
  if (rows.dtype == TN_DTYPE_F32 && !settings.strict_dtypes) return;
  rule.type_of(name, rows, {TN_DTYPE_F16, TN_DTYPE_BF16});
}

}  // namespace

std::string refusal_of(const tn_kv_write_args& args, const AscendSettings& settings) {
  Rule rule("kv_write", "_npu_reshape_and_cache");
  check_rows(rule, "key", args.key, settings);
  check_cache(rule, "key_cache", args.key_cache, args.key, settings);
  check_cache(rule, "value_cache", args.value_cache, args.key, settings);
  return rule.refusal();
}

std::string refusal_of(const tn_paged_attention_args& args, const AscendSettings& settings) {
  const bool mla = args.value_cache.dtype == TN_DTYPE_NONE;
  Rule rule("paged_attention", mla ? "_npu_paged_attention_mla" : "_npu_paged_attention");
  check_rows(rule, "query", args.query, settings);
  check_cache(rule, "key_cache", args.key_cache, args.query, settings);
  check_cache(rule, "value_cache", args.value_cache, args.query, settings);
  const std::int64_t head = args.key_cache.shape[3];
  const bool equal = !mla && head == args.value_dim;
  rule.at_most(equal ? "head_size is too large for K and V of one size" : "head_size is too large",
               head, equal ? largest_equal_head : largest_head);
  if (mla) {
    rule.absent("the MLA form has no learnable sinks", args.sinks)
        .that(args.sliding_window == 0, "the MLA form has no window", "0",
              std::to_string(args.sliding_window));
  }
  return rule.refusal();
}

}  // namespace tenon::ascend_emu
