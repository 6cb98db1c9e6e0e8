// A program: what a model definition builds once. A straight line of ops over values whose leading
// dimension is symbolic; free of devices, dtypes of activations, layouts and batch sizes.
#pragma once

#include <tenon/model_api.h>
#include <tenon/ops.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tenon {

// Index into Program::values; 0 is "none".
using ValueId = uint32_t;

enum class ValueClass : uint32_t {
  weight = TN_CLASS_OF_WEIGHT,
  constant = TN_CLASS_OF_CONSTANT,
  state = TN_CLASS_OF_STATE,
  metadata = TN_CLASS_OF_METADATA,
  activation = TN_CLASS_OF_ACTIVATION,
  output = TN_CLASS_OF_OUTPUT,
};
const char* value_class_name(ValueClass value_class);

// What the first dimension of a value counts; its number is known per shape bucket.
enum class Leading {
  none,             // the trailing dimensions are the whole shape
  tokens,           // rows of the step
  sequences,        // sequences of the step
  sequence_bounds,  // sequences + 1
  logit_rows,       // rows whose logits are wanted
  cache_blocks,     // blocks of the KV cache; followed by block_size
};

// Made by the host for each step; i32. Names are those of the paged-attention literature.
enum class Metadata : uint32_t {
  token_ids,        // [tokens]
  positions,        // [tokens]
  slot_mapping,     // [tokens]; -1 for padding rows
  block_table,      // [sequences, block_table_width]
  query_start_loc,  // [sequences + 1]
  seq_lens,         // [sequences]
  logit_rows,       // [logit_rows]: rows of the step
};
inline constexpr uint32_t metadata_count = 7;
const char* metadata_name(Metadata metadata);

struct Value {
  std::string name;
  ValueClass value_class = ValueClass::activation;
  // TN_DTYPE_NONE: the deployment's activation dtype, or for a weight the checkpoint's.
  tn_dtype dtype = TN_DTYPE_NONE;
  Leading leading = Leading::none;
  int64_t leading_times = 1;  // rows for each of what `leading` counts, e.g. a token's experts
  // Ranks that share out what `leading` counts: each has the quotient rounded up, the last ones what
  // is left, which may be nothing. This value is of share `leading_share`.
  int64_t leading_divisor = 1;
  int64_t leading_share = 0;
  // Ranks over which the rows spread, after all of the above: the quotient rounded up.
  int64_t leading_spread = 1;
  std::vector<int64_t> dims;  // trailing dimensions
  // Views: columns [column, column + product of dims) of each row of `base`, which is no view. Of a
  // share of the rows, where the base has them all: from the share's first row on. Of fewer rows than
  // the base has otherwise: the first ones.
  ValueId base = 0;
  int64_t column = 0;
  // A view whose row i holds the rows i, i + n, i + 2n, ... of the base, with n the view's own rows:
  // [n, ranks, columns] of what an all_gather laid down as [ranks * n, columns].
  bool gathers_rows = false;
  // No op writes it: it comes with the rows that an all_to_all_v brings from other ranks
  // (docs/parallel.md).
  bool comes_with_rows = false;
  // Position in Program::weights, constants, states, or the Metadata.
  uint32_t index = 0;

  int64_t columns() const;  // product of dims
  // Takes over how many rows `model` has; whether it has as many, whatever the shape bucket.
  void set_rows_of(const Value& model);
  bool has_rows_of(const Value& other) const;
  std::string dims_text() const;
};

struct WeightPart {
  std::string name;
  std::string alternative;  // empty: none
  int64_t rows = 0;
  std::string factor = {};  // tensor of one element that scales this part; empty: none
  std::string zero = {};    // tensor that holds nothing but zeros, if it is there; empty: none
};

