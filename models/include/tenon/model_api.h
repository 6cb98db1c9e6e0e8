/* The contract for model definitions: what a model plugin implements, version 1.0.
 *
 * A model plugin names the `architectures` strings of Hugging Face config.json that it serves, and
 * describes such a model once as a program: a straight line of ops over values. It never loads a
 * weight, never sees a device, and knows nothing of streams, layouts, quantisation, parallelism or
 * prefetch, except that it registers the names of its layers for the generic prefetch wrapper.
 * Most definitions use the C++ header model.hpp over this one.
 *
 * Names: every name given to the builder is prefixed by the open scopes, joined with '.', so that
 * weights, prefetch patterns, trace rows and error messages all speak the checkpoint's names
 * ("model.layers.3.self_attn.q_proj").
 *
 * Shapes: the leading dimension of an activation is symbolic (the tokens of a step, or the rows
 * whose logits are wanted); only the trailing dimensions are given.
 *
 * Rules of size and growth are those of the device API: tables and structs carry struct_size, grow
 * at their end, and zero in a new field means the earlier behaviour. A non-zero byte past the size
 * of a description struct that the host knows is refused by the host.
 *
 * Threads: build is called from one thread at a time; the builder must not be used after it
 * returns. Strings are copied before each call returns.
 */
#ifndef TENON_MODEL_API_H_
#define TENON_MODEL_API_H_

#include <tenon/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TN_MODEL_API_VERSION_1_0 TN_VERSION(1, 0)
#define TN_MODEL_API_VERSION TN_MODEL_API_VERSION_1_0

/* The program under construction and the config.json it is built from. Owned by the host. */
typedef struct tn_builder tn_builder;

/* A value of the program; 0 means none. */
typedef uint32_t tn_model_value;

/* Every value has exactly one class. Residency, sharding and what may change between steps follow
 * from it, never from a list of names. */
typedef enum tn_value_class {
  TN_CLASS_OF_WEIGHT = 1,     /* read from the checkpoint, constant */
  TN_CLASS_OF_CONSTANT = 2,   /* derived once from the configuration: rope tables, hash tables */
  TN_CLASS_OF_STATE = 3,      /* lives from step to step: caches */
  TN_CLASS_OF_METADATA = 4,   /* made by the host for each step: ids, positions, lengths */
  TN_CLASS_OF_ACTIVATION = 5, /* lives within a step */
  TN_CLASS_OF_OUTPUT = 6      /* what a step returns: the logits */
} tn_value_class;

/* How a weight may be divided over cards under tensor parallelism. */
typedef enum tn_shard {
  TN_SHARD_NONE = 0,    /* every card holds all of it */
  TN_SHARD_ROWS = 1,    /* by output rows, each part of a packed weight for itself */
  TN_SHARD_COLUMNS = 2, /* by input columns; the partial results are summed over the cards */
  TN_SHARD_STACK = 3    /* a stack by its leading dimension: whole experts */
} tn_shard;

/* One tensor of the checkpoint that becomes `rows` rows of a packed weight. */
typedef struct tn_weight_part {
  const char* name;        /* in the scope, e.g. "q_proj.weight" */
  const char* alternative; /* full name to take if `name` is absent (tied weights), or NULL */
  int64_t rows;            /* first dimension of the tensor */
} tn_weight_part;

/* A weight [sum of rows, columns], or [rows] if columns is 0 (norm weights, biases); with a stack
 * [stack, sum of rows, columns], e.g. the experts of a layer. */
typedef struct tn_weight_desc {
  uint32_t struct_size;
  uint32_t part_count; /* >= 1 */
  const char* name;    /* of the whole, in the scope, e.g. "qkv_proj.weight" */
  const tn_weight_part* parts;
  int64_t columns;
  uint32_t shard; /* tn_shard */
  uint32_t reserved0;
  /* How many matrices are stacked, 0: none. '*' in the name of a part stands for the number of each
   * ("experts.*.gate_proj.weight"). */
  int64_t stack;
  /* The tensor, in the scope, under which a checkpoint may hold the whole stack instead, or NULL. */
  const char* stacked_name;
} tn_weight_desc;

/* y = x W^T + b. The layer's name is what prefetch patterns match. */
typedef struct tn_linear_desc {
  uint32_t struct_size;
  uint32_t reserved0;
  const char* name;
  tn_model_value input;  /* [n, in] */
  tn_model_value weight; /* [out, in] */
  tn_model_value bias;   /* [out] or 0 */
  uint32_t reserved1;
} tn_linear_desc;

