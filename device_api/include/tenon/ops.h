/* Argument structs of the op set. The comment above each struct is the specification that the
 * conformance suite tests; ops.def lists ids, operands, permitted aliases and updatable fields.
 *
 * Conventions, unless an op says otherwise
 *
 *   A         an activation type: f32, f16 or bf16. All A of one op are the same type.
 *   W         a weight type: f32, f16 or bf16, free of A (a bf16 weight with f32 activations is the
 *             normal case on a CPU).
 *   rows      the first dimension may be 0: the op then succeeds, writes the outputs that still
 *             have elements (group_sizes of moe_permute), and a collective still takes part.
 *   layout    operands are row-major unless the op says otherwise; a weight, table or cache may
 *             also be in the layout that layout_for answered for this use.
 *   strides   the last dimension is contiguous (stride 1); leading dimensions may be strided, so
 *             that a column range of a packed result is an operand without a copy. Index tensors,
 *             scales, biases and norm weights are contiguous.
 *   index     an int32 tensor in device memory. The host guarantees values in range; the reference
 *             backend checks them on use, others may give undefined values for a bad index but
 *             never touch memory outside the operands.
 *   absent    an operand marked _OPTIONAL in ops.def whose dtype is TN_DTYPE_NONE.
 *   arithmetic in f32, rounded once (to nearest, ties to even) when the output is written.
 *   tolerance |found - expected| <= u |expected| + 2 (K + 8) 2^-24 S + d, with expected computed in
 *             double from the operands as stored, u the unit roundoff of the output type (2^-24
 *             f32, 2^-11 f16, 2^-8 bf16), K the length of the longest reduction, and S the sum of
 *             the absolute values of the terms added up for that element, and d half of the output
 *             type's smallest subnormal (2^-150 f32, 2^-25 f16, 2^-134 bf16; subnormals may not be
 *             flushed in f16). A result past the type's range is infinity. Integer results are
 *             exact.
 *
 * Every struct begins with struct_size, set to sizeof by the caller, and flags, which are 0 in
 * version 1. A struct grows at its end only, and zero in a new field always means the earlier
 * behaviour. A plugin that finds a non-zero byte past the size it knows, or an unknown flag,
 * answers "unsupported": supported = 0 from op_query, TN_UNSUPPORTED from op_enqueue. It must never
 * compute something else in silence. Fields past a smaller struct_size count as zero; a struct_size
 * below that of version 1.0 is TN_INVALID_ARGUMENT. Padding is explicit and zero. No written
 * operand has stride 0 over a dimension larger than 1.
 */
#ifndef TENON_OPS_H_
#define TENON_OPS_H_

#include <tenon/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Op ids, from ops.def: TN_OP_LINEAR is spelled TN_OP_linear so that one table feeds all. */
typedef enum tn_op {
  TN_OP_none = 0,
#define TN_OP(id, name, op_class, since_major, since_minor) TN_OP_##name = id,
#include <tenon/ops.def>
  TN_OP_force_32_bits = 0x7fffffff
} tn_op;

/* What an op keeps busy; decides which ops hide a prefetch (all but CUBE and ATTENTION). */
typedef enum tn_op_class {
  TN_CLASS_CUBE = 1,
  TN_CLASS_ATTENTION = 2,
  TN_CLASS_VECTOR = 3,
  TN_CLASS_COPY = 4,
  TN_CLASS_COMMUNICATION = 5
} tn_op_class;

/* output = input, converted: the only op that changes a layout.
 *   input, output: same shape, rank 1-6, any strides (a transposed view is read through its
 *   strides); dtypes f32, f16, bf16, i8, i32 with float -> float, same -> same, and i32 -> f32.
 * f32 -> f16/bf16 rounds to nearest even; NaN stays NaN; overflow becomes infinity. Copying to the
 * same dtype copies bits. A layout other than row-major may stand on either side; a cast between
 * layouts never changes a value, writes all padding of its output as zero, and is illegal during
 * capture. Exact. */
typedef struct tn_copy_cast_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor input;
  tn_tensor output;
} tn_copy_cast_args;

/* output[i] = table[token_ids[i] - first_id], the row converted to A.
 *   table [V, D] W; token_ids [n] i32; output [n, D] A.
 * With zero_outside = 1 an id outside [first_id, first_id + V) gives a row of zeros (a vocabulary
 * sharded over cards); with 0 it is a bad index. Exact when A holds W, else rounded once. */
