// Grouped matmuls or a loop over experts: the whole rule as a table.
#include "plan/grouped_matmul_policy.hpp"

#include <gtest/gtest.h>

namespace tenon::grouped_matmul_policy_test {
namespace {

using Policy = GroupedMatmulPolicy;

struct Case {
  const char* name;
  Policy policy;
  GroupedMatmulFacts facts;
  ExpertForm form;
  const char* reason;  // a part of it
};

// 128 experts of 768 x 2048 in bf16: gate_up and down are 1,207,959,552 bytes.
constexpr uint64_t copied = 1'207'959'552;

GroupedMatmulFacts facts(int64_t rows, uint64_t copied_bytes, const char* grouped_refusal = "",
                         const char* loop_refusal = "", int64_t expert_parallel = 1) {
  return {grouped_refusal, loop_refusal, 2,           128 / expert_parallel,
          expert_parallel, rows,         copied_bytes};
}

const Case cases[] = {
    {"always", Policy::always, facts(8, copied, "no"), ExpertForm::grouped, "always"},
    {"never", Policy::never, facts(8, 0, "", "no"), ExpertForm::loop, "never"},
    {"in_place", Policy::automatic, facts(8, 0), ExpertForm::grouped, "as they lie"},
    {"in_place_long", Policy::automatic, facts(32768, 0), ExpertForm::grouped, "as they lie"},
    {"refused", Policy::automatic, facts(8, 0, "no unit"), ExpertForm::loop, "no unit"},
    {"both_refused", Policy::automatic, facts(8, 0, "no unit", "nor that"), ExpertForm::grouped,
     "no unit"},
    {"copy_without_loop", Policy::automatic, facts(8, copied, "", "a native layout"),
     ExpertForm::grouped, "a native layout"},
    // 2 x 1.2 GB moved against 16 launches of 24 MB.
    {"copy_for_one_token", Policy::automatic, facts(8, copied), ExpertForm::loop,
     "copy 1207959552 bytes, which costs more than up to 16 linears"},
    // Against 256 launches.
    {"copy_for_all_experts", Policy::automatic, facts(4096, copied), ExpertForm::grouped,
     "no more than up to 256 linears"},
    // Of 4096 rows, a card of 8 expects 512; it has 16 experts and copies an eighth.
    {"copy_of_one_card_in_eight", Policy::automatic, facts(4096, copied / 8, "", "", 8),
     ExpertForm::grouped, "no more than up to 32 linears"},
    {"few_rows_on_one_card_in_eight", Policy::automatic, facts(8, copied / 8, "", "", 8),
     ExpertForm::loop, "more than up to 2 linears"},
    {"small_copy", Policy::automatic, facts(8, 100'000), ExpertForm::grouped, "no more"},
};

GroupedMatmulFacts timed(GroupedMatmulFacts facts, uint64_t grouped_ns, uint64_t loop_ns) {
  facts.grouped_ns = grouped_ns;
  facts.loop_ns = loop_ns;
  return facts;
}

const Case timed_cases[] = {
    {"quick_copy", Policy::automatic, timed(facts(8, copied), 900'000, 900'000),
     ExpertForm::grouped,
     "the step takes 0.900 ms with grouped matmuls, which copy 1207959552 bytes in each layer; "
     "0.900 ms with a loop of 16 linears in each layer"},
    {"slow_copy", Policy::automatic, timed(facts(4096, copied), 900'001, 900'000), ExpertForm::loop,
     "0.900 ms with a loop of 256 linears"},
    {"slow_without_copy", Policy::automatic, timed(facts(8, 0), 900'001, 900'000), ExpertForm::loop,
     "with grouped matmuls; 0.900 ms with"},
    {"refusals_come_first", Policy::automatic, timed(facts(8, 0, "", "no slices"), 9, 1),
     ExpertForm::grouped, "as they lie"},
    {"always_whatever_it_takes", Policy::always, timed(facts(8, copied), 9, 1), ExpertForm::grouped,
     "always"},
};

class GroupedMatmul : public testing::TestWithParam<Case> {};

TEST_P(GroupedMatmul, IsChosenByTheRule) {
  const GroupedMatmulChoice choice = choose_grouped_matmul(GetParam().policy, GetParam().facts);
  EXPECT_EQ(choice.form, GetParam().form) << choice.reason;
  EXPECT_NE(choice.reason.find(GetParam().reason), std::string::npos) << choice.reason;
}

INSTANTIATE_TEST_SUITE_P(Policy, GroupedMatmul, testing::ValuesIn(cases),
                         [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(PolicyByTime, GroupedMatmul, testing::ValuesIn(timed_cases),
                         [](const auto& test) { return std::string(test.param.name); });

// Where both cost the same, the copies are made; one byte more and they are not.
TEST(GroupedMatmulPolicyBoundary, LiesWhereTheRuleSays) {
  const uint64_t loop = 16 * launch_as_bytes + read_back_as_bytes;
  EXPECT_EQ(choose_grouped_matmul(Policy::automatic, facts(8, loop / 2)).form, ExpertForm::grouped);
  EXPECT_EQ(choose_grouped_matmul(Policy::automatic, facts(8, loop / 2 + 1)).form,
            ExpertForm::loop);
}

TEST(GroupedMatmulPolicyFacts, NoMoreExpertsAreActiveThanThereAreRows) {
  EXPECT_EQ(most_active_experts(facts(8, 0)), 8);
  EXPECT_EQ(most_active_experts(facts(4096, 0)), 128);
  EXPECT_EQ(most_active_experts(facts(9, 0, "", "", 8)), 2);
}

}  // namespace
}  // namespace tenon::grouped_matmul_policy_test
