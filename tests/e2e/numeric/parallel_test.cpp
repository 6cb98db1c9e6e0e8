// Sharding is right: all ranks of a deployment together give the logits of the program that is whole.
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.hpp"
#include "model_testing.hpp"
#include "rank_world.hpp"

namespace tenon::parallel_test {
namespace {

// As for the whole program against its reference: sums over ranks only change the order of addition.
constexpr double most_difference = 2e-4;

struct Case {
  const char* checkpoint;
  ParallelLayout layout;
};

std::string case_name(const testing::TestParamInfo<Case>& info) {
  std::string name = info.param.checkpoint;
  std::replace(name.begin(), name.end(), '-', '_');
  const ParallelLayout& layout = info.param.layout;
  return name + "_tensor" + std::to_string(layout.tensor) + "_expert" +
         std::to_string(layout.expert) + "_data" + std::to_string(layout.data);
}

class Parallel : public testing::TestWithParam<Case> {
 protected:
  // Of replica r: seven tokens, so that no number of ranks divides them.
  static std::vector<int32_t> tokens(int64_t replica) {
    std::vector<int32_t> ids(7);
    for (int32_t i = 0; i < 7; ++i)
      ids[static_cast<size_t>(i)] = (17 * i + 3 + 101 * static_cast<int32_t>(replica)) % 500;
    return ids;
  }
};

double largest_difference(std::span<const float> a, std::span<const float> b) {
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - b[i]));
  return largest;
}

TEST_P(Parallel, RanksTogetherGiveTheLogitsOfTheWholeModel) {
  const ParallelLayout layout = GetParam().layout;
  const Deployment deployment = deployment_of(tests_data() / "models" / GetParam().checkpoint);
  std::vector<Logits> whole;
  for (int64_t replica = 0; replica < layout.data; ++replica)
    whole.push_back(logits_of(deployment, tokens(replica)));

  RankWorld world(deployment, layout);
  // Six tokens at once, then one that finds the others in the caches.
  constexpr size_t first = 6;
  std::vector<std::vector<int32_t>> prompts;
  std::vector<std::vector<int32_t>> last;
  for (int64_t replica = 0; replica < layout.data; ++replica) {
    const std::vector<int32_t> ids = tokens(replica);
    prompts.emplace_back(ids.begin(), ids.begin() + first);
    last.push_back({ids.back()});
  }
  const auto prefilled = world.run(prompts);
  const auto decoded = world.run(last);
  for (int64_t rank = 0; rank < layout.ranks(); ++rank) {
    const Logits& expected = whole[static_cast<size_t>(rank / layout.tensor)];
    const auto at = static_cast<size_t>(rank);
    const std::span<const float> all(expected.values);
    const size_t prefix = first * expected.vocabulary;
    ASSERT_EQ(prefilled[at].size(), prefix);
    ASSERT_EQ(decoded[at].size(), expected.vocabulary);
    EXPECT_LT(largest_difference(prefilled[at], all.first(prefix)), most_difference) << rank;
    EXPECT_LT(largest_difference(decoded[at], all.subspan(prefix)), most_difference) << rank;
  }
}

INSTANTIATE_TEST_SUITE_P(Dense, Parallel,
                         testing::Values(Case{"tiny-qwen3", {2, 1, 1}},
                                         Case{"tiny-qwen3", {4, 1, 1}},
                                         Case{"tiny-llama3-rope-bias", {2, 1, 1}},
                                         Case{"stories260K", {4, 1, 1}},
                                         Case{"tiny-qwen3", {2, 1, 2}}),
                         case_name);
INSTANTIATE_TEST_SUITE_P(Experts, Parallel,
                         testing::Values(Case{"tiny-qwen3-moe", {2, 1, 1}},
                                         Case{"tiny-qwen3-moe", {2, 2, 1}},
                                         Case{"tiny-qwen3-moe", {1, 2, 2}},
                                         Case{"tiny-qwen3-moe", {2, 4, 2}},
                                         Case{"tiny-qwen3-moe", {4, 4, 1}}),
                         case_name);
// Integer sums are exact; dynamic scales of rows would be each rank's own where columns are shared.
INSTANTIATE_TEST_SUITE_P(Quantised, Parallel,
                         testing::Values(Case{"w8a8-modelslim-static", {2, 1, 1}},
                                         Case{"w8a8-compressed-tensors-static", {2, 1, 1}},
                                         Case{"w8a8-modelslim-dynamic-moe", {1, 2, 2}}),
                         case_name);

}  // namespace
}  // namespace tenon::parallel_test
