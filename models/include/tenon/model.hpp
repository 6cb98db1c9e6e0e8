// Thin C++ over model_api.h: what a model definition is written in.
//
//   void build(Builder& b) {
//     const int64_t hidden = b.integer("hidden_size", 1, 1 << 20);
//     Value x = b.embedding("model.embed_tokens", vocabulary, hidden);
//     ...
//   }
//   TENON_EXPORT_MODEL("llama", "Llama 1 to 3", build, "LlamaForCausalLM")
//
// Errors of the builder are thrown as BuildError and passed back to the host unchanged.
#pragma once

#include <tenon/model_api.h>

#include <cstring>
#include <exception>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tenon::model {

struct BuildError : std::exception {
  explicit BuildError(const tn_error& e) : error(e) {}
  explicit BuildError(const std::string& message) {
    error.code = TN_INVALID_ARGUMENT;
    std::strncpy(error.message, message.c_str(), sizeof error.message - 1);
  }
  const char* what() const noexcept override { return error.message; }
  tn_error error{};
};

// A value of the program. Default-constructed: none.
class Value {
 public:
  Value() = default;
  explicit Value(tn_model_value id) : id_(id) {}
  tn_model_value id() const { return id_; }
  explicit operator bool() const { return id_ != 0; }

 private:
  tn_model_value id_ = 0;
};

// One layer of the checkpoint that becomes `rows` rows of a packed linear, e.g. {"q_proj", 4096}.
struct Part {
  std::string layer;
  int64_t rows = 0;
};

struct RopeTables {
  Value cosine, sine;
  int64_t rotary_dim = 0;
};

struct Attention {
  Value query, key, value;  // [n, heads, D], [n, kv_heads, D], [n, kv_heads, Dv]
  float scale = 0;
  int64_t sliding_window = 0;
  Value sinks = {};
  int64_t value_dim = 0;
};

// How experts are scored and chosen; fields as in tn_moe_gate_args.
struct Moe {
  Value input, logits;  // [n, D], [n, E]
  Value gate_up, down;  // stacked weights [E, 2 I, D], [E, D, I]
  int64_t top_k = 1;
  uint32_t score = 0;  // tn_moe_score
  bool renormalise = false;
  float renormalise_epsilon = 0;
  float scale = 1;
  Value selection_bias = {};
  int64_t group_count = 0;
  int64_t group_top_k = 0;
  int64_t group_score_top = 0;
  float gate_limit = 0;
  float up_limit = 0;
};

class Builder {
 public:
  Builder(const tn_builder_table& table, tn_builder* handle) : table_(table), handle_(handle) {}

  // --- config.json ---
  bool has(const std::string& key) {
    bool present = false;
    call(table_.config_has, key.c_str(), &present);
    return present;
  }
  int64_t integer(const std::string& key, int64_t minimum, int64_t maximum,
                  std::optional<int64_t> fallback = {}) {
    int64_t value = 0;
    call(table_.config_integer, key.c_str(), minimum, maximum, fallback ? &*fallback : nullptr,
         &value);
    return value;
  }
  double number(const std::string& key, double minimum, double maximum,
                std::optional<double> fallback = {}) {
    double value = 0;
    call(table_.config_number, key.c_str(), minimum, maximum, fallback ? &*fallback : nullptr,
         &value);
    return value;
  }
  bool boolean(const std::string& key, bool fallback) {
    bool value = false;
    call(table_.config_boolean, key.c_str(), &fallback, &value);
    return value;
  }
  std::string text(const std::string& key, const char* fallback = nullptr) {
    const char* value = nullptr;
    call(table_.config_text, key.c_str(), fallback, &value);
    return value;
  }
  std::vector<int64_t> integers(const std::string& key, int64_t minimum, int64_t maximum) {
    uint32_t count = 0;
    call(table_.config_integers, key.c_str(), minimum, maximum, nullptr, 0u, &count);
    std::vector<int64_t> values(count);
    call(table_.config_integers, key.c_str(), minimum, maximum, values.data(), count, &count);
    return values;
  }
  // For a key that this definition understands only one value of.
  void require_text(const std::string& key, const char* only) {
    const std::string found = text(key, only);
    if (found != only) {
      throw BuildError("[config.json] " + key + " is not supported; expected \"" + only +
                       "\"; found \"" + found + "\"");
    }
  }

  // --- names ---
  void prefetch_name(const char* group, const char* name, const char* layer_pattern) {
    call(table_.prefetch_name, group, name, layer_pattern);
  }
  void ignore_tensors(const char* name_pattern) { call(table_.ignore_tensors, name_pattern); }

