#include "parallel/column_split.hpp"

#include <gtest/gtest.h>

namespace tenon {
namespace {

const ColumnSplit qkv_columns({{16, 8, 8, false}, {8, 4, 4, false}, {8, 0, 4, true}});

TEST(ColumnSplit, KeepsSomeOfEachSegment) {
  EXPECT_EQ(qkv_columns.kept(), 16);
  EXPECT_TRUE(qkv_columns.replicated());
  EXPECT_FALSE(qkv_columns.part(0, 24)->split.replicated());
}

TEST(ColumnSplit, PartsBeginWhereTheKeptColumnsDo) {
  EXPECT_EQ(qkv_columns.part(0, 16)->column, 0);
  EXPECT_EQ(qkv_columns.part(16, 8)->column, 8);
  const auto last = qkv_columns.part(24, 8);
  EXPECT_EQ(last->column, 12);
  EXPECT_EQ(last->split.kept(), 4);
  EXPECT_EQ(qkv_columns.part(16, 16)->split.segments().size(), 2U);
}

TEST(ColumnSplit, NoPartWithinASegment) {
  EXPECT_FALSE(qkv_columns.part(0, 8));
  EXPECT_FALSE(qkv_columns.part(8, 8));
  EXPECT_FALSE(qkv_columns.part(4, 4));
  EXPECT_FALSE(qkv_columns.part(16, 12));
}

}  // namespace
}  // namespace tenon
