// Argument structs and ids of the op set of the device API as released in version 1.0.
//
// A released number in this file never changes. A build that stops here has moved something that
// binaries rely on: append instead (a slot at the end of the table, a field at the end of a struct
// that is not frozen, an id at the end of its list), and lock what is new in a file of its version.
#include <tenon/device_api.h>

#include <cstddef>

#define LOCK_SIZE(type, bytes) static_assert(sizeof(type) >= (bytes), "released size of " #type)
#define LOCK_FIELD(type, field, at, bytes)                                              \
  static_assert(offsetof(type, field) == (at), "released offset of " #type "." #field); \
  static_assert(sizeof(type::field) == (bytes), "released size of " #type "." #field)

LOCK_SIZE(tn_copy_cast_args, 312);
LOCK_FIELD(tn_copy_cast_args, struct_size, 0, 4);
LOCK_FIELD(tn_copy_cast_args, flags, 4, 4);
LOCK_FIELD(tn_copy_cast_args, input, 8, 152);
LOCK_FIELD(tn_copy_cast_args, output, 160, 152);

LOCK_SIZE(tn_embedding_args, 472);
LOCK_FIELD(tn_embedding_args, struct_size, 0, 4);
LOCK_FIELD(tn_embedding_args, flags, 4, 4);
LOCK_FIELD(tn_embedding_args, table, 8, 152);
LOCK_FIELD(tn_embedding_args, token_ids, 160, 152);
LOCK_FIELD(tn_embedding_args, output, 312, 152);
LOCK_FIELD(tn_embedding_args, first_id, 464, 4);
LOCK_FIELD(tn_embedding_args, zero_outside, 468, 4);

LOCK_SIZE(tn_rms_norm_args, 624);
LOCK_FIELD(tn_rms_norm_args, struct_size, 0, 4);
LOCK_FIELD(tn_rms_norm_args, flags, 4, 4);
LOCK_FIELD(tn_rms_norm_args, input, 8, 152);
LOCK_FIELD(tn_rms_norm_args, weight, 160, 152);
LOCK_FIELD(tn_rms_norm_args, bias, 312, 152);
LOCK_FIELD(tn_rms_norm_args, output, 464, 152);
LOCK_FIELD(tn_rms_norm_args, epsilon, 616, 4);
LOCK_FIELD(tn_rms_norm_args, reserved0, 620, 4);

LOCK_SIZE(tn_add_rms_norm_args, 928);
LOCK_FIELD(tn_add_rms_norm_args, struct_size, 0, 4);
LOCK_FIELD(tn_add_rms_norm_args, flags, 4, 4);
LOCK_FIELD(tn_add_rms_norm_args, input, 8, 152);
LOCK_FIELD(tn_add_rms_norm_args, residual, 160, 152);
LOCK_FIELD(tn_add_rms_norm_args, weight, 312, 152);
LOCK_FIELD(tn_add_rms_norm_args, bias, 464, 152);
LOCK_FIELD(tn_add_rms_norm_args, sum, 616, 152);
LOCK_FIELD(tn_add_rms_norm_args, output, 768, 152);
LOCK_FIELD(tn_add_rms_norm_args, epsilon, 920, 4);
LOCK_FIELD(tn_add_rms_norm_args, reserved0, 924, 4);

LOCK_SIZE(tn_linear_args, 1072);
LOCK_FIELD(tn_linear_args, struct_size, 0, 4);
LOCK_FIELD(tn_linear_args, flags, 4, 4);
LOCK_FIELD(tn_linear_args, input, 8, 152);
LOCK_FIELD(tn_linear_args, weight, 160, 152);
LOCK_FIELD(tn_linear_args, bias, 312, 152);
LOCK_FIELD(tn_linear_args, weight_scale, 464, 152);
LOCK_FIELD(tn_linear_args, quant_bias, 616, 152);
LOCK_FIELD(tn_linear_args, row_scale, 768, 152);
LOCK_FIELD(tn_linear_args, output, 920, 152);

LOCK_SIZE(tn_batched_matmul_args, 464);
LOCK_FIELD(tn_batched_matmul_args, struct_size, 0, 4);
LOCK_FIELD(tn_batched_matmul_args, flags, 4, 4);
LOCK_FIELD(tn_batched_matmul_args, a, 8, 152);
LOCK_FIELD(tn_batched_matmul_args, b, 160, 152);
LOCK_FIELD(tn_batched_matmul_args, output, 312, 152);

LOCK_SIZE(tn_rope_args, 784);
LOCK_FIELD(tn_rope_args, struct_size, 0, 4);
LOCK_FIELD(tn_rope_args, flags, 4, 4);
LOCK_FIELD(tn_rope_args, input, 8, 152);
LOCK_FIELD(tn_rope_args, cosine, 160, 152);
LOCK_FIELD(tn_rope_args, sine, 312, 152);
LOCK_FIELD(tn_rope_args, positions, 464, 152);
LOCK_FIELD(tn_rope_args, output, 616, 152);
LOCK_FIELD(tn_rope_args, rotary_dim, 768, 4);
LOCK_FIELD(tn_rope_args, first_channel, 772, 4);
LOCK_FIELD(tn_rope_args, pairing, 776, 4);
LOCK_FIELD(tn_rope_args, inverse, 780, 4);

LOCK_SIZE(tn_swiglu_args, 472);
LOCK_FIELD(tn_swiglu_args, struct_size, 0, 4);
LOCK_FIELD(tn_swiglu_args, flags, 4, 4);
LOCK_FIELD(tn_swiglu_args, gate, 8, 152);
LOCK_FIELD(tn_swiglu_args, up, 160, 152);
LOCK_FIELD(tn_swiglu_args, output, 312, 152);
LOCK_FIELD(tn_swiglu_args, gate_limit, 464, 4);
LOCK_FIELD(tn_swiglu_args, up_limit, 468, 4);

LOCK_SIZE(tn_add_args, 464);
LOCK_FIELD(tn_add_args, struct_size, 0, 4);
LOCK_FIELD(tn_add_args, flags, 4, 4);
LOCK_FIELD(tn_add_args, a, 8, 152);
LOCK_FIELD(tn_add_args, b, 160, 152);
LOCK_FIELD(tn_add_args, output, 312, 152);

LOCK_SIZE(tn_mul_args, 464);
LOCK_FIELD(tn_mul_args, struct_size, 0, 4);
LOCK_FIELD(tn_mul_args, flags, 4, 4);
LOCK_FIELD(tn_mul_args, a, 8, 152);
LOCK_FIELD(tn_mul_args, b, 160, 152);
LOCK_FIELD(tn_mul_args, output, 312, 152);

LOCK_SIZE(tn_scale_args, 320);
LOCK_FIELD(tn_scale_args, struct_size, 0, 4);
LOCK_FIELD(tn_scale_args, flags, 4, 4);
LOCK_FIELD(tn_scale_args, input, 8, 152);
LOCK_FIELD(tn_scale_args, output, 160, 152);
LOCK_FIELD(tn_scale_args, factor, 312, 4);
LOCK_FIELD(tn_scale_args, reserved0, 316, 4);

LOCK_SIZE(tn_kv_write_args, 768);
LOCK_FIELD(tn_kv_write_args, struct_size, 0, 4);
LOCK_FIELD(tn_kv_write_args, flags, 4, 4);
LOCK_FIELD(tn_kv_write_args, key, 8, 152);
LOCK_FIELD(tn_kv_write_args, value, 160, 152);
LOCK_FIELD(tn_kv_write_args, slot_mapping, 312, 152);
LOCK_FIELD(tn_kv_write_args, key_cache, 464, 152);
LOCK_FIELD(tn_kv_write_args, value_cache, 616, 152);

LOCK_SIZE(tn_paged_attention_args, 1272);
LOCK_FIELD(tn_paged_attention_args, struct_size, 0, 4);
LOCK_FIELD(tn_paged_attention_args, flags, 4, 4);
LOCK_FIELD(tn_paged_attention_args, query, 8, 152);
LOCK_FIELD(tn_paged_attention_args, key_cache, 160, 152);
LOCK_FIELD(tn_paged_attention_args, value_cache, 312, 152);
LOCK_FIELD(tn_paged_attention_args, block_table, 464, 152);
LOCK_FIELD(tn_paged_attention_args, query_start_loc, 616, 152);
LOCK_FIELD(tn_paged_attention_args, seq_lens, 768, 152);
LOCK_FIELD(tn_paged_attention_args, sinks, 920, 152);
LOCK_FIELD(tn_paged_attention_args, output, 1072, 152);
LOCK_FIELD(tn_paged_attention_args, host_query_start_loc, 1224, 8);
LOCK_FIELD(tn_paged_attention_args, host_seq_lens, 1232, 8);
LOCK_FIELD(tn_paged_attention_args, host_query_start_loc_count, 1240, 4);
LOCK_FIELD(tn_paged_attention_args, host_seq_lens_count, 1244, 4);
LOCK_FIELD(tn_paged_attention_args, max_query_len, 1248, 4);
LOCK_FIELD(tn_paged_attention_args, max_seq_len, 1252, 4);
LOCK_FIELD(tn_paged_attention_args, value_dim, 1256, 4);
LOCK_FIELD(tn_paged_attention_args, sliding_window, 1260, 4);
LOCK_FIELD(tn_paged_attention_args, causal, 1264, 4);
LOCK_FIELD(tn_paged_attention_args, scale, 1268, 4);

LOCK_SIZE(tn_moe_gate_args, 952);
LOCK_FIELD(tn_moe_gate_args, struct_size, 0, 4);
LOCK_FIELD(tn_moe_gate_args, flags, 4, 4);
LOCK_FIELD(tn_moe_gate_args, logits, 8, 152);
LOCK_FIELD(tn_moe_gate_args, selection_bias, 160, 152);
LOCK_FIELD(tn_moe_gate_args, hash_table, 312, 152);
LOCK_FIELD(tn_moe_gate_args, token_ids, 464, 152);
LOCK_FIELD(tn_moe_gate_args, expert_ids, 616, 152);
LOCK_FIELD(tn_moe_gate_args, expert_weights, 768, 152);
LOCK_FIELD(tn_moe_gate_args, top_k, 920, 4);
LOCK_FIELD(tn_moe_gate_args, score, 924, 4);
LOCK_FIELD(tn_moe_gate_args, group_count, 928, 4);
LOCK_FIELD(tn_moe_gate_args, group_top_k, 932, 4);
LOCK_FIELD(tn_moe_gate_args, group_score_top, 936, 4);
LOCK_FIELD(tn_moe_gate_args, renormalise, 940, 4);
LOCK_FIELD(tn_moe_gate_args, renormalise_epsilon, 944, 4);
LOCK_FIELD(tn_moe_gate_args, scale, 948, 4);

LOCK_SIZE(tn_moe_permute_args, 776);
LOCK_FIELD(tn_moe_permute_args, struct_size, 0, 4);
LOCK_FIELD(tn_moe_permute_args, flags, 4, 4);
LOCK_FIELD(tn_moe_permute_args, input, 8, 152);
LOCK_FIELD(tn_moe_permute_args, expert_ids, 160, 152);
LOCK_FIELD(tn_moe_permute_args, output, 312, 152);
LOCK_FIELD(tn_moe_permute_args, row_map, 464, 152);
LOCK_FIELD(tn_moe_permute_args, group_sizes, 616, 152);
LOCK_FIELD(tn_moe_permute_args, first_expert, 768, 4);
LOCK_FIELD(tn_moe_permute_args, reserved0, 772, 4);

LOCK_SIZE(tn_grouped_matmul_args, 1232);
LOCK_FIELD(tn_grouped_matmul_args, struct_size, 0, 4);
LOCK_FIELD(tn_grouped_matmul_args, flags, 4, 4);
LOCK_FIELD(tn_grouped_matmul_args, input, 8, 152);
LOCK_FIELD(tn_grouped_matmul_args, weight, 160, 152);
LOCK_FIELD(tn_grouped_matmul_args, group_list, 312, 152);
LOCK_FIELD(tn_grouped_matmul_args, bias, 464, 152);
LOCK_FIELD(tn_grouped_matmul_args, weight_scale, 616, 152);
LOCK_FIELD(tn_grouped_matmul_args, quant_bias, 768, 152);
LOCK_FIELD(tn_grouped_matmul_args, row_scale, 920, 152);
LOCK_FIELD(tn_grouped_matmul_args, output, 1072, 152);
LOCK_FIELD(tn_grouped_matmul_args, group_list_kind, 1224, 4);
LOCK_FIELD(tn_grouped_matmul_args, reserved0, 1228, 4);

LOCK_SIZE(tn_moe_unpermute_args, 768);
LOCK_FIELD(tn_moe_unpermute_args, struct_size, 0, 4);
LOCK_FIELD(tn_moe_unpermute_args, flags, 4, 4);
LOCK_FIELD(tn_moe_unpermute_args, input, 8, 152);
LOCK_FIELD(tn_moe_unpermute_args, row_map, 160, 152);
LOCK_FIELD(tn_moe_unpermute_args, expert_weights, 312, 152);
LOCK_FIELD(tn_moe_unpermute_args, residual, 464, 152);
LOCK_FIELD(tn_moe_unpermute_args, output, 616, 152);

LOCK_SIZE(tn_static_quant_args, 616);
LOCK_FIELD(tn_static_quant_args, struct_size, 0, 4);
LOCK_FIELD(tn_static_quant_args, flags, 4, 4);
LOCK_FIELD(tn_static_quant_args, input, 8, 152);
LOCK_FIELD(tn_static_quant_args, quant_scale, 160, 152);
LOCK_FIELD(tn_static_quant_args, quant_offset, 312, 152);
LOCK_FIELD(tn_static_quant_args, output, 464, 152);

LOCK_SIZE(tn_dynamic_quant_args, 616);
LOCK_FIELD(tn_dynamic_quant_args, struct_size, 0, 4);
LOCK_FIELD(tn_dynamic_quant_args, flags, 4, 4);
LOCK_FIELD(tn_dynamic_quant_args, input, 8, 152);
LOCK_FIELD(tn_dynamic_quant_args, smooth_scale, 160, 152);
LOCK_FIELD(tn_dynamic_quant_args, output, 312, 152);
LOCK_FIELD(tn_dynamic_quant_args, row_scale, 464, 152);

LOCK_SIZE(tn_gather_rows_args, 464);
LOCK_FIELD(tn_gather_rows_args, struct_size, 0, 4);
LOCK_FIELD(tn_gather_rows_args, flags, 4, 4);
LOCK_FIELD(tn_gather_rows_args, input, 8, 152);
LOCK_FIELD(tn_gather_rows_args, index, 160, 152);
LOCK_FIELD(tn_gather_rows_args, output, 312, 152);

LOCK_SIZE(tn_argmax_args, 312);
LOCK_FIELD(tn_argmax_args, struct_size, 0, 4);
LOCK_FIELD(tn_argmax_args, flags, 4, 4);
LOCK_FIELD(tn_argmax_args, input, 8, 152);
LOCK_FIELD(tn_argmax_args, output, 160, 152);

LOCK_SIZE(tn_all_reduce_args, 328);
LOCK_FIELD(tn_all_reduce_args, struct_size, 0, 4);
LOCK_FIELD(tn_all_reduce_args, flags, 4, 4);
LOCK_FIELD(tn_all_reduce_args, communicator, 8, 8);
LOCK_FIELD(tn_all_reduce_args, input, 16, 152);
LOCK_FIELD(tn_all_reduce_args, output, 168, 152);
LOCK_FIELD(tn_all_reduce_args, world_size, 320, 4);
LOCK_FIELD(tn_all_reduce_args, reduction, 324, 4);

LOCK_SIZE(tn_all_gather_args, 328);
LOCK_FIELD(tn_all_gather_args, struct_size, 0, 4);
LOCK_FIELD(tn_all_gather_args, flags, 4, 4);
LOCK_FIELD(tn_all_gather_args, communicator, 8, 8);
LOCK_FIELD(tn_all_gather_args, input, 16, 152);
LOCK_FIELD(tn_all_gather_args, output, 168, 152);
LOCK_FIELD(tn_all_gather_args, world_size, 320, 4);
LOCK_FIELD(tn_all_gather_args, reserved0, 324, 4);

LOCK_SIZE(tn_reduce_scatter_args, 328);
LOCK_FIELD(tn_reduce_scatter_args, struct_size, 0, 4);
LOCK_FIELD(tn_reduce_scatter_args, flags, 4, 4);
LOCK_FIELD(tn_reduce_scatter_args, communicator, 8, 8);
LOCK_FIELD(tn_reduce_scatter_args, input, 16, 152);
LOCK_FIELD(tn_reduce_scatter_args, output, 168, 152);
LOCK_FIELD(tn_reduce_scatter_args, world_size, 320, 4);
LOCK_FIELD(tn_reduce_scatter_args, reduction, 324, 4);

LOCK_SIZE(tn_all_to_all_v_args, 632);
LOCK_FIELD(tn_all_to_all_v_args, struct_size, 0, 4);
LOCK_FIELD(tn_all_to_all_v_args, flags, 4, 4);
LOCK_FIELD(tn_all_to_all_v_args, communicator, 8, 8);
LOCK_FIELD(tn_all_to_all_v_args, input, 16, 152);
LOCK_FIELD(tn_all_to_all_v_args, send_counts, 168, 152);
LOCK_FIELD(tn_all_to_all_v_args, receive_counts, 320, 152);
LOCK_FIELD(tn_all_to_all_v_args, output, 472, 152);
LOCK_FIELD(tn_all_to_all_v_args, world_size, 624, 4);
LOCK_FIELD(tn_all_to_all_v_args, reserved0, 628, 4);

#define LOCK_VALUE(name, value) static_assert((name) == (value), "released value of " #name)

LOCK_VALUE(TN_OP_none, 0);
LOCK_VALUE(TN_CLASS_CUBE, 1);
LOCK_VALUE(TN_CLASS_ATTENTION, 2);
LOCK_VALUE(TN_CLASS_VECTOR, 3);
LOCK_VALUE(TN_CLASS_COPY, 4);
LOCK_VALUE(TN_CLASS_COMMUNICATION, 5);
LOCK_VALUE(TN_ROPE_HALF_SPLIT, 0);
LOCK_VALUE(TN_ROPE_INTERLEAVED, 1);
LOCK_VALUE(TN_MOE_SOFTMAX, 0);
LOCK_VALUE(TN_MOE_SIGMOID, 1);
LOCK_VALUE(TN_MOE_SQRT_SOFTPLUS, 2);
LOCK_VALUE(TN_GROUP_SIZES, 0);
LOCK_VALUE(TN_GROUP_CUMULATIVE, 1);
LOCK_VALUE(TN_REDUCE_SUM, 0);
LOCK_VALUE(TN_REDUCE_MAX, 1);

#define LOCK_OP(name, id) static_assert(TN_OP_##name == (id), "released id of op " #name)
LOCK_OP(copy_cast, 1);
LOCK_OP(embedding, 2);
LOCK_OP(rms_norm, 3);
LOCK_OP(add_rms_norm, 4);
LOCK_OP(linear, 5);
LOCK_OP(batched_matmul, 6);
LOCK_OP(rope, 7);
LOCK_OP(swiglu, 8);
LOCK_OP(add, 9);
LOCK_OP(mul, 10);
LOCK_OP(scale, 11);
LOCK_OP(kv_write, 12);
LOCK_OP(paged_attention, 13);
LOCK_OP(moe_gate, 14);
LOCK_OP(moe_permute, 15);
LOCK_OP(grouped_matmul, 16);
LOCK_OP(moe_unpermute, 17);
LOCK_OP(static_quant, 18);
LOCK_OP(dynamic_quant, 19);
LOCK_OP(gather_rows, 20);
LOCK_OP(argmax, 21);
LOCK_OP(all_reduce, 22);
LOCK_OP(all_gather, 23);
LOCK_OP(reduce_scatter, 24);
LOCK_OP(all_to_all_v, 25);