typedef struct tn_rms_norm_desc {
  uint32_t struct_size;
  float epsilon;
  const char* name;
  tn_model_value input;  /* [n, ..., D]: normalised over D */
  tn_model_value weight; /* [D] or 0 */
  tn_model_value bias;   /* [D] or 0 */
  uint32_t reserved0;
} tn_rms_norm_desc;

/* Rotary tables [max_position, rotary_dim / 2] from the frequencies that config.json describes
 * (rope_parameters, or rope_theta and rope_scaling: default, linear, llama3, yarn). */
typedef struct tn_rope_tables_desc {
  uint32_t struct_size;
  uint32_t unscaled; /* 1: ignore the scaling that config.json describes */
  int64_t rotary_dim;
  double theta;            /* 0: config.json's */
  double attention_factor; /* 0: the one that config.json and the type imply */
} tn_rope_tables_desc;

typedef struct tn_rope_desc {
  uint32_t struct_size;
  uint32_t interleaved; /* 0: pairs (i, i + d/2); 1: pairs (2i, 2i + 1) */
  const char* name;
  tn_model_value input; /* [n, heads, D] */
  tn_model_value cosine;
  tn_model_value sine;
  uint32_t inverse;
  int64_t rotary_dim;
  int64_t first_channel;
} tn_rope_desc;

/* Causal attention over the sequence's own cache, which the host owns and fills. */
typedef struct tn_attention_desc {
  uint32_t struct_size;
  float scale;
  const char* name;
  tn_model_value query;   /* [n, heads, D] */
  tn_model_value key;     /* [n, kv_heads, D], after rope */
  tn_model_value value;   /* [n, kv_heads, Dv], or 0: the first value_dim channels of the key */
  tn_model_value sinks;   /* [heads] or 0 */
  int64_t value_dim;      /* 0: Dv */
  int64_t sliding_window; /* 0: none */
} tn_attention_desc;

typedef struct tn_swiglu_desc {
  uint32_t struct_size;
  uint32_t reserved0;
  const char* name;
  tn_model_value gate; /* [n, I] */
  tn_model_value up;   /* [n, I] */
  float gate_limit;    /* 0: none */
  float up_limit;
} tn_swiglu_desc;

/* A layer of experts: each row of `input` goes through the SwiGLU blocks of the experts that its
 * row of `logits` chooses, and their results are summed with the experts' weights. How experts are
 * scored and chosen: tn_moe_gate_args in ops.h; the fields mean the same here. The host decides how
 * the experts run; the layers it makes are called <name>.gate_up_proj, <name>.down_proj and so on,
 * for prefetch patterns. */
typedef struct tn_moe_desc {
  uint32_t struct_size;
  uint32_t score; /* tn_moe_score */
  const char* name;
  tn_model_value input;          /* [n, D] */
  tn_model_value logits;         /* [n, E]: what the router gave */
  tn_model_value gate_up;        /* weight [E, 2 I, D]: gate rows, then up rows */
  tn_model_value down;           /* weight [E, D, I] */
  tn_model_value selection_bias; /* weight [E] f32, or 0 */
  uint32_t renormalise;          /* 1: the chosen weights are divided by their sum */
  int64_t top_k;
  int64_t group_count; /* 0 or 1: no groups */
  int64_t group_top_k;
  int64_t group_score_top;
  float renormalise_epsilon;
  float scale; /* of the chosen weights; 1: none */
  float gate_limit;
  float up_limit;
} tn_moe_desc;