typedef struct tn_embedding_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor table;
  tn_tensor token_ids;
  tn_tensor output;
  int32_t first_id;
  uint32_t zero_outside;
} tn_embedding_args;

/* output = input * rsqrt(mean(input^2) + epsilon) * weight + bias over the last dimension D.
 *   input, output [..., D] A, rank 1-4; weight [D] W or absent (1); bias [D] W or absent (0).
 * K = D, S = |result| for the tolerance of the scaled value. Alias: output = input. */
typedef struct tn_rms_norm_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor input;
  tn_tensor weight;
  tn_tensor bias;
  tn_tensor output;
  float epsilon;
  uint32_t reserved0;
} tn_rms_norm_args;

/* sum = input + residual, rounded to A; output = rms_norm(sum as rounded).
 *   input, residual, sum, output [n, D] A; weight, bias as rms_norm.
 * Bit-equal to `add` followed by `rms_norm` of the same backend. Aliases: sum = residual,
 * sum = input, output = input. */
typedef struct tn_add_rms_norm_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor input;
  tn_tensor residual;
  tn_tensor weight;
  tn_tensor bias;
  tn_tensor sum;
  tn_tensor output;
  float epsilon;
  uint32_t reserved0;
} tn_add_rms_norm_args;

/* Float form: output[m,n] = sum_k input[m,k] * weight[n,k] + bias[n].
 *   input [M, K] A; weight [N, K] W (as checkpoints store it), row-major or a layout that
 *   layout_for answered; bias [N] W or absent; output [M, N], A or f32.
 * W8A8 form, when weight is i8:
 *   output[m,n] = (sum_k input[m,k] * weight[n,k] + quant_bias[n])
 *                 * weight_scale[n] * row_scale[m] + bias[n]
 *   input [M, K] i8; weight [N, K] i8; quant_bias [N] i32 or absent; weight_scale [N] f32;
 *   row_scale [M] f32 or absent (static quantisation: its scale is folded into weight_scale);
 *   output f32, f16 or bf16. The integer sum is exact in 32 bits.
 * weight_scale, quant_bias and row_scale are absent in the float form. */
typedef struct tn_linear_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor input;
  tn_tensor weight;
  tn_tensor bias;
  tn_tensor weight_scale;
  tn_tensor quant_bias;
  tn_tensor row_scale;
  tn_tensor output;
} tn_linear_args;

/* output[b,m,n] = sum_k a[b,m,k] * b[b,k,n].
 *   a [B, M, K] A; b [B, K, N] A or W; output [B, M, N] A. Any strides on a and b (transposed views
 *   included); one of b's last two strides is 1. */
typedef struct tn_batched_matmul_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor a;
  tn_tensor b;
  tn_tensor output;
} tn_batched_matmul_args;

typedef enum tn_rope_pairing {
  TN_ROPE_HALF_SPLIT = 0, /* pairs (x[i], x[i + d/2]): Llama, Qwen as published for transformers */
  TN_ROPE_INTERLEAVED = 1 /* pairs (x[2i], x[2i + 1]): DeepSeek, the original Llama */
} tn_rope_pairing;

/* Rotates channels [first_channel, first_channel + rotary_dim) of every head by its position; pairs
 * are counted within that range, with d = rotary_dim:
 *   (a, b) -> (a cos - b sin, b cos + a sin), inverse: (a cos + b sin, b cos - a sin)
 *   input, output [n, heads, D] A; cosine, sine [max_position, rotary_dim / 2] f32;
 *   positions [n] i32 in [0, max_position). The other channels are copied.
 * rotary_dim is even and > 0. K = 2, S = |a cos| + |b sin|. Alias: output = input. */
typedef struct tn_rope_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor input;
  tn_tensor cosine;
  tn_tensor sine;
  tn_tensor positions;
  tn_tensor output;
  int32_t rotary_dim;
  int32_t first_channel;
  uint32_t pairing; /* tn_rope_pairing */
  uint32_t inverse; /* 0 or 1 */
} tn_rope_args;

/* output = silu(g) * u with g = min(gate, gate_limit), u = clamp(up, -up_limit, up_limit) and
 * silu(x) = x / (1 + exp(-x)). A limit of 0 means none.
 *   gate, up, output [n, I] A; gate and up are usually the halves of one packed [n, 2I].
 * Tolerance: u |expected| + 2^-20 |expected|. Aliases: output = gate, output = up. */
