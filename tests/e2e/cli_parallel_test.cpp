// [parallel] on the command line: what plans one rank, and what refuses several cards.
#include "e2e/expectations.hpp"

namespace tenon {
namespace {

std::vector<std::string> with_demo(std::vector<std::string> arguments, const std::string& device,
                                   const std::vector<std::string>& settings) {
  arguments.insert(arguments.end(), {"--model", demo_model().string(), "--device", device});
  for (const std::string& setting : settings)
    arguments.insert(arguments.end(), {"--set", setting});
  return arguments;
}

const std::string two_cards = "ascend_emu,timing=true,numerics=false,cards=2";

TEST(CliParallel, GeneratingRefusesSeveralCardsWithTheirPlace) {
  const TemporaryFolder folder;
  const std::string config = folder.file(
      "two.toml", "[model]\npath = \"" + demo_model().string() +
                      "\"\n[device]\nbackend = \"cpu_reference\"\n[parallel]\ntensor = 2\n");
  const CommandResult refused = run_tenon({"run", config, "-p", "a"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.out, "");
  for (const char* part : {"two.toml:6:10: error: [parallel.tensor]",
                           "does not run on several cards yet", "tenon plan", "found 2 cards"}) {
    EXPECT_TRUE(contains(refused.err, part)) << "missing: " << part << "\nin: " << refused.err;
  }
  expect_refused(run_tenon(with_demo({"run", "-p", "a"}, two_cards, {"parallel.data=2"})),
                 {"--set parallel.data=2", "[parallel.data]"});
}

TEST(CliParallel, PlanningNeedsADeviceWithoutContents) {
  const std::vector<std::string> parts = {"[parallel.tensor]", "device.options.numerics = false"};
  expect_refused(run_tenon(with_demo({"plan"}, "cpu_reference", {"parallel.tensor=2"})), parts);
  const CommandResult checked =
      run_tenon(with_demo({"check"}, "cpu_reference", {"parallel.tensor=2"}));
  EXPECT_EQ(checked.exit_code, 2);
  for (const std::string& part : parts)
    EXPECT_TRUE(contains(checked.err, part)) << checked.err;
  EXPECT_EQ(run_tenon(with_demo({"check"}, two_cards, {"parallel.tensor=2"})).exit_code, 0);
}

TEST(CliParallel, ACardForEachRank) {
  expect_refused(
      run_tenon(with_demo({"plan"}, two_cards, {"parallel.tensor=2", "parallel.data=2"})),
      {"[parallel.tensor]", "too few devices", "expected 4 devices", "found 2"});
}

TEST(CliParallel, ALayoutThatIsNone) {
  expect_refused(
      run_tenon(with_demo({"plan"}, two_cards, {"parallel.tensor=2", "parallel.expert=4"})),
      {"--set parallel.expert=4", "[parallel.expert]", "1 or 2"});
}

TEST(CliParallel, AModelThatDoesNotDivide) {
  const std::string four = "ascend_emu,timing=true,numerics=false,cards=4";
  expect_refused(
      run_tenon(with_demo({"plan"}, four, {"parallel.tensor=4"})),
      {"--set parallel.tensor=4: error: [parallel.tensor]",
       "the 6 heads of 'model.layers.0.self_attn.q_proj.weight' do not divide over the cards",
       "found 4"});
}

TEST(CliParallel, ThePlanIsThatOfOneRank) {
  const CommandResult one = run_tenon(with_demo({"plan"}, two_cards, {}));
  const CommandResult two = run_tenon(with_demo({"plan"}, two_cards, {"parallel.tensor=2"}));
  ASSERT_EQ(two.exit_code, 0) << two.err;
  EXPECT_FALSE(contains(one.out, "rank  "));
  EXPECT_FALSE(contains(one.out, "all_reduce"));
  for (const char* part : {"rank          0 of 2: tensor 2, expert 1, data 1",
                           "model.layers.0.self_attn.o_proj.all_reduce",
                           "model.layers.0.mlp.down_proj.all_reduce", "lm_head.all_gather"}) {
    EXPECT_TRUE(contains(two.out, part)) << "missing: " << part << "\nin: " << two.out;
  }
}

TEST(CliParallel, NumbersAreOfTheWholeDeployment) {
  const std::vector<std::string> replicas = {"parallel.data=2", "engine.max_num_seqs=6"};
  const auto plan = [&](const char* count) {
    return run_tenon(
        with_demo({"plan", "--tokens", count, "--sequences", count}, two_cards, replicas));
  };
  const CommandResult six = plan("6");
  ASSERT_EQ(six.exit_code, 0) << six.err;
  EXPECT_TRUE(contains(six.out, "3 sequences")) << six.out;
  expect_refused(plan("7"), {"[plan]", "1 to 6 sequences", "found 7 tokens"});
}

}  // namespace
}  // namespace tenon