  // --- values ---
  Value token_ids() { return make(table_.token_ids); }

  // A weight of one dimension: `name` is the tensor's, e.g. "input_layernorm.weight".
  Value vector(const std::string& name, int64_t size, tn_shard shard = TN_SHARD_NONE) {
    return packed({{name, size}}, name, 0, shard);
  }
  // A matrix stored as one tensor. `alternative` is the full name of a tied twin.
  Value matrix(const std::string& name, int64_t rows, int64_t columns,
               tn_shard shard = TN_SHARD_NONE, const char* alternative = nullptr) {
    return packed({{name, rows}}, name, columns, shard, alternative);
  }
  // `experts` matrices stacked to [experts, rows, columns]. '*' in the layers' names is the expert's
  // number; `stacked_name` is the tensor that may hold the whole stack.
  Value stacked(const std::string& name, int64_t experts, const std::vector<Part>& layers,
                int64_t columns, const char* stacked_name = nullptr) {
    const std::vector<Part> tensors = with_suffix(layers, ".weight");
    tn_weight_desc desc = describe(name, columns, TN_SHARD_STACK);
    const std::vector<tn_weight_part> parts = describe(tensors, nullptr);
    desc.part_count = static_cast<uint32_t>(parts.size());
    desc.parts = parts.data();
    desc.stack = experts;
    desc.stacked_name = stacked_name;
    return make(table_.weight, &desc);
  }
  RopeTables rope_tables(int64_t rotary_dim, double theta = 0, bool unscaled = false) {
    tn_rope_tables_desc desc{};
    desc.struct_size = sizeof desc;
    desc.unscaled = unscaled;
    desc.rotary_dim = rotary_dim;
    desc.theta = theta;
    tn_model_value cosine = 0;
    tn_model_value sine = 0;
    call(table_.rope_tables, &desc, &cosine, &sine);
    return {Value(cosine), Value(sine), rotary_dim};
  }
  std::vector<Value> split(Value input, const std::vector<int64_t>& sizes) {
    std::vector<tn_model_value> ids(sizes.size());
    call(table_.split, input.id(), sizes.data(), static_cast<uint32_t>(sizes.size()), ids.data());
    return std::vector<Value>(ids.begin(), ids.end());
  }
  Value reshape(Value input, std::initializer_list<int64_t> trailing) {
    return make(table_.reshape, input.id(), trailing.begin(),
                static_cast<uint32_t>(trailing.size()));
  }

