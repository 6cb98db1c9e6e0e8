#include "engine/block_pool.hpp"

#include <gtest/gtest.h>

#include <set>

#include "paged_fake.hpp"

namespace tenon::block_pool_test {
namespace {

using test::error_of;

TEST(BlockPool, HandsOutEveryBlockOnceAndCounts) {
  BlockPool pool(5, 4);
  std::set<int32_t> blocks;
  for (int32_t i = 0; i < 5; ++i) {
    EXPECT_EQ(pool.used_count(), i);
    EXPECT_EQ(pool.free_count(), 5 - i);
    blocks.insert(pool.allocate().value());
  }
  EXPECT_EQ(blocks, (std::set<int32_t>{0, 1, 2, 3, 4}));
  EXPECT_FALSE(pool.allocate().has_value());
  pool.release(3);
  EXPECT_EQ(pool.allocate(), 3);
  EXPECT_EQ(pool.peak_used(), 5);
}

TEST(BlockPool, SharedBlockIsFreedByTheLastRelease) {
  BlockPool pool(2, 4);
  const int32_t block = pool.allocate().value();
  EXPECT_FALSE(pool.is_shared(block));
  pool.retain(block);
  EXPECT_TRUE(pool.is_shared(block));
  EXPECT_EQ(pool.references(block), 2);
  pool.release(block);
  EXPECT_FALSE(pool.is_shared(block));
  EXPECT_EQ(pool.used_count(), 1);
  pool.release(block);
  EXPECT_EQ(pool.used_count(), 0);
  EXPECT_EQ(pool.peak_used(), 1);
}

TEST(BlockPool, MisuseIsReported) {
  BlockPool pool(2, 4);
  const int32_t block = pool.allocate().value();
  pool.release(block);
  EXPECT_EQ(error_of([&] { pool.release(block); }),
            "failure: [block pool] retain or release of a free block; expected a block in use; "
            "found 0");
  EXPECT_NE(error_of([&] { pool.retain(block); }).find("of a free block"), std::string::npos);
  EXPECT_EQ(error_of([&] { pool.release(2); }),
            "failure: [block pool] no such block; expected 0 to 1; found 2");
  EXPECT_NE(error_of([&] { pool.retain(-1); }).find("no such block"), std::string::npos);
  EXPECT_NE(error_of([&] { pool.is_shared(7); }).find("no such block"), std::string::npos);
  EXPECT_EQ(pool.free_count(), 2);  // nothing was counted wrongly on the way
}

TEST(BlockPool, RefusesBadSizes) {
  EXPECT_EQ(error_of([] { BlockPool(0, 16); }),
            "input: [engine] kv_cache holds no block; expected at least 1 block; found 0");
  EXPECT_EQ(error_of([] { BlockPool(1, 0); }),
            "input: [engine] block_size is out of range; expected at least 1; found 0");
  EXPECT_EQ(error_of([] { BlockPool(1 << 24, 128); }),
            "input: [engine] kv_cache has too many slots; expected at most 2147483647; found "
            "16777216 blocks of 128 = 2147483648");
}

TEST(BlockTable, SlotFollowsTheBlocks) {
  BlockTable table{{7, 2, 5}, 4};
  EXPECT_EQ(table.capacity(), 12);
  EXPECT_EQ(table.slot(0), 28);
  EXPECT_EQ(table.slot(3), 31);
  EXPECT_EQ(table.slot(4), 8);
  EXPECT_EQ(table.slot(11), 23);
  EXPECT_EQ(error_of([&] { table.slot(12); }),
            "failure: [block table] position outside the blocks of the sequence; expected 0 to "
            "11; found 12");
  EXPECT_NE(error_of([&] { table.slot(-1); }), "nothing thrown");
}

TEST(BlockTable, GrowsToTheTokensOrNotAtAll) {
  BlockPool pool(3, 4);
  BlockTable table = pool.empty_table();
  EXPECT_TRUE(pool.grow(table, 1));
  EXPECT_EQ(table.blocks.size(), 1U);
  EXPECT_TRUE(pool.grow(table, 4));
  EXPECT_EQ(table.blocks.size(), 1U);
  EXPECT_TRUE(pool.grow(table, 5));
  EXPECT_EQ(table.blocks.size(), 2U);
  EXPECT_FALSE(pool.grow(table, 13));
  EXPECT_EQ(table.blocks.size(), 2U);
  EXPECT_EQ(pool.free_count(), 1);
  EXPECT_TRUE(pool.grow(table, 2));  // never shrinks
  EXPECT_EQ(table.blocks.size(), 2U);
  pool.release(table);
  EXPECT_TRUE(table.blocks.empty());
  EXPECT_EQ(pool.free_count(), 3);
}

TEST(BlockTable, ForkSharesEveryBlock) {
  BlockPool pool(4, 4);
  BlockTable first = pool.empty_table();
  ASSERT_TRUE(pool.grow(first, 8));
  BlockTable second = pool.fork(first);
  EXPECT_EQ(second.blocks, first.blocks);
  EXPECT_EQ(pool.used_count(), 2);
  for (const int32_t block : first.blocks)
    EXPECT_TRUE(pool.is_shared(block));
  ASSERT_TRUE(pool.grow(second, 9));
  EXPECT_FALSE(pool.is_shared(second.blocks.back()));
  pool.release(first);
  EXPECT_EQ(pool.used_count(), 3);
  for (const int32_t block : second.blocks)
    EXPECT_FALSE(pool.is_shared(block));
  pool.release(second);
  EXPECT_EQ(pool.used_count(), 0);
}

}  // namespace
}  // namespace tenon::block_pool_test