typedef struct tn_swiglu_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor gate;
  tn_tensor up;
  tn_tensor output;
  float gate_limit;
  float up_limit;
} tn_swiglu_args;

/* output = a + b, elementwise.
 *   a, output: same shape, rank 1-4, A; b: same rank, A or W, each dimension equal to a's or 1.
 * K = 2. Aliases: output = a; output = b when their shapes are equal. */
typedef struct tn_add_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor a;
  tn_tensor b;
  tn_tensor output;
} tn_add_args;

/* output = a * b, elementwise; operands as in add. */
typedef struct tn_mul_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor a;
  tn_tensor b;
  tn_tensor output;
} tn_mul_args;

/* output = input * factor. input, output: same shape, rank 1-4, A. Alias: output = input. */
typedef struct tn_scale_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor input;
  tn_tensor output;
  float factor;
  uint32_t reserved0;
} tn_scale_args;

/* Writes token t's key and value into slot s = slot_mapping[t], that is block s / block_size,
 * offset s % block_size; slot -1 skips the token. No two tokens have the same slot.
 *   key [n, kv_heads, D] A; value [n, kv_heads, Dv] A or absent; slot_mapping [n] i32;
 *   key_cache [blocks, block_size, kv_heads, D], value_cache [blocks, block_size, kv_heads, Dv],
 *   dtype C of f32, f16, bf16, row-major or the layout that layout_for answered for the KV role;
 *   value_cache absent exactly when value is.
 * Everything else in the caches stays as it was. Exact when C is A, else rounded once. */
typedef struct tn_kv_write_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor key;
  tn_tensor value;
  tn_tensor slot_mapping;
  tn_tensor key_cache;
  tn_tensor value_cache;
} tn_kv_write_args;

/* Attention of a ragged batch that mixes prefill and decode rows, through a block table.
 * query_start_loc starts at 0 and never descends.
 * Sequence s has query rows [query_start_loc[s], query_start_loc[s+1]), q = their number, and
 * context length L = seq_lens[s] >= q, these rows included. Its row i (from 0) stands at position
 * p = L - q + i. Key j of the sequence lies in block block_table[s][j / block_size] at offset
 * j % block_size. Row i attends to
 *   j <= p (causal = 1) or j < L (causal = 0), and, with sliding_window = w > 0, j > p - w.
 * Query head h uses kv head h / (heads / kv_heads):
 *   score_j = scale * sum_d query[h,d] key_j[d];  weight = softmax_j(score), where sinks[h], if
 *   present, joins the softmax as one more logit whose weight is dropped;
 *   output[h] = sum_j weight_j value_j.
 * Without value_cache (MLA form) value_j is the first value_dim channels of key_j.
 *   query [n, heads, D] A; key_cache [blocks, block_size, kv_heads, D] and value_cache
 *   [blocks, block_size, kv_heads, value_dim] C; block_table [S, max_blocks] i32, rows contiguous,
 *   entries past the last block of a sequence are not read; query_start_loc [S + 1] i32;
 *   seq_lens [S] i32; sinks [heads] f32 or absent; output [n, heads, value_dim] A.
 * heads % kv_heads == 0. A row that belongs to no sequence (row >= query_start_loc[S]: padding), or
 * to a sequence with L = 0, or that attends to nothing, is written as zeros. Cache slots that no
 * row attends to are not read: they may hold NaN.
 * The same lengths stand in host arrays, for backends that plan with them: copied at enqueue, equal
 * to the device's when the op runs. max_query_len and max_seq_len bound q and L for every batch of
 * the shape bucket; they and not the host arrays are what op_query may use.
 * Tolerance: u |expected| + 2^-18 max_j |value_j| (1 + max_j |score_j|) . */
typedef struct tn_paged_attention_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor query;
  tn_tensor key_cache;
  tn_tensor value_cache;
  tn_tensor block_table;
  tn_tensor query_start_loc;
  tn_tensor seq_lens;
  tn_tensor sinks;
  tn_tensor output;
  const int32_t* host_query_start_loc; /* [S + 1] */
  const int32_t* host_seq_lens;        /* [S] */
  uint32_t host_query_start_loc_count;
  uint32_t host_seq_lens_count;
  int32_t max_query_len;
  int32_t max_seq_len;
  int32_t value_dim;
  int32_t sliding_window; /* 0: none */
  uint32_t causal;        /* 0 or 1 */
  float scale;
} tn_paged_attention_args;

