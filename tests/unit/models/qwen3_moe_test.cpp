// Every key of a Qwen3-MoE config.json, in the program that it makes (docs/models.md).
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "device/op_table.hpp"
#include "program/definitions.hpp"

namespace tenon {
namespace {

using nlohmann::json;

// Small numbers, all different, with as few keys as a file may have.
json smallest() {
  return json{{"architectures", {"Qwen3MoeForCausalLM"}},
              {"vocab_size", 40},
              {"hidden_size", 24},
              {"num_hidden_layers", 4},
              {"num_attention_heads", 4},
              {"num_key_value_heads", 2},
              {"moe_intermediate_size", 10},
              {"intermediate_size", 14},
              {"num_experts", 6},
              {"num_experts_per_tok", 3}};
}

json with(const std::string& key, const json& value) {
  json config = smallest();
  config[key] = value;
  return config;
}

Program build(const json& config) {
  PluginRegistry registry({});
  const ModelConfig parsed = ModelConfig::parse(config.dump(), "config.json");
  const std::string path = std::string(TENON_BUILT_PLUGINS) + "/libqwen3_moe.so";
  return build_program(choose_definition(registry, path, parsed), parsed, 32);
}

std::string refusal(const json& config) {
  try {
    build(config);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was refused";
}

// 's' for a layer of experts, 'd' for a dense one.
std::string kinds_of_layers(const Program& program) {
  std::string kinds;
  for (int layer = 0; layer < 4; ++layer) {
    const std::string mlp = "model.layers." + std::to_string(layer) + ".mlp.";
    bool sparse = false;
    bool dense = false;
    for (const Operation& operation : program.operations) {
      sparse = sparse || operation.name == mlp + "experts.gate_up_proj";
      dense = dense || operation.name == mlp + "gate_up_proj";
    }
    EXPECT_NE(sparse, dense) << mlp;
    kinds += sparse ? 's' : 'd';
  }
  return kinds;
}

const Operation& operation(const Program& program, const std::string& name) {
  const auto found = std::ranges::find(program.operations, name, &Operation::name);
  if (found == program.operations.end()) throw std::runtime_error("no operation " + name);
  return *found;
}

tn_moe_gate_args gate_of(const Program& program) {
  Operation gate = operation(program, "model.layers.0.mlp.experts.gate");
  return gate.attributes<tn_moe_gate_args>();
}

std::vector<int64_t> weight_shape(const Program& program, const std::string& name) {
  for (const Weight& weight : program.weights) {
    if (program.values[weight.value].name == name) return program.values[weight.value].dims;
  }
  ADD_FAILURE() << "no weight " << name;
  return {};
}

std::vector<int64_t> windows(const Program& program) {
  std::vector<int64_t> found;
  for (Operation each : program.operations) {
    if (each.op != TN_OP_paged_attention) continue;
    found.push_back(each.attributes<tn_paged_attention_args>().sliding_window);
  }
  return found;
}

constexpr const char* gate_up = "model.layers.0.mlp.experts.gate_up_proj.weight";
constexpr const char* down = "model.layers.0.mlp.experts.down_proj.weight";
using Shape = std::vector<int64_t>;

TEST(Qwen3Moe, ExpertsHaveTheirOwnWidth) {
  const Program program = build(smallest());
  EXPECT_EQ(kinds_of_layers(program), "ssss");
  EXPECT_EQ(weight_shape(program, gate_up), (Shape{6, 20, 24}));
  EXPECT_EQ(weight_shape(program, down), (Shape{6, 24, 10}));
  EXPECT_EQ(gate_of(program).top_k, 3);
  EXPECT_EQ(gate_of(program).score, static_cast<uint32_t>(TN_MOE_SOFTMAX));
}

TEST(Qwen3Moe, WeightsOfTheChosenAreRenormalisedOnlyIfTheFileSaysSo) {
  EXPECT_EQ(gate_of(build(smallest())).renormalise, 0U);
  EXPECT_EQ(gate_of(build(with("norm_topk_prob", nullptr))).renormalise, 0U);
  EXPECT_EQ(gate_of(build(with("norm_topk_prob", false))).renormalise, 0U);
  const tn_moe_gate_args gate = gate_of(build(with("norm_topk_prob", true)));
  EXPECT_EQ(gate.renormalise, 1U);
  EXPECT_EQ(gate.renormalise_epsilon, 0.0F);
  EXPECT_EQ(gate.scale, 1.0F);
}

TEST(Qwen3Moe, EveryNthLayerIsSparse) {
  EXPECT_EQ(kinds_of_layers(build(with("decoder_sparse_step", 2))), "dsds");
  EXPECT_EQ(kinds_of_layers(build(with("decoder_sparse_step", 3))), "ddsd");
  EXPECT_EQ(kinds_of_layers(build(with("decoder_sparse_step", 5))), "dddd");
}

TEST(Qwen3Moe, ListedLayersAreDense) {
  EXPECT_EQ(kinds_of_layers(build(with("mlp_only_layers", json::array()))), "ssss");
  EXPECT_EQ(kinds_of_layers(build(with("mlp_only_layers", nullptr))), "ssss");
  EXPECT_EQ(kinds_of_layers(build(with("mlp_only_layers", {1, 2}))), "sdds");
  json both = with("mlp_only_layers", {1});
  both["decoder_sparse_step"] = 2;
  const Program program = build(both);
  EXPECT_EQ(kinds_of_layers(program), "ddds");
  EXPECT_EQ(weight_shape(program, "model.layers.1.mlp.gate_up_proj.weight"), (Shape{28, 24}));
}

TEST(Qwen3Moe, PrefetchNamesAreThoseOfTheLayersThatExist) {
  const auto groups = [](const Program& program) {
    std::vector<std::string> names;
    for (const PrefetchName& name : program.prefetch_names)
      names.push_back(name.group + "." + name.name);
    return names;
  };
  EXPECT_EQ(groups(build(smallest())),
            (std::vector<std::string>{"attn.qkv", "attn.o", "moe.gate_up", "moe.down"}));
  EXPECT_EQ(groups(build(with("num_experts", 0))),
            (std::vector<std::string>{"attn.qkv", "attn.o", "mlp.gate_up", "mlp.down"}));
  EXPECT_EQ(groups(build(with("mlp_only_layers", {0}))).size(), 6U);
}

TEST(Qwen3Moe, WithoutExpertsEveryLayerIsDense) {
  EXPECT_EQ(kinds_of_layers(build(with("num_experts", 0))), "dddd");
}

TEST(Qwen3Moe, TheNumberOfExpertsHasTwoNames) {
  json alias = smallest();
  alias.erase("num_experts");
  alias["num_local_experts"] = 7;
  EXPECT_EQ(weight_shape(build(alias), gate_up), (Shape{7, 20, 24}));
  alias["num_experts"] = nullptr;
  EXPECT_EQ(weight_shape(build(alias), gate_up), (Shape{7, 20, 24}));
  alias["num_experts"] = 7;
  EXPECT_EQ(weight_shape(build(alias), gate_up), (Shape{7, 20, 24}));
  alias["num_experts"] = 6;
  const std::string text = refusal(alias);
  EXPECT_NE(text.find("num_local_experts"), std::string::npos) << text;
  EXPECT_NE(text.find("expected 6; found 7"), std::string::npos) << text;
}

// The defaults of transformers' Qwen3MoeConfig.
TEST(Qwen3Moe, AbsentKeysHaveTheDefaultsOfTheirClass) {
  json bare = smallest();
  for (const char* key : {"num_experts", "num_experts_per_tok", "moe_intermediate_size"})
    bare.erase(key);
  const Program program = build(bare);
  EXPECT_EQ(weight_shape(program, gate_up), (Shape{128, 2 * 768, 24}));
  EXPECT_EQ(gate_of(program).top_k, 8);
}

TEST(Qwen3Moe, OnlyDenseLayersNeedIntermediateSize) {
  json sparse = smallest();
  sparse.erase("intermediate_size");
  EXPECT_EQ(kinds_of_layers(build(sparse)), "ssss");
  sparse["mlp_only_layers"] = {0};
  EXPECT_EQ(weight_shape(build(sparse), "model.layers.0.mlp.gate_up_proj.weight"),
            (Shape{2 * 6144, 24}));
}

TEST(Qwen3Moe, HeadsMayHaveTheirOwnWidth) {
  constexpr const char* qkv = "model.layers.0.self_attn.qkv_proj.weight";
  EXPECT_EQ(weight_shape(build(smallest()), qkv), (Shape{(4 + 2 + 2) * 6, 24}));
  EXPECT_EQ(weight_shape(build(with("head_dim", nullptr)), qkv), (Shape{(4 + 2 + 2) * 6, 24}));
  EXPECT_EQ(weight_shape(build(with("head_dim", 8)), qkv), (Shape{(4 + 2 + 2) * 8, 24}));
  EXPECT_EQ(weight_shape(build(with("head_dim", 8)), "model.layers.0.self_attn.q_norm.weight"),
            (Shape{8}));
}

TEST(Qwen3Moe, BiasesAndTiedHeads) {
  const auto has = [](const Program& program, const std::string& name) {
    return std::ranges::any_of(program.weights, [&](const Weight& weight) {
      return program.values[weight.value].name == name;
    });
  };
  const Program plain = build(smallest());
  EXPECT_FALSE(has(plain, "model.layers.0.self_attn.qkv_proj.bias"));
  EXPECT_TRUE(has(plain, "lm_head.weight"));
  EXPECT_TRUE(has(build(with("attention_bias", true)), "model.layers.0.self_attn.qkv_proj.bias"));
  EXPECT_FALSE(has(build(with("tie_word_embeddings", true)), "lm_head.weight"));
}

TEST(Qwen3Moe, AWindowCountsOnlyWhereItIsSwitchedOn) {
  EXPECT_EQ(windows(build(with("sliding_window", 16))), (Shape{0, 0, 0, 0}));
  json on = with("sliding_window", 16);
  on["use_sliding_window"] = true;
  on["max_window_layers"] = 1;
  EXPECT_EQ(windows(build(on)), (Shape{0, 16, 16, 16}));
  on["sliding_window"] = nullptr;
  EXPECT_EQ(windows(build(on)), (Shape{0, 0, 0, 0}));
}

TEST(Qwen3Moe, StacksHaveTheNamesOfBothFormsOfCheckpoint) {
  const Program program = build(smallest());
  for (const Weight& weight : program.weights) {
    if (program.values[weight.value].name != gate_up) continue;
    EXPECT_EQ(weight.stack, 6);
    EXPECT_EQ(weight.stacked_name, "model.layers.0.mlp.experts.gate_up_proj");
    ASSERT_EQ(weight.parts.size(), 2U);
    EXPECT_EQ(weight.parts[0].name, "model.layers.0.mlp.experts.*.gate_proj.weight");
    EXPECT_EQ(weight.parts[1].name, "model.layers.0.mlp.experts.*.up_proj.weight");
    return;
  }
  ADD_FAILURE() << "no weight " << gate_up;
}

TEST(Qwen3Moe, NumbersThatCannotBeAreRefused) {
  EXPECT_NE(refusal(with("num_experts_per_tok", 7)).find("expected 1 to 6; found 7"),
            std::string::npos);
  EXPECT_NE(refusal(with("decoder_sparse_step", 0)).find("decoder_sparse_step"), std::string::npos);
  EXPECT_NE(refusal(with("mlp_only_layers", {"x"})).find("mlp_only_layers"), std::string::npos);
  EXPECT_NE(refusal(with("hidden_act", "gelu")).find("hidden_act"), std::string::npos);
}

}  // namespace
}  // namespace tenon
