// `tenon plan` of mixtures of experts, from a config.json alone: forms, copies, read-backs.
#include <sstream>

#include "e2e/expectations.hpp"

namespace tenon {
namespace {

std::string twinkle() {
  return (source_folder() / "tests/data/configs/twinkle-moe").string();
}

// 3 x 256 x 2048 x 4096 bf16: the experts of one layer.
constexpr uint64_t layer_bytes = 12'884'901'888;

constexpr const char* always = "moe.grouped_matmul=\"always\"";
// Weights stay as the checkpoint holds them, so that grouped matmuls read a transposed view.
constexpr const char* stored_layout = "weights.layout=\"row_major\"";

// On cards far too small for the weights: nothing may be allocated.
std::string plan(const std::string& model, const std::string& transposed_weights,
                 const std::vector<std::string>& settings = {}) {
  std::vector<std::string> args = {
      "plan", "--model", model, "--device",
      "ascend_emu,memory=\"64MiB\",transposed_weights=" + transposed_weights};
  for (const std::string& setting : settings) {
    args.emplace_back("--set");
    args.push_back(setting);
  }
  const CommandResult result = run_tenon(args);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return result.out;
}

struct ExpertRow {
  std::string form;
  uint64_t read_back = 0, copied = 0, copied_of_view = 0;
  bool operator==(const ExpertRow&) const = default;
};
std::ostream& operator<<(std::ostream& out, const ExpertRow& row) {
  return out << row.form << ' ' << row.read_back << ' ' << row.copied << ' ' << row.copied_of_view;
}

// The row of `name` in the table of experts; the total has no form.
ExpertRow row_of(const std::string& text, const std::string& name) {
  std::istringstream lines(text.substr(std::min(text.size(), text.find("experts:\n"))));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    if (first != name) continue;
    ExpertRow row;
    if (name != "total") words >> row.form;
    words >> row.read_back >> row.copied >> row.copied_of_view;
    return row;
  }
  ADD_FAILURE() << "no row of " << name << " in\n" << text;
  return {};
}

const std::string first_layer = "model.layers.0.mlp.experts";
const std::string second_layer = "model.layers.1.mlp.experts";

TEST(CliPlanExperts, CopiesOfTransposedWeightsArePrintedForEachLayerAndInTotal) {
  const std::string text = plan(twinkle(), "copy", {always, stored_layout});
  EXPECT_EQ(row_of(text, first_layer), (ExpertRow{"grouped", 0, layer_bytes, layer_bytes}));
  EXPECT_EQ(row_of(text, second_layer), (ExpertRow{"grouped", 0, layer_bytes, layer_bytes}));
  EXPECT_EQ(row_of(text, "total"), (ExpertRow{"", 0, 2 * layer_bytes, 2 * layer_bytes}));
  EXPECT_TRUE(contains(text,
                       "copied        25769803776 bytes at each step because of the layout of "
                       "weights: grouped_matmul of 'model.layers.*.mlp.experts.down_proj' x2, "
                       "4294967296 bytes each; grouped_matmul of "
                       "'model.layers.*.mlp.experts.gate_up_proj' x2, 8589934592 bytes each\n"))
      << text;
  EXPECT_TRUE(contains(text, "model.layers.0.mlp.experts.down_proj  copies 4294967296 bytes"))
      << text;
}

TEST(CliPlanExperts, AViewIsReadInPlace) {
  for (const char* policy : {"auto", "always"}) {
    const std::string text = plan(
        twinkle(), "view", {std::string("moe.grouped_matmul=\"") + policy + "\"", stored_layout});
    EXPECT_EQ(row_of(text, first_layer), (ExpertRow{"grouped", 0, 0, 0}));
    EXPECT_EQ(row_of(text, "total"), (ExpertRow{"", 0, 0, 0}));
    EXPECT_TRUE(contains(text, "copied        0 bytes at each step")) << text;
  }
}

TEST(CliPlanExperts, AutoLoopsRatherThanCopyAndSaysWhatItAvoids) {
  const std::string text = plan(twinkle(), "copy", {stored_layout});
  EXPECT_EQ(row_of(text, first_layer), (ExpertRow{"loop", 1024, 0, layer_bytes}));
  EXPECT_EQ(row_of(text, "total"), (ExpertRow{"", 2048, 0, 2 * layer_bytes}));
  EXPECT_TRUE(contains(text,
                       "2 layers of experts as a loop over experts: by the device's estimates "
                       "the step takes "))
      << text;
  EXPECT_TRUE(
      contains(text, " ms with grouped matmuls, which copy 12884901888 bytes in each layer; "))
      << text;
  EXPECT_TRUE(contains(text, "read back     2048 bytes at each step")) << text;
}

TEST(CliPlanExperts, NeverReadsBackTheRowsOfEachExpert) {
  const std::string text = plan(twinkle(), "view", {"moe.grouped_matmul=\"never\""});
  EXPECT_EQ(row_of(text, second_layer), (ExpertRow{"loop", 1024, 0, 0}));
  EXPECT_TRUE(contains(text,
                       "linear per expert  cube           device 0  "
                       "model.layers.1.mlp.experts.down_proj\n"))
      << text;
}

// Whatever the layout and the form, the table says what reading a view would cost.
TEST(CliPlanExperts, WhatAViewCostsIsPrintedInAnyCase) {
  for (const char* policy : {"auto", "always", "never"}) {
    const std::string setting = std::string("moe.grouped_matmul=\"") + policy + "\"";
    EXPECT_EQ(row_of(plan(twinkle(), "copy", {setting}), first_layer).copied_of_view, layer_bytes);
    EXPECT_EQ(row_of(plan(twinkle(), "view", {setting}), first_layer).copied_of_view, 0U);
  }
}

// DeepSeek-V4-Flash has experts of this shape in each of 43 layers.
TEST(CliPlanExperts, TheTotalIsThatOfEveryLayer) {
  std::string config = read_whole(std::filesystem::path(twinkle()) / "config.json");
  const std::string two = "\"num_hidden_layers\": 2";
  ASSERT_NE(config.find(two), std::string::npos);
  config.replace(config.find(two), two.size(), "\"num_hidden_layers\": 43");
  const TemporaryFolder folder;
  folder.file("config.json", config);
  const std::string text = plan(folder.path().string(), "copy", {always, stored_layout});
  EXPECT_EQ(row_of(text, "model.layers.42.mlp.experts"),
            (ExpertRow{"grouped", 0, layer_bytes, layer_bytes}));
  EXPECT_EQ(row_of(text, "total").copied, 43 * layer_bytes);
}

}  // namespace
}  // namespace tenon
