// What `tenon plan` says about prefetch, and which settings it refuses.
#include <gtest/gtest.h>

#include "model_testing.hpp"

namespace tenon::prefetch_plan_test {
namespace {

std::string prefetch_plan(const std::string& demo, std::vector<std::string> settings,
                          int64_t tokens = 1) {
  settings.insert(settings.begin(), {"device.backend=ascend_emu", "prefetch.enabled=true"});
  return describe_plan(deployment_of(demo_checkpoint(demo), settings), tokens, tokens);
}

// The line that begins with this, after blanks; "" if there is none.
std::string plan_line(const std::string& text, const std::string& beginning) {
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    const size_t first = std::min(line.find_first_not_of(' '), line.size());
    if (line.substr(first).starts_with(beginning)) return line.substr(first);
    begin = end + 1;
  }
  return {};
}

void expect_all(const std::string& line, std::initializer_list<const char*> parts) {
  for (const char* part : parts)
    EXPECT_NE(line.find(part), std::string::npos) << part << " in: " << line;
}

TEST(PrefetchPlan, ShowsEachWindow) {
  const std::string plan = prefetch_plan("qwen3", {});
  expect_all(plan_line(plan, "prefetch: "), {"15 weights", "cache has 201326592 bytes"});
  expect_all(
      plan_line(plan, "model.layers.0.self_attn.qkv_proj"),
      {"attn.qkv", "ratio",
       "embedding 'model.embed_tokens' .. rms_norm 'model.layers.0.input_layernorm', 2 ops"});
  expect_all(plan_line(plan, "model.layers.3.mlp.gate_up_proj"),
             {"mlp.gate_up", "add_rms_norm 'model.layers.3.post_attention_layernorm'"});
  expect_all(plan_line(plan, "model.layers.4.mlp.down_proj"),
             {"mlp.down", "swiglu 'model.layers.4.mlp.act_fn'"});
  expect_all(plan_line(plan, "attn.o "), {"model.layers.0.self_attn.o_proj: nothing lies between "
                                          "paged_attention 'model.layers.0.self_attn"});
}

TEST(PrefetchPlan, SizesAreThoseAsStored) {
  // Fractals pad to 16; the quarter of it is asked for.
  const std::string plan = prefetch_plan("qwen3", {"prefetch.ratio.attn.qkv=0.25"});
  const std::string line = plan_line(plan, "model.layers.0.self_attn.qkv_proj");
  uint64_t bytes = 0;
  uint64_t of_bytes = 0;
  char name[16] = {};
  ASSERT_EQ(std::sscanf(line.c_str(), "%*s %15s %lu %lu", name, &bytes, &of_bytes), 3) << line;
  EXPECT_EQ(bytes * 4, of_bytes);
  expect_all(plan_line(prefetch_plan("qwen3", {"prefetch.max_bytes.attn=1024"}),
                       "model.layers.0.self_attn.qkv_proj"),
             {" 1024 ", "max_bytes"});
}

TEST(PrefetchPlan, ExpertsAreHiddenByTheirRouting) {
  const std::string few = prefetch_plan("qwen3_moe", {});
  expect_all(few, {"moe.gate_up    all 5 layers: the step has 1 token, and "
                   "prefetch.min_tokens.moe is 96",
                   "moe.down       all 5 layers: prefetch.ratio.moe.down is not set"});
  const std::string many = prefetch_plan("qwen3_moe", {"prefetch.min_tokens.moe=1"});
  expect_all(plan_line(many, "model.layers.1.mlp.experts.gate_up_proj"),
             {"moe_gate '", "' .. moe_permute '", ", 2 ops"});
}

TEST(PrefetchPlan, WeightsThatPassThroughAreLeftOut) {
  const std::string plan = prefetch_plan("qwen3", {"weights.residency=streamed"});
  expect_all(plan, {"prefetch: 0 weights, 0 bytes a step",
                    "model.layers.0.self_attn.qkv_proj: its weight is streamed"});
}

TEST(PrefetchPlan, IsOffUnlessAskedFor) {
  const std::string plan = describe_plan(deployment_of(demo_checkpoint()), 1, 1);
  expect_all(plan, {"prefetch: off (prefetch.enabled = false)", "attn.qkv"});
}

TEST(PrefetchPlan, ARatioForAGroupThatThisModelLacksIsANote) {
  expect_all(prefetch_plan("qwen3", {"prefetch.ratio.moe.gate_up=0.5"}),
             {"notes:\n  prefetch.ratio.moe: this model has no group 'moe'\n"});
  EXPECT_EQ(prefetch_plan("qwen3", {}).find("notes:"), std::string::npos);
}

TEST(PrefetchPlan, AGroupThatNobodyHasIsAnError) {
  for (const char* setting : {"prefetch.ratio.mpl.down=0.5", "prefetch.max_bytes.mpl=1",
                              "prefetch.min_tokens.mpl=1", "prefetch.max_tokens.mpl=1"}) {
    try {
      prefetch_plan("qwen3", {setting});
      ADD_FAILURE() << setting << ": nothing was refused";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::input);
      expect_all(error.what(), {"no model definition registers a group 'mpl'", "attn, mlp, moe",
                                "did you mean \"mlp\"?"});
    }
  }
}

TEST(PrefetchPlan, CheckFindsTheSameMistake) {
  const std::vector<std::string> found =
      check(deployment_of(demo_checkpoint(), {"prefetch.ratio.mpl.down=0.5"}));
  ASSERT_EQ(found.size(), 1U);
  expect_all(found[0], {"no model definition registers a group 'mpl'"});
}

}  // namespace
}  // namespace tenon::prefetch_plan_test