  // --- ops ---
  Value embedding(const char* name, Value table, Value ids) {
    return make(table_.embedding, name, table.id(), ids.id());
  }
  // A linear with a weight that was declared before, e.g. a tied head.
  Value linear(const char* name, Value input, Value weight, Value bias = {}) {
    tn_linear_desc desc{};
    desc.struct_size = sizeof desc;
    desc.name = name;
    desc.input = input.id();
    desc.weight = weight.id();
    desc.bias = bias.id();
    return make(table_.linear, &desc);
  }
  // A linear of several layers of the checkpoint packed into one: its rows are theirs, in order.
  Value packed_linear(const char* name, Value input, int64_t columns,
                      const std::vector<Part>& layers, bool has_bias = false,
                      tn_shard shard = TN_SHARD_ROWS) {
    const Value weight =
        packed(with_suffix(layers, ".weight"), std::string(name) + ".weight", columns, shard);
    Value bias;
    if (has_bias) {
      const tn_shard bias_shard = shard == TN_SHARD_ROWS ? TN_SHARD_ROWS : TN_SHARD_NONE;
      bias = packed(with_suffix(layers, ".bias"), std::string(name) + ".bias", 0, bias_shard);
    }
    return linear(name, input, weight, bias);
  }
  Value linear(const char* name, Value input, int64_t columns, int64_t rows, bool has_bias = false,
               tn_shard shard = TN_SHARD_COLUMNS) {
    return packed_linear(name, input, columns, {{name, rows}}, has_bias, shard);
  }
  Value rms_norm(const char* name, Value input, int64_t size, double epsilon) {
    tn_rms_norm_desc desc{};
    desc.struct_size = sizeof desc;
    desc.epsilon = static_cast<float>(epsilon);
    desc.name = name;
    desc.input = input.id();
    desc.weight = vector(std::string(name) + ".weight", size).id();
    return make(table_.rms_norm, &desc);
  }
  Value rope(const char* name, Value input, const RopeTables& tables, bool interleaved = false,
             int64_t first_channel = 0, bool inverse = false) {
    tn_rope_desc desc{};
    desc.struct_size = sizeof desc;
    desc.interleaved = interleaved;
    desc.name = name;
    desc.input = input.id();
    desc.cosine = tables.cosine.id();
    desc.sine = tables.sine.id();
    desc.inverse = inverse;
    desc.rotary_dim = tables.rotary_dim;
    desc.first_channel = first_channel;
    return make(table_.rope, &desc);
  }
  Value attention(const char* name, const Attention& a) {
    tn_attention_desc desc{};
    desc.struct_size = sizeof desc;
    desc.scale = a.scale;
    desc.name = name;
    desc.query = a.query.id();
    desc.key = a.key.id();
    desc.value = a.value.id();
    desc.sinks = a.sinks.id();
    desc.value_dim = a.value_dim;
    desc.sliding_window = a.sliding_window;
    return make(table_.attention, &desc);
  }
  Value swiglu(const char* name, Value gate, Value up, float gate_limit = 0, float up_limit = 0) {
    tn_swiglu_desc desc{};
    desc.struct_size = sizeof desc;
    desc.name = name;
    desc.gate = gate.id();
    desc.up = up.id();
    desc.gate_limit = gate_limit;
    desc.up_limit = up_limit;
    return make(table_.swiglu, &desc);
  }
  Value add(const char* name, Value a, Value b) { return make(table_.add, name, a.id(), b.id()); }
  Value mul(const char* name, Value a, Value b) { return make(table_.mul, name, a.id(), b.id()); }
  Value scale(const char* name, Value input, float factor) {
    return make(table_.scale, name, input.id(), factor);
  }
  Value moe(const char* name, const Moe& m) {
    tn_moe_desc desc{};
    desc.struct_size = sizeof desc;
    desc.score = m.score;
    desc.name = name;
    desc.input = m.input.id();
    desc.logits = m.logits.id();
    desc.gate_up = m.gate_up.id();
    desc.down = m.down.id();
    desc.selection_bias = m.selection_bias.id();
    desc.renormalise = m.renormalise;
    desc.top_k = m.top_k;
    desc.group_count = m.group_count;
    desc.group_top_k = m.group_top_k;
    desc.group_score_top = m.group_score_top;
    desc.renormalise_epsilon = m.renormalise_epsilon;
    desc.scale = m.scale;
    desc.gate_limit = m.gate_limit;
    desc.up_limit = m.up_limit;
    return make(table_.moe, &desc);
  }
  Value output_rows(Value input) { return make(table_.output_rows, input.id()); }
  void output(Value logits) { call(table_.output, logits.id()); }

 private:
  friend class Scope;

  template <typename Function, typename... Arguments>
  void call(Function function, Arguments... arguments) {
    tn_error error{};
    if (function(handle_, arguments..., &error) != TN_OK) throw BuildError(error);
  }
  template <typename Function, typename... Arguments>
  Value make(Function function, Arguments... arguments) {
    tn_model_value id = 0;
    call(function, arguments..., &id);
    return Value(id);
  }
  static std::vector<Part> with_suffix(const std::vector<Part>& layers, const char* suffix) {
    std::vector<Part> tensors = layers;
    for (Part& part : tensors)
      part.layer += suffix;
    return tensors;
  }
  Value packed(const std::vector<Part>& tensors, const std::string& name, int64_t columns,
               tn_shard shard, const char* alternative = nullptr) {
    const std::vector<tn_weight_part> parts = describe(tensors, alternative);
    tn_weight_desc desc = describe(name, columns, shard);
    desc.part_count = static_cast<uint32_t>(parts.size());
    desc.parts = parts.data();
    return make(table_.weight, &desc);
  }
  // What these return points into their arguments.
  static std::vector<tn_weight_part> describe(const std::vector<Part>& tensors,
                                              const char* alternative) {
    std::vector<tn_weight_part> parts;
    for (const Part& part : tensors)
      parts.push_back({part.layer.c_str(), alternative, part.rows});
    return parts;
  }
  static tn_weight_desc describe(const std::string& name, int64_t columns, tn_shard shard) {
    tn_weight_desc desc{};
    desc.struct_size = sizeof desc;
    desc.name = name.c_str();
    desc.columns = columns;
    desc.shard = shard;
    return desc;
  }

  const tn_builder_table& table_;
  tn_builder* handle_;
};

// Names within the scope's lifetime are prefixed by `name`.
class Scope {
 public:
  Scope(Builder& builder, const std::string& name) : builder_(builder) {
    builder_.call(builder_.table_.scope_enter, name.c_str());
  }
  ~Scope() { builder_.table_.scope_leave(builder_.handle_, nullptr); }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  Builder& builder_;
};

// Implementation of a plugin's entry; use TENON_EXPORT_MODEL.
using BuildFunction = void (*)(Builder&);

