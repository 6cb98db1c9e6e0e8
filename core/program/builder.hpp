// Builds a Program from the calls of a model definition.
#pragma once

#include <tenon/model_api.h>

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/model_config.hpp"
#include "program/program.hpp"

namespace tenon {

// The object behind tn_builder. Each method is one function of tn_builder_table; all throw
// Error{input} for what a definition or a config.json got wrong.
class ProgramBuilder {
 public:
  // `max_position`: rows of the rope tables, that is the longest context the engine will run.
  ProgramBuilder(const ModelConfig& config, std::string architecture, int64_t max_position);

  const ModelConfig& config() const { return config_; }
  const char* keep_text(std::string text);  // lives as long as the builder

  void scope_enter(std::string_view name);
  void scope_leave();
  void prefetch_name(std::string_view group, std::string_view name, std::string_view pattern);
  void ignore_tensors(std::string_view pattern);

  ValueId token_ids() { return metadata(Metadata::token_ids); }
  ValueId weight(const tn_weight_desc& desc);
  std::pair<ValueId, ValueId> rope_tables(const tn_rope_tables_desc& desc);
  void split(ValueId input, std::span<const int64_t> sizes, std::span<ValueId> out);
  ValueId reshape(ValueId input, std::span<const int64_t> trailing);

  ValueId embedding(std::string_view name, ValueId table, ValueId ids);
  ValueId linear(const tn_linear_desc& desc);
  ValueId rms_norm(const tn_rms_norm_desc& desc);
  ValueId rope(const tn_rope_desc& desc);
  ValueId attention(const tn_attention_desc& desc);
  ValueId swiglu(const tn_swiglu_desc& desc);
  ValueId add(std::string_view name, ValueId a, ValueId b);
  ValueId mul(std::string_view name, ValueId a, ValueId b);
  ValueId scale(std::string_view name, ValueId input, float factor);
  ValueId moe(const tn_moe_desc& desc);
  ValueId output_rows(ValueId input);
  void output(ValueId logits);

  // Checks the whole (an output, prefetch patterns that match) and hands it over.
  Program finish();

 private:
  std::string full_name(std::string_view name) const;
  const Value& value(ValueId id, std::string_view where) const;
  const Value& activation(ValueId id, size_t rank, std::string_view where) const;
  void expect_vector(ValueId id, int64_t size, std::string_view where) const;
  ValueId add_value(Value value);
  ValueId like(std::string name, const Value& model, std::vector<int64_t> dims);
  ValueId metadata(Metadata which);
  ValueId cache(std::string name, int64_t kv_heads, int64_t head_dim);
  const Value& stacked_weight(ValueId id, std::vector<int64_t> dims, std::string_view where) const;
  void check_elementwise(std::string_view where, ValueId a, ValueId b) const;

  ModelConfig config_;
  int64_t max_position_;
  std::vector<std::string> scopes_;
  std::deque<std::string> texts_;  // never moves what it holds
  Program program_;
};

// The C functions over ProgramBuilder, as definitions get them. `builder` for them is
// reinterpret_cast<tn_builder*>(ProgramBuilder*).
const tn_builder_table& builder_table();

}  // namespace tenon
