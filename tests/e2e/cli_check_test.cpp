// `tenon check` reports every mistake at once.
#include "e2e/expectations.hpp"

namespace tenon {
namespace {

TEST(CliCheck, FiveMistakesWithTheirPlaces) {
  const TemporaryFolder folder;
  const std::string config = folder.file("five.toml",
                                         "[model]\n"
                                         "path = 3\n"
                                         "[engine]\n"
                                         "contxt = 512\n"
                                         "block_size = 0\n"
                                         "[sampling]\n"
                                         "  temperature = \"hot\"\n"
                                         "[sampleing]\n"
                                         "seed = 1\n");
  const CommandResult result = run_tenon({"check", config});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  for (const char* part :
       {"five.toml:2:8: error: [model.path]", "five.toml:4:1: error: [engine.contxt]",
        "did you mean \"context\"?", "five.toml:5:14: error: [engine.block_size]",
        "five.toml:7:17: error: [sampling.temperature]", "five.toml:8:2: error: [sampleing]",
        "five.toml: 5 mistakes found\n"}) {
    EXPECT_TRUE(contains(result.err, part)) << "missing: " << part << "\nin: " << result.err;
  }
}

TEST(CliCheck, FlagsAndEnvironmentAreChecked) {
  const std::string model = demo_model().string();
  const CommandResult flag = run_tenon({"check", "--model", model, "--set", "engine.contxt=5"});
  EXPECT_EQ(flag.exit_code, 2);
  EXPECT_TRUE(contains(flag.err, "--set engine.contxt=5")) << flag.err;
  EXPECT_TRUE(contains(flag.err, "command line: 1 mistake found\n")) << flag.err;
  const CommandResult variable =
      run_tenon({"check", "--model", model}, "", {{"TENON_ENGINE_CONTEXT", "many"}});
  EXPECT_EQ(variable.exit_code, 2);
  EXPECT_TRUE(contains(variable.err, "TENON_ENGINE_CONTEXT")) << variable.err;
}

TEST(CliCheck, NothingToCheck) {
  expect_refused(run_tenon({"check"}), {"[tenon check] nothing to check is given"});
}

}  // namespace
}  // namespace tenon
