// tn_builder_table over ProgramBuilder: every function catches what the builder throws.
#include <algorithm>
#include <cstring>
#include <exception>
#include <optional>

#include "base/error.hpp"
#include "device/status.hpp"
#include "program/builder.hpp"

namespace tenon {
namespace {

ProgramBuilder& builder_of(tn_builder* handle) {
  return *reinterpret_cast<ProgramBuilder*>(handle);
}

template <typename Function>
tn_status guarded(tn_error* error, Function function) {
  try {
    function();
    return write_error(error, TN_OK, "");
  } catch (const std::exception& e) {
    return write_error(error, TN_INVALID_ARGUMENT, e.what());
  } catch (...) {
    return write_error(error, TN_INTERNAL, "[builder] unknown exception");
  }
}

template <typename Function>
tn_status guarded_value(tn_model_value* out, tn_error* error, Function function) {
  *out = 0;
  return guarded(error, [&] { *out = function(); });
}

// A description struct of a definition built against other headers: missing fields are zero, a
// field that this host does not know must be zero.
template <typename Desc>
Desc known_part(const Desc* given, const char* where) {
  Desc known{};
  if (given->struct_size < sizeof(uint32_t))
    fail_input(where, "the description has no struct_size");
  std::memcpy(&known, given, std::min<size_t>(given->struct_size, sizeof known));
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  for (size_t i = sizeof known; i < given->struct_size; ++i) {
    if (bytes[i] != 0) {
      fail_input(where, "the definition uses a field that this host is too old to know");
    }
  }
  return known;
}

template <typename T>
std::optional<T> optional_of(const T* value) {
  return value != nullptr ? std::optional<T>(*value) : std::nullopt;
}

tn_status config_has(tn_builder* b, const char* key, bool* out, tn_error* error) {
  *out = false;
  return guarded(error, [&] { *out = builder_of(b).config().has(key); });
}

tn_status config_integer(tn_builder* b, const char* key, int64_t minimum, int64_t maximum,
                         const int64_t* fallback, int64_t* out, tn_error* error) {
  *out = 0;
  return guarded(error, [&] {
    *out = builder_of(b).config().integer(key, {minimum, maximum}, optional_of(fallback));
  });
}

tn_status config_number(tn_builder* b, const char* key, double minimum, double maximum,
                        const double* fallback, double* out, tn_error* error) {
  *out = 0;
  return guarded(error, [&] {
    *out = builder_of(b).config().number(key, {minimum, maximum}, optional_of(fallback));
  });
}

tn_status config_boolean(tn_builder* b, const char* key, const bool* fallback, bool* out,
                         tn_error* error) {
  *out = false;
  return guarded(error, [&] { *out = builder_of(b).config().boolean(key, optional_of(fallback)); });
}

tn_status config_text(tn_builder* b, const char* key, const char* fallback, const char** out,
                      tn_error* error) {
  *out = "";
  return guarded(error, [&] {
    const std::optional<std::string> otherwise =
        fallback != nullptr ? std::optional<std::string>(fallback) : std::nullopt;
    *out = builder_of(b).keep_text(builder_of(b).config().text(key, otherwise));
  });
}

tn_status config_integers(tn_builder* b, const char* key, int64_t minimum, int64_t maximum,
                          int64_t* out, uint32_t capacity, uint32_t* out_count, tn_error* error) {
  *out_count = 0;
  return guarded(error, [&] {
    const std::vector<int64_t> list =
        builder_of(b).config().integer_list(key, {minimum, maximum}, std::vector<int64_t>{});
    std::copy_n(list.begin(), std::min<size_t>(list.size(), capacity), out);
    *out_count = static_cast<uint32_t>(list.size());
  });
}

tn_status scope_enter(tn_builder* b, const char* name, tn_error* error) {
  return guarded(error, [&] { builder_of(b).scope_enter(name); });
}

tn_status scope_leave(tn_builder* b, tn_error* error) {
  return guarded(error, [&] { builder_of(b).scope_leave(); });
}

tn_status prefetch_name(tn_builder* b, const char* group, const char* name, const char* pattern,
                        tn_error* error) {
  return guarded(error, [&] { builder_of(b).prefetch_name(group, name, pattern); });
}

tn_status ignore_tensors(tn_builder* b, const char* pattern, tn_error* error) {
  return guarded(error, [&] { builder_of(b).ignore_tensors(pattern); });
}

tn_status token_ids(tn_builder* b, tn_model_value* out, tn_error* error) {
  return guarded_value(out, error, [&] { return builder_of(b).token_ids(); });
}

tn_status weight(tn_builder* b, const tn_weight_desc* desc, tn_model_value* out, tn_error* error) {
  return guarded_value(out, error,
                       [&] { return builder_of(b).weight(known_part(desc, "weight")); });
}

tn_status rope_tables(tn_builder* b, const tn_rope_tables_desc* desc, tn_model_value* out_cosine,
                      tn_model_value* out_sine, tn_error* error) {
  *out_cosine = 0;
  *out_sine = 0;
  return guarded(error, [&] {
    const auto [cosine, sine] = builder_of(b).rope_tables(known_part(desc, "rope_tables"));
    *out_cosine = cosine;
    *out_sine = sine;
  });
}

tn_status split(tn_builder* b, tn_model_value input, const int64_t* sizes, uint32_t count,
                tn_model_value* out, tn_error* error) {
  std::fill_n(out, count, 0U);
  return guarded(error, [&] { builder_of(b).split(input, {sizes, count}, {out, count}); });
}

tn_status reshape(tn_builder* b, tn_model_value input, const int64_t* trailing, uint32_t rank,
                  tn_model_value* out, tn_error* error) {
  return guarded_value(out, error, [&] { return builder_of(b).reshape(input, {trailing, rank}); });
}

tn_status embedding(tn_builder* b, const char* name, tn_model_value table, tn_model_value ids,
                    tn_model_value* out, tn_error* error) {
  return guarded_value(out, error, [&] { return builder_of(b).embedding(name, table, ids); });
}

tn_status linear(tn_builder* b, const tn_linear_desc* desc, tn_model_value* out, tn_error* error) {
  return guarded_value(out, error,
                       [&] { return builder_of(b).linear(known_part(desc, "linear")); });
}

tn_status rms_norm(tn_builder* b, const tn_rms_norm_desc* desc, tn_model_value* out,
                   tn_error* error) {
  return guarded_value(out, error,
                       [&] { return builder_of(b).rms_norm(known_part(desc, "rms_norm")); });
}

tn_status rope(tn_builder* b, const tn_rope_desc* desc, tn_model_value* out, tn_error* error) {
  return guarded_value(out, error, [&] { return builder_of(b).rope(known_part(desc, "rope")); });
}

tn_status attention(tn_builder* b, const tn_attention_desc* desc, tn_model_value* out,
                    tn_error* error) {
  return guarded_value(out, error,
                       [&] { return builder_of(b).attention(known_part(desc, "attention")); });
}

tn_status swiglu(tn_builder* b, const tn_swiglu_desc* desc, tn_model_value* out, tn_error* error) {
  return guarded_value(out, error,
                       [&] { return builder_of(b).swiglu(known_part(desc, "swiglu")); });
}

tn_status add(tn_builder* b, const char* name, tn_model_value left, tn_model_value right,
              tn_model_value* out, tn_error* error) {
  return guarded_value(out, error, [&] { return builder_of(b).add(name, left, right); });
}

tn_status mul(tn_builder* b, const char* name, tn_model_value left, tn_model_value right,
              tn_model_value* out, tn_error* error) {
  return guarded_value(out, error, [&] { return builder_of(b).mul(name, left, right); });
}

tn_status scale(tn_builder* b, const char* name, tn_model_value input, float factor,
                tn_model_value* out, tn_error* error) {
  return guarded_value(out, error, [&] { return builder_of(b).scale(name, input, factor); });
}

tn_status moe(tn_builder* b, const tn_moe_desc* desc, tn_model_value* out, tn_error* error) {
  return guarded_value(out, error, [&] { return builder_of(b).moe(known_part(desc, "moe")); });
}

tn_status output_rows(tn_builder* b, tn_model_value input, tn_model_value* out, tn_error* error) {
  return guarded_value(out, error, [&] { return builder_of(b).output_rows(input); });
}

tn_status output(tn_builder* b, tn_model_value logits, tn_error* error) {
  return guarded(error, [&] { builder_of(b).output(logits); });
}

}  // namespace

const tn_builder_table& builder_table() {
  static const tn_builder_table table = {sizeof(tn_builder_table),
                                         TN_MODEL_API_VERSION,
                                         config_has,
                                         config_integer,
                                         config_number,
                                         config_boolean,
                                         config_text,
                                         config_integers,
                                         scope_enter,
                                         scope_leave,
                                         prefetch_name,
                                         ignore_tensors,
                                         token_ids,
                                         weight,
                                         rope_tables,
                                         split,
                                         reshape,
                                         embedding,
                                         linear,
                                         rms_norm,
                                         rope,
                                         attention,
                                         swiglu,
                                         add,
                                         mul,
                                         scale,
                                         output_rows,
                                         output,
                                         moe};
  return table;
}

}  // namespace tenon
