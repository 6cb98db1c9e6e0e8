#include "base/error.hpp"

#include <gtest/gtest.h>

namespace tenon {
namespace {

TEST(ErrorText, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(error_text("where", "what"), "[where] what");
  EXPECT_EQ(error_text("where", "what", "this"), "[where] what; expected this");
  EXPECT_EQ(error_text("where", "what", "", "that"), "[where] what; found that");
  EXPECT_EQ(error_text("where", "what", "this", "that"), "[where] what; expected this; found that");
}

TEST(ErrorText, TheKindSaysWhoHasToAct) {
  try {
    fail_input("a", "b");
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::input);
  }
  try {
    fail_run("a", "b");
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::failure);
  }
}

}  // namespace
}  // namespace tenon
