// Mistakes in the arguments of `tenon eval`; none of them gets as far as loading a model.
#include "e2e/expectations.hpp"

namespace tenon {
namespace {

TEST(CliEvalArguments, ExactlyOneSource) {
  expect_refused(run_tenon({"eval"}), {"one of --text and --ids", "neither"});
  expect_refused(run_tenon({"eval", "--text", "a", "--ids", "b"}),
                 {"one of --text and --ids", "both"});
}

TEST(CliEvalArguments, CountsAreAtLeastOne) {
  for (const std::string flag : {"--tokens", "--window"}) {
    for (const char* bad : {"0", "-4", "x", "2.0"}) {
      expect_refused(run_tenon({"eval", "--ids", "a", flag, bad}),
                     {"[" + flag + "]", "at least 1"});
    }
  }
}

TEST(CliEvalArguments, BadIdsAreNamedWithTheirLine) {
  const TemporaryFolder folder;
  const auto evaluate = [&](const std::string& ids) {
    return run_tenon({"eval", "--ids", folder.file("ids.txt", ids)});
  };
  expect_refused(evaluate("1 2\n3 four 5\n"), {"ids.txt:2", "not a token id", "\"four\""});
  expect_refused(evaluate("1\n\n-2"), {"ids.txt:3", "\"-2\""});
  expect_refused(evaluate("2147483648"), {"ids.txt:1", "\"2147483648\""});
  expect_refused(evaluate("1, 2"), {"ids.txt:1", "\"1,\""});
  expect_refused(evaluate(" \n"), {"ids.txt", "nothing to evaluate"});
}

TEST(CliEvalArguments, FilesThatCannotBeRead) {
  const TemporaryFolder folder;
  for (const char* flag : {"--text", "--ids"}) {
    expect_refused(run_tenon({"eval", flag, folder.path() / "absent"}), {"absent"});
    expect_refused(run_tenon({"eval", flag, folder.path()}), {"directory"});
  }
}

TEST(CliEvalArguments, LogitsFileThatCannotBeWritten) {
  const TemporaryFolder folder;
  const std::string ids = folder.file("ids.txt", "1 2 3");
  expect_refused(run_tenon({"eval", "--ids", ids, "--logits", folder.path()}),
                 {"[--logits]", "found a folder"});
  expect_refused(run_tenon({"eval", "--ids", ids, "--logits", folder.path() / "no" / "a.npy"}),
                 {"[--logits]", "a file in a folder where you may write"});
  expect_refused(run_tenon({"eval", "--ids", ids, "--logits", ""}), {"[--logits]", "empty"});
  expect_refused(run_tenon({"eval", "--ids", ids, "--logits", ids}),
                 {"[--logits]", "overwrite --ids", "another file"});
}

TEST(CliEvalArguments, RefusedRunLeavesTheOldLogitsAndNothingElse) {
  const TemporaryFolder folder;
  const std::string ids = folder.file("ids.txt", "1 2 3");
  const std::string logits = folder.file("logits.npy", "old");
  const CommandResult result =
      run_tenon({"eval", "--model", folder.path() / "absent", "--ids", ids, "--logits", logits});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(read_whole(logits), "old");
  int files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    ++files;
  }
  EXPECT_EQ(files, 2);
}

}  // namespace
}  // namespace tenon
