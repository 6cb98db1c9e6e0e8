// What most command-line tests look at.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "e2e/run_tenon.hpp"

namespace tenon {

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Wrong use: exit code 2, nothing on standard output, one line on standard error that holds all of
// `parts`.
inline void expect_refused(const CommandResult& result, const std::vector<std::string>& parts) {
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
  for (const std::string& part : parts) {
    EXPECT_TRUE(contains(result.err, part)) << "missing: " << part << "\nin: " << result.err;
  }
}

}  // namespace tenon
