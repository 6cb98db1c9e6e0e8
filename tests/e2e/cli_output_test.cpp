// Standard output that is closed or full.
#include <unistd.h>

#include <array>

#include "e2e/expectations.hpp"

namespace tenon {
namespace {

CommandResult shell(const std::string& script) {
  return run_command({"/bin/sh", "-c", script, "sh", tenon_binary(), demo_model().string()});
}

// The reader is gone before the first write, so that no timing decides.
TEST(CliOutput, ClosedPipeEndsQuietly) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  close(ends[0]);
  const std::string to_pipe = ">&" + std::to_string(ends[1]);
  const CommandResult run =
      shell("\"$1\" run --model \"$2\" --quiet -n 1000 --ignore-eos -p Once " + to_pipe);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  const CommandResult help = shell("\"$1\" --help " + to_pipe);
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_EQ(help.err, "");
  close(ends[1]);
}

TEST(CliOutput, FullDiskIsAFailure) {
  const CommandResult run = shell("\"$1\" run --model \"$2\" --quiet -n 4 -p Once >/dev/full");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(contains(run.err, "[standard output] cannot be written")) << run.err;
  const CommandResult help = shell("\"$1\" --help >/dev/full");
  EXPECT_EQ(help.exit_code, 1);
  EXPECT_TRUE(contains(help.err, "[standard output] cannot be written")) << help.err;
}

TEST(CliOutput, FullDiskUnderLogitsIsAFailure) {
  const TemporaryFolder folder;
  const CommandResult result =
      run_tenon({"eval", "--model", demo_model(), "--quiet", "--ids",
                 folder.file("ids.txt", "399 407 261 378"), "--logits", "/dev/full"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(contains(result.err, "[/dev/full] cannot be written")) << result.err;
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

}  // namespace
}  // namespace tenon