struct Definition {
  tn_plugin_facts facts;
  BuildFunction build;
  std::span<const char* const> architectures;
};

inline tn_status set_error(tn_error* out, tn_status code, const char* message) {
  if (out != nullptr) {
    *out = {};
    out->code = code;
    std::strncpy(out->message, message, sizeof out->message - 1);
  }
  return code;
}

#if defined(__SANITIZE_ADDRESS__)
inline constexpr uint32_t built_with_sanitizer = TN_SANITIZER_ADDRESS;
#elif defined(__SANITIZE_THREAD__)
inline constexpr uint32_t built_with_sanitizer = TN_SANITIZER_THREAD;
#else
inline constexpr uint32_t built_with_sanitizer = TN_SANITIZER_NONE;
#endif

template <const Definition& definition>
struct Plugin {
  static tn_status architecture_count(uint32_t* out_count, tn_error* error) {
    *out_count = static_cast<uint32_t>(definition.architectures.size());
    return set_error(error, TN_OK, "");
  }
  static tn_status architecture_name(uint32_t index, const char** out_name, tn_error* error) {
    *out_name = nullptr;
    if (index >= definition.architectures.size()) {
      return set_error(error, TN_NOT_FOUND, "[architecture_name] index past the last architecture");
    }
    *out_name = definition.architectures[index];
    return set_error(error, TN_OK, "");
  }
  static tn_status build(const char*, const tn_builder_table* table, tn_builder* builder,
                         tn_error* error) try {
    if (table->struct_size < sizeof(tn_builder_table)) {
      return set_error(error, TN_VERSION_MISMATCH,
                       "[build] the host's builder table is older than this definition needs");
    }
    Builder b(*table, builder);
    definition.build(b);
    return set_error(error, TN_OK, "");
  } catch (const BuildError& e) {
    return set_error(error, e.error.code, e.error.message);
  } catch (const std::exception& e) {
    return set_error(error, TN_INTERNAL, e.what());
  } catch (...) {
    return set_error(error, TN_INTERNAL, "[build] unknown exception");
  }

  static tn_status query(uint32_t kind, uint32_t host_max_version, tn_plugin_answer* out,
                         tn_error* error) {
    static const tn_model_table table = {{sizeof(tn_model_table), 0, &definition.facts},
                                         architecture_count,
                                         architecture_name,
                                         build};
    out->table = nullptr;
    out->version = 0;
    if (kind != TN_PLUGIN_MODEL) {
      return set_error(error, TN_UNSUPPORTED, "[tn_plugin_query] this is a model plugin");
    }
    if (TN_VERSION_MAJOR(host_max_version) != TN_VERSION_MAJOR(TN_MODEL_API_VERSION)) {
      return set_error(error, TN_VERSION_MISMATCH,
                       "[tn_plugin_query] no common version; expected a 1.x host");
    }
    out->version =
        host_max_version < TN_MODEL_API_VERSION ? host_max_version : TN_MODEL_API_VERSION;
    out->table = &table;
    return set_error(error, TN_OK, "");
  }
};

}  // namespace tenon::model

// What a definition's build may say about itself.
#ifndef TENON_PLUGIN_VERSION
#define TENON_PLUGIN_VERSION "0.0.0"
#endif
#ifndef TENON_PLUGIN_REVISION
#define TENON_PLUGIN_REVISION ""
#endif
#ifndef TENON_PLUGIN_LICENCE
#define TENON_PLUGIN_LICENCE ""
#endif

// TENON_EXPORT_MODEL(name, description, build_function, architecture...): the plugin's one exported
// symbol. Goes once into a definition's source file, outside any namespace.
#define TENON_EXPORT_MODEL(name, description, build_function, ...)                                 \
  namespace {                                                                                      \
  constexpr const char* tenon_architectures[] = {__VA_ARGS__};                                     \
  constexpr tenon::model::Definition tenon_definition = {                                          \
      {sizeof(tn_plugin_facts), tenon::model::built_with_sanitizer, name, description,             \
       TENON_PLUGIN_VERSION, TENON_PLUGIN_REVISION, __VERSION__, TENON_PLUGIN_LICENCE},            \
      build_function,                                                                              \
      tenon_architectures};                                                                        \
  }                                                                                                \
  extern "C" TN_EXPORT tn_status tn_plugin_query(uint32_t kind, const tn_host*,                    \
                                                 uint32_t host_max_version, tn_plugin_answer* out, \
                                                 tn_error* error) {                                \
    return tenon::model::Plugin<tenon_definition>::query(kind, host_max_version, out, error);      \
  }