/* What the host offers to build(). All functions are filled; `out_value` is 0 on error. */
typedef struct tn_builder_table {
  uint32_t struct_size;
  uint32_t version;

  /*--- config.json. Keys are dotted paths; null counts as absent. A value of another type or
   *    outside [minimum, maximum] is an error that names file, key, expected and found. `fallback`
   *    is what an absent key gives; NULL makes the key required. ---*/
  tn_status (*config_has)(tn_builder*, const char* key, bool* out_present, tn_error*);
  tn_status (*config_integer)(tn_builder*, const char* key, int64_t minimum, int64_t maximum,
                              const int64_t* fallback, int64_t* out_value, tn_error*);
  tn_status (*config_number)(tn_builder*, const char* key, double minimum, double maximum,
                             const double* fallback, double* out_value, tn_error*);
  tn_status (*config_boolean)(tn_builder*, const char* key, const bool* fallback, bool* out_value,
                              tn_error*);
  /* The text lives until build() returns. */
  tn_status (*config_text)(tn_builder*, const char* key, const char* fallback,
                           const char** out_text, tn_error*);
  /* Writes up to `capacity` entries and the full count; an absent key gives count 0. */
  tn_status (*config_integers)(tn_builder*, const char* key, int64_t minimum, int64_t maximum,
                               int64_t* out_values, uint32_t capacity, uint32_t* out_count,
                               tn_error*);

  /*--- Names ---*/
  tn_status (*scope_enter)(tn_builder*, const char* name, tn_error*);
  tn_status (*scope_leave)(tn_builder*, tn_error*);
  /* Registers a linear, or a block of experts (by a pattern over full layer names, '*' = any run of
   * characters but '.') for the generic prefetch wrapper, under a group and a name within it ("attn", "qkv"). A pattern
   * that matches none of the program is an error. */
  tn_status (*prefetch_name)(tn_builder*, const char* group, const char* name,
                             const char* layer_pattern, tn_error*);
  /* Tensors of the checkpoint, by a pattern over full names, that this model does not read. Any
   * other surplus tensor is an error of the checkpoint. */
  tn_status (*ignore_tensors)(tn_builder*, const char* name_pattern, tn_error*);

  /*--- Values ---*/
  tn_status (*token_ids)(tn_builder*, tn_model_value* out_value, tn_error*); /* [tokens] i32 */
  tn_status (*weight)(tn_builder*, const tn_weight_desc*, tn_model_value* out_value, tn_error*);
  tn_status (*rope_tables)(tn_builder*, const tn_rope_tables_desc*, tn_model_value* out_cosine,
                           tn_model_value* out_sine, tn_error*);
  /* Views, never copies. split: consecutive column ranges of [n, sum of sizes]; reshape: other
   * trailing dimensions with the same product. */
  tn_status (*split)(tn_builder*, tn_model_value input, const int64_t* sizes, uint32_t count,
                     tn_model_value* out_values, tn_error*);
  tn_status (*reshape)(tn_builder*, tn_model_value input, const int64_t* trailing, uint32_t rank,
                       tn_model_value* out_value, tn_error*);

  /*--- Ops; formulas in ops.h of the device API ---*/
  tn_status (*embedding)(tn_builder*, const char* name, tn_model_value table,
                         tn_model_value token_ids, tn_model_value* out_value, tn_error*);
  tn_status (*linear)(tn_builder*, const tn_linear_desc*, tn_model_value* out_value, tn_error*);
  tn_status (*rms_norm)(tn_builder*, const tn_rms_norm_desc*, tn_model_value* out_value, tn_error*);
  tn_status (*rope)(tn_builder*, const tn_rope_desc*, tn_model_value* out_value, tn_error*);
  tn_status (*attention)(tn_builder*, const tn_attention_desc*, tn_model_value* out_value,
                         tn_error*); /* [n, heads, Dv] */
  tn_status (*swiglu)(tn_builder*, const tn_swiglu_desc*, tn_model_value* out_value, tn_error*);
  tn_status (*add)(tn_builder*, const char* name, tn_model_value a, tn_model_value b,
                   tn_model_value* out_value, tn_error*);
  tn_status (*mul)(tn_builder*, const char* name, tn_model_value a, tn_model_value b,
                   tn_model_value* out_value, tn_error*);
  tn_status (*scale)(tn_builder*, const char* name, tn_model_value input, float factor,
                     tn_model_value* out_value, tn_error*);
  /* The rows of [n, D] whose logits are wanted in this step. */
  tn_status (*output_rows)(tn_builder*, tn_model_value input, tn_model_value* out_value, tn_error*);
  /* Declares the logits [rows, vocabulary]; exactly once. */
  tn_status (*output)(tn_builder*, tn_model_value logits, tn_error*);
  tn_status (*moe)(tn_builder*, const tn_moe_desc*, tn_model_value* out_value, tn_error*);
} tn_builder_table;

/* A model plugin's table. All slots are required. */
typedef struct tn_model_table {
  tn_table_header header;
  /* The `architectures` strings served, e.g. "LlamaForCausalLM", by index from 0. Static memory. */
  tn_status (*architecture_count)(uint32_t* out_count, tn_error* error);
  tn_status (*architecture_name)(uint32_t index, const char** out_name, tn_error* error);
  /* Describes the model of `architecture` that the builder's config.json configures. An error of
   * the builder is passed on as it is. */
  tn_status (*build)(const char* architecture, const tn_builder_table* table, tn_builder* builder,
                     tn_error* error);
} tn_model_table;

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TENON_MODEL_API_H_ */
