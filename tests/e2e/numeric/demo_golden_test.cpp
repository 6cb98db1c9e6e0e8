// The demo checkpoints against Hugging Face transformers in float32.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "model_testing.hpp"

namespace tenon::demo_golden_test {
namespace {

// DESIGN's promise for trained checkpoints in f32; measured difference about 1.3e-5.
constexpr double most_difference = 5e-4;

class DemoGolden : public testing::TestWithParam<Placement> {
 protected:
  static Deployment deployment() {
    const auto [model, backend] = GetParam();
    return deployment_on(backend, demo_checkpoint(model));
  }
  static std::filesystem::path folder() {
    return tests_data() / "goldens" / (std::string("demo-") + std::get<0>(GetParam()));
  }
  static nlohmann::json goldens() {
    return nlohmann::json::parse(read_text(folder() / "goldens.json"));
  }
};

GenerateOptions greedy(int64_t tokens) {
  GenerateOptions options;
  options.max_new_tokens = tokens;
  options.temperature = 0.0;
  return options;
}

TEST_P(DemoGolden, GreedyTextOfEveryPrompt) {
  Session session = Session::open(deployment());
  const nlohmann::json all = goldens();
  for (const auto& golden : all["prompts"]) {
    const auto prompt = golden["prompt"].get<std::string>();
    SCOPED_TRACE(prompt);
    std::string streamed;
    GenerateOptions options = greedy(all["max_new_tokens"]);
    options.on_text = [&](std::string_view piece) { streamed += piece; };
    const Generation generation = session.generate(prompt, options);
    EXPECT_EQ(generation.ids, golden["greedy_ids"].get<std::vector<int32_t>>());
    EXPECT_EQ(generation.text, golden["greedy_text"].get<std::string>());
    EXPECT_EQ(streamed, generation.text);
    EXPECT_EQ(generation.finish,
              golden["ends_with_eos"].get<bool>() ? Finish::stop : Finish::length);

    options.ignore_eos = true;
    EXPECT_EQ(session.generate(prompt, options).ids,
              golden["greedy_ids_ignoring_eos"].get<std::vector<int32_t>>());
  }
}

TEST_P(DemoGolden, LogitsAgree) {
  const nlohmann::json all = goldens();
  const auto& first = all["prompts"][0];
  auto ids = first["prompt_ids"].get<std::vector<int32_t>>();
  const auto continuation = first["greedy_ids_ignoring_eos"].get<std::vector<int32_t>>();
  ids.insert(ids.end(), continuation.begin(), continuation.end());
  const Logits expected = read_logits(folder() / "goldens.logits.f32", 2048);
  const Logits found = logits_of(deployment(), ids);
  ASSERT_EQ(found.rows(), expected.rows());
  EXPECT_LT(largest_difference(found, expected), most_difference);
  EXPECT_EQ(found.argmax(), expected.argmax());
}

TEST_P(DemoGolden, PerplexityAgrees) {
  const nlohmann::json expected = goldens()["perplexity"];
  Session session = Session::open(deployment());
  std::vector<int32_t> ids =
      session.text().encode(read_text(tests_data() / "text/tinyshakespeare-beginning.txt"), false);
  ASSERT_GE(ids.size(), expected["tokens"].get<size_t>());
  ids.resize(expected["tokens"].get<size_t>());
  EvaluateOptions options;
  options.window = expected["window"];
  const Evaluation evaluation = session.evaluate(ids, options);
  EXPECT_EQ(evaluation.predicted, expected["predicted"].get<int64_t>());
  EXPECT_NEAR(evaluation.nll, expected["nll"].get<double>(), 1e-5);
  EXPECT_NEAR(evaluation.perplexity / expected["perplexity"].get<double>(), 1.0, 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Models, DemoGolden,
                         testing::Combine(testing::Values("qwen3", "qwen3_moe"),
                                          testing::ValuesIn(every_backend)),
                         [](const auto& test) { return placement_name(test.param); });

}  // namespace
}  // namespace tenon::demo_golden_test