// How the bytes of a weight come from those of the checkpoint.
enum class Derivation {
  stored,      // as they are
  to_f32,      // floats of any width, or the bits of an f32 kept in an i64, times the factor
  to_i32,      // i8 or i32
  quantised,   // each row of a float matrix divided by its scale and rounded to i8
  row_scales,  // those scales: the row's largest magnitude / 127, or 1 for a row of zeros
};

// What one rank holds of a weight that ranks share: its value has these dimensions, while parts,
// columns and stack still tell what the checkpoint has.
struct WeightShare {
  struct Range {
    int64_t first = 0;
    int64_t count = 0;
    bool operator==(const Range&) const = default;
  };
  std::vector<Range> part_rows = {};  // of each part; empty: all
  Range columns = {};                 // count 0: all
  Range stack = {};                   // count 0: all

  bool operator==(const WeightShare&) const = default;
  bool is_whole() const { return part_rows.empty() && columns.count == 0 && stack.count == 0; }
};

struct Weight {
  ValueId value = 0;
  std::vector<WeightPart> parts;  // of a stack: '*' in the names is the matrix's number
  int64_t columns = 0;            // 0: one-dimensional
  tn_shard shard = TN_SHARD_NONE;
  int64_t stack = 0;         // matrices in the stack; 0: none
  std::string stacked_name;  // tensor that may hold the whole stack; empty: none
  Derivation derivation = Derivation::stored;
  bool same_parts = false;  // the parts are one value, kept by each: only the first is taken
  bool row_major = false;   // keeps the checkpoint's layout, whatever the device would like
  WeightShare share = {};
};

// Derived once from the configuration; f32.
struct Constant {
  ValueId value = 0;
  std::vector<float> data;
};

// A paged cache [blocks, block_size, kv_heads, head_dim], in the activation dtype.
struct State {
  ValueId value = 0;
  int64_t kv_heads = 0;
  int64_t head_dim = 0;
};

struct Operand {
  size_t offset = 0;  // of the tn_tensor in the argument struct
  ValueId value = 0;
};

// Ranks that take part in a collective.
enum class RankGroup : uint32_t {
  none,    // no collective
  tensor,  // those of one replica, which share each layer's weights
  all,
};

struct Operation {
  uint32_t op = TN_OP_none;
  std::string name;  // full dotted layer name
  RankGroup group = RankGroup::none;
  // The argument struct with its attributes set; tensors are filled in by the plan.
  std::vector<std::byte> args;
  std::vector<Operand> operands;  // present ones, in the order of ops.def

  // Attributes of the struct; Args must be the op's own.
  template <typename Args>
  Args& attributes() {
    return *reinterpret_cast<Args*>(args.data());
  }
  ValueId operand(size_t offset) const;  // 0 if absent
};

// Registered by the definition for the generic prefetch wrapper.
struct PrefetchName {
  std::string group;
  std::string name;
  std::string pattern;
  std::vector<size_t> linears;  // matching operations: linears and grouped matmuls
  // By linear: the operation before it as the definition wrote it. A fusion may take it away.
  struct Before {
    uint32_t op = TN_OP_none;
    std::string name;
  };
  std::vector<Before> before = {};
};

struct Program {
  std::string architecture;
  std::vector<Value> values;  // values[0] is unused
  std::vector<Weight> weights;
  std::vector<Constant> constants;
  std::vector<State> states;
  std::vector<Operation> operations;
  std::vector<PrefetchName> prefetch_names;
  std::vector<std::string> ignored_tensors;  // patterns
  std::vector<ValueId> metadata;             // by Metadata; 0 where the program does not use it
  ValueId logits = 0;                        // [logit_rows, vocabulary]
  ValueId next_tokens = 0;                   // [logit_rows] i32: argmax of the logits
  int64_t vocabulary = 0;
  int64_t expert_ranks = 1;  // that share out the experts; 1: each rank has some of all

  // The value that owns the storage of `id`.
  ValueId root(ValueId id) const { return values[id].base != 0 ? values[id].base : id; }
};

}  // namespace tenon
