// An out-of-tree model definition with unfamiliar layer names runs without a change to the core.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "model_testing.hpp"

namespace tenon::definition_test {
namespace {

// The name that unfamiliar_names.cpp uses for a tensor of a Llama checkpoint.
std::string renamed(const std::string& name) {
  static const std::map<std::string, std::string> whole = {
      {"model.embed_tokens.weight", "lexicon.meaning"},
      {"lm_head.weight", "lexicon.meaning"},
      {"model.norm.weight", "settle.weight"}};
  static const std::map<std::string, std::string> of_layer = {
      {"input_layernorm", "calm"},   {"self_attn.q_proj", "ask"},
      {"self_attn.k_proj", "offer"}, {"self_attn.v_proj", "give"},
      {"self_attn.o_proj", "tell"},  {"post_attention_layernorm", "rest"},
      {"mlp.gate_proj", "flex"},     {"mlp.up_proj", "lift"},
      {"mlp.down_proj", "press"}};
  const auto known = whole.find(name);
  if (known != whole.end()) return known->second;
  const std::string prefix = "model.layers.";
  const size_t dot = name.find('.', prefix.size());
  const std::string layer = name.substr(prefix.size(), dot - prefix.size());
  const std::string rest = name.substr(dot + 1, name.size() - dot - 1 - std::strlen(".weight"));
  return "tower.floor_" + layer + "." + of_layer.at(rest) + ".weight";
}

class TowerCheckpoint {
 public:
  TowerCheckpoint()
      : folder_(std::filesystem::temp_directory_path() /
                ("tenon-tower-" + std::to_string(::getpid()))) {
    const std::filesystem::path source = tests_data() / "models/stories260K";
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    std::filesystem::copy(source / "tokenizer.json", folder_);
    rename_tensors(source / "model.safetensors");
    std::ofstream(folder_ / "config.json")
        << R"({"architectures": ["TowerForCausalLM"], "breadth": 64, "floors": 5, "eyes": 8,
               "shared_eyes": 4, "muscle": 172, "words": 512, "max_position_embeddings": 512})";
  }
  ~TowerCheckpoint() { std::filesystem::remove_all(folder_); }
  TowerCheckpoint(const TowerCheckpoint&) = delete;
  TowerCheckpoint& operator=(const TowerCheckpoint&) = delete;
  const std::filesystem::path& folder() const { return folder_; }

 private:
  void rename_tensors(const std::filesystem::path& file) const {
    const std::string bytes = read_text(file);
    uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof length);
    const auto header = nlohmann::json::parse(bytes.substr(8, length));
    nlohmann::json changed = nlohmann::json::object();
    for (const auto& [name, entry] : header.items()) {
      if (name != "__metadata__") changed[renamed(name)] = entry;
    }
    const std::string text = changed.dump();
    const uint64_t new_length = text.size();
    std::ofstream out(folder_ / "model.safetensors", std::ios::binary);
    out.write(reinterpret_cast<const char*>(&new_length), sizeof new_length);
    out << text << bytes.substr(8 + length);
  }

  std::filesystem::path folder_;
};

TEST(Definition, UnfamiliarNamesRunUnchanged) {
  const std::vector<int32_t> ids = {1, 403, 407, 261, 378, 432, 383, 286, 261, 376};
  const Logits familiar = logits_of(deployment_of(tests_data() / "models/stories260K"), ids);
  const TowerCheckpoint tower;
  Deployment deployment = deployment_of(tower.folder());
  deployment.plugin_folders.push_back(fixture_plugins());
  const Logits unfamiliar = logits_of(deployment, ids);
  EXPECT_EQ(largest_difference(familiar, unfamiliar), 0.0);
}

TEST(Definition, ThePlanListsItsPrefetchNames) {
  const TowerCheckpoint tower;
  Deployment deployment = deployment_of(tower.folder());
  deployment.plugin_folders.push_back(fixture_plugins());
  const std::string plan = describe_plan(deployment, 1, 1);
  EXPECT_NE(plan.find("sight.gaze"), std::string::npos) << plan;
  EXPECT_NE(plan.find("tower.floor_4.gaze"), std::string::npos) << plan;
}

TEST(Definition, UnfamiliarNamesArePrefetched) {
  const TowerCheckpoint tower;
  const auto deployment = [&](const std::vector<std::string>& settings) {
    Deployment d = deployment_of(tower.folder(), settings);
    d.plugin_folders.push_back(fixture_plugins());
    return d;
  };
  const std::vector<std::string> on = {"prefetch.enabled=true", "prefetch.ratio.sight.gaze=0.5",
                                       "prefetch.max_bytes.sight=\"1MiB\""};
  const std::string plan = describe_plan(deployment(on), 1, 1);
  EXPECT_NE(plan.find("prefetch: 5 weights"), std::string::npos) << plan;
  EXPECT_NE(plan.find("add_rms_norm 'tower.floor_4.calm'"), std::string::npos) << plan;
  const std::vector<int32_t> ids = {1, 403, 407, 261, 378, 432, 383, 286, 261, 376};
  Session session = Session::open(deployment(on));
  EXPECT_EQ(largest_difference(logits_of(session, ids), logits_of(deployment({}), ids)), 0.0);
  EXPECT_NE(session.traffic().find("; prefetch: 5 weights"), std::string::npos)
      << session.traffic();
}

TEST(Definition, WithoutThePluginTheArchitectureIsUnknown) {
  const TowerCheckpoint tower;
  try {
    Session::open(deployment_of(tower.folder()));
    FAIL() << "opened";
  } catch (const Error& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("TowerForCausalLM"), std::string::npos) << text;
    EXPECT_NE(text.find("Qwen3ForCausalLM"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace tenon::definition_test