typedef enum tn_moe_score {
  TN_MOE_SOFTMAX = 0, /* over all experts */
  TN_MOE_SIGMOID = 1,
  TN_MOE_SQRT_SOFTPLUS = 2 /* sqrt(log(1 + exp(x))) */
} tn_moe_score;

/* Chooses top_k experts for each token.
 *   s = score(logits);  b = s + selection_bias (absent: s)
 *   group_count > 1: a group's score is the sum of its two largest b (its largest b if
 *   group_score_top = 1); only the experts of the group_top_k best groups remain.
 *   expert_ids = the top_k largest remaining b, in descending order; with a hash_table instead
 *   hash_table[token_ids[t]][0 .. top_k).
 *   w_j = s[expert_j];  renormalise = 1: w_j /= (sum_j w_j + renormalise_epsilon);  w_j *= scale.
 * Equal values: the lower index wins, for groups and for experts.
 *   logits [n, E] A; selection_bias [E] f32 or absent; hash_table [V, top_k] i32 or absent, with
 *   token_ids [n] i32; expert_ids [n, top_k] i32; expert_weights [n, top_k] f32.
 * group_count divides E; top_k <= the experts that remain; token_ids stands with hash_table only.
 * Tolerance of the weights 2^-18 relative; a choice may differ from the double computation only
 * where the scores differ by less than that. */
typedef struct tn_moe_gate_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor logits;
  tn_tensor selection_bias;
  tn_tensor hash_table;
  tn_tensor token_ids;
  tn_tensor expert_ids;
  tn_tensor expert_weights;
  int32_t top_k;
  uint32_t score;      /* tn_moe_score */
  int32_t group_count; /* 0 or 1: no groups */
  int32_t group_top_k;
  int32_t group_score_top; /* 1 or 2 */
  uint32_t renormalise;    /* 0 or 1 */
  float renormalise_epsilon;
  float scale;
} tn_moe_gate_args;

/* Copies token rows into expert order, stable by expert (within one expert in order of token, then
 * of choice), for the experts [first_expert, first_expert + E) that this card holds.
 *   input [n, D] A or i8; expert_ids [n, k] i32; output [n * k, D] as input;
 *   row_map [n, k] i32: the output row of (token, choice), -1 where the expert is not held here;
 *   group_sizes [E] i32: rows of each expert.
 * Output rows past the sum of group_sizes are zeros. Exact. */
typedef struct tn_moe_permute_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor input;
  tn_tensor expert_ids;
  tn_tensor output;
  tn_tensor row_map;
  tn_tensor group_sizes;
  int32_t first_expert;
  uint32_t reserved0;
} tn_moe_permute_args;

typedef enum tn_group_list_kind {
  TN_GROUP_SIZES = 0,     /* rows of each group */
  TN_GROUP_CUMULATIVE = 1 /* end row of each group, ascending */
} tn_group_list_kind;

/* For every row m of group e: output[m,n] = sum_k input[m,k] * weight[e,k,n] + bias[e,n].
 *   input [M, K] A; weight [E, K, N] W; contiguous, or a transposed view of a contiguous [E, N, K]
 *   (strides N*K, 1, K), which a backend that supports it reads without a copy; group_list [E] i32
 *   in device memory; bias [E, N] W or absent; output [M, N] A.
 * Groups lie one after the other from row 0 and may be empty. Rows past the last group are neither
 * read nor written. W8A8 form as in linear: input and weight i8, weight_scale [E, N] f32,
 * quant_bias [E, N] i32 or absent, row_scale [M] f32 or absent, output f32, f16 or bf16. */
typedef struct tn_grouped_matmul_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor input;
  tn_tensor weight;
  tn_tensor group_list;
  tn_tensor bias;
  tn_tensor weight_scale;
  tn_tensor quant_bias;
  tn_tensor row_scale;
  tn_tensor output;
  uint32_t group_list_kind; /* tn_group_list_kind */
  uint32_t reserved0;
} tn_grouped_matmul_args;

/* output[t] = residual[t] + sum_j expert_weights[t,j] * input[row_map[t,j]], j ascending; a row_map
 * of -1 adds nothing.
 *   input [R, D] A; row_map [n, k] i32; expert_weights [n, k] f32; residual [n, D] A or absent;
 *   output [n, D] A. K = k + 1. Alias: output = residual. */
