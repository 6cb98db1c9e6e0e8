#include "base/nearest_name.hpp"

#include <gtest/gtest.h>

namespace tenon {
namespace {

const std::vector<std::string> names = {"context", "block_size", "kv_cache", "graphs"};

TEST(NearestName, FindsTypingMistakes) {
  EXPECT_EQ(nearest_name("contxt", names), "context");
  EXPECT_EQ(nearest_name("blocksize", names), "block_size");
  EXPECT_EQ(nearest_name("graph", names), "graphs");
  EXPECT_EQ(nearest_name("context", names), "context");
  EXPECT_EQ(nearest_name("crads", {"cards", "seed"}), "cards");
}

TEST(NearestName, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(nearest_name("temperature", names), std::nullopt);
  EXPECT_EQ(nearest_name("", names), std::nullopt);
  EXPECT_EQ(nearest_name("x", {}), std::nullopt);
}

}  // namespace
}  // namespace tenon