typedef struct tn_moe_unpermute_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor input;
  tn_tensor row_map;
  tn_tensor expert_weights;
  tn_tensor residual;
  tn_tensor output;
} tn_moe_unpermute_args;

/* output = clamp(round_half_even(input / quant_scale) + quant_offset, -128, 127).
 *   input [n, K] A; quant_scale [1] or [K] f32, > 0; quant_offset as quant_scale but i32, or absent
 *   (0); output [n, K] i8. Tolerance 1 where input / quant_scale lies within 2^-20 relative of a
 *   rounding boundary, else exact. */
typedef struct tn_static_quant_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor input;
  tn_tensor quant_scale;
  tn_tensor quant_offset;
  tn_tensor output;
} tn_static_quant_args;

/* Per row: x = input * smooth_scale; row_scale = max |x| / 127; output = round_half_even(x /
 * row_scale). A row of zeros gives row_scale 1 and zeros.
 *   input [n, K] A; smooth_scale [K] f32 or absent (1); output [n, K] i8; row_scale [n] f32.
 * Tolerance: row_scale 2^-22 relative; output as static_quant. */
typedef struct tn_dynamic_quant_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor input;
  tn_tensor smooth_scale;
  tn_tensor output;
  tn_tensor row_scale;
} tn_dynamic_quant_args;

/* output[i] = input[index[i]].
 *   input [R, D] any dtype; index [n] i32; output [n, D] as input. Exact. */
typedef struct tn_gather_rows_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor input;
  tn_tensor index;
  tn_tensor output;
} tn_gather_rows_args;

/* output[i] = position of the largest element of input[i]; the lowest of equal ones. NaN never wins
 * (a row of nothing but NaN gives 0).
 *   input [n, V] f32, f16 or bf16, V >= 1; output [n] i32. Exact. */
typedef struct tn_argmax_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_tensor input;
  tn_tensor output;
} tn_argmax_args;

/*===--- Collectives -------------------------------------------------------------------------===*/

/* One host thread enqueues the same collective for every rank of a communicator, one after the
 * other, so enqueue never blocks: the op completes on a rank's stream when every rank's has reached
 * it. Ranks enqueue their collectives in the same order, with arguments of the same shapes and
 * dtypes. world_size repeats the communicator's number of ranks, for op_query, which must not look
 * at `communicator`. Reductions run in rank order 0, 1, ... whatever the timing. */

typedef enum tn_reduction { TN_REDUCE_SUM = 0, TN_REDUCE_MAX = 1 } tn_reduction;

/* output = reduction over ranks of input. input, output: same shape, rank 1-3, contiguous, A or
 * i32. K = world_size. Alias: output = input. */
typedef struct tn_all_reduce_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_communicator* communicator;
  tn_tensor input;
  tn_tensor output;
  uint32_t world_size;
  uint32_t reduction; /* tn_reduction */
} tn_all_reduce_args;

/* output[r] = input of rank r.
 *   input [n, ...] contiguous, any dtype; output [world_size * n, ...]. */
typedef struct tn_all_gather_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_communicator* communicator;
  tn_tensor input;
  tn_tensor output;
  uint32_t world_size;
  uint32_t reserved0;
} tn_all_gather_args;

/* output = part r, on rank r, of the reduction over ranks of input.
 *   input [world_size * n, ...] contiguous, A or i32; output [n, ...]. K = world_size. */
typedef struct tn_reduce_scatter_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_communicator* communicator;
  tn_tensor input;
  tn_tensor output;
  uint32_t world_size;
  uint32_t reduction; /* tn_reduction */
} tn_reduce_scatter_args;

/* Rank r sends send_counts[p] rows to each rank p, taken in order from the start of input, and
 * receives receive_counts[p] rows from each p, placed in order from the start of output.
 *   input [n, D], output [m, D]: contiguous, any dtype; counts [world_size] i32 in device memory,
 *   send_counts[p] of r equal to receive_counts[r] of p, sums at most n and m. Output rows past the
 *   received ones stay as they were. Exact. */
typedef struct tn_all_to_all_v_args {
  uint32_t struct_size;
  uint32_t flags;
  tn_communicator* communicator;
  tn_tensor input;
  tn_tensor send_counts;
  tn_tensor receive_counts;
  tn_tensor output;
  uint32_t world_size;
  uint32_t reserved0;
} tn_all_to_all_v_args;

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TENON_OPS_H_ */
