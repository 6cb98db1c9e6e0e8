// Formulas of the collectives, on the round profile: short 10 us and 100 GB/s, long 20 us and 200.
#include "ascend_emu/timing/collective_time.hpp"

#include <gtest/gtest.h>

#include "work.hpp"

namespace timing_test::collective_time_test {
namespace {

double microseconds(std::uint32_t op, std::uint32_t ranks, std::uint64_t bytes,
                    const SocProfile& profile = round_profile()) {
  const CollectiveTime time = collective_time(op, {ranks, bytes}, profile);
  return to_microseconds(time.fixed +
                         time_for(static_cast<double>(time.bytes), time.bytes_per_second));
}

TEST(CollectiveTime, AGatherReceivesFromEveryOtherRank) {
  EXPECT_NEAR(microseconds(TN_OP_all_gather, 4, 100'000), 10 + 3.0, 1e-5);
  EXPECT_NEAR(microseconds(TN_OP_reduce_scatter, 4, 100'000), 10 + 3.0, 1e-5);
}

TEST(CollectiveTime, AReductionIsAScatterAndAGatherOfParts) {
  EXPECT_NEAR(microseconds(TN_OP_all_reduce, 4, 400'000), 2 * (10 + 3.0), 1e-5);
}

TEST(CollectiveTime, LongMessagesTakeTheOtherProtocol) {
  EXPECT_NEAR(microseconds(TN_OP_all_gather, 4, 400'000), 20 + 6.0, 1e-5);
}

TEST(CollectiveTime, AnExchangeSendsEachRankItsPart) {
  EXPECT_NEAR(microseconds(TN_OP_all_to_all_v, 4, 200'000), 10 + 1.5, 1e-5);
}

TEST(CollectiveTime, AloneARankTakesNoTime) {
  EXPECT_EQ(microseconds(TN_OP_all_reduce, 1, 1'000'000), 0);
}

TEST(CollectiveTime, GroupsPastTheNodeAreAsSlowAsTheLinksBetweenNodes) {
  SocProfile profile = round_profile();
  profile.link.between_nodes_gigabytes_per_second = 10;
  EXPECT_NEAR(microseconds(TN_OP_all_gather, 16, 1'000, profile), 10 + 0.15, 1e-5);
  EXPECT_NEAR(microseconds(TN_OP_all_gather, 17, 1'000, profile), 10 + 1.6, 1e-5);
}

// Ranks of a full mesh of 8 with 100 GB/s for all 7 links of each.
TEST(CollectiveTime, PartOfAFullMeshHasTheLinksAmongItsRanksAlone) {
  SocProfile profile = round_profile();
  profile.link.full_mesh_ranks = 8;
  EXPECT_NEAR(microseconds(TN_OP_all_gather, 8, 100'000, profile), 10 + 7.0, 1e-5);
  EXPECT_NEAR(microseconds(TN_OP_all_gather, 4, 100'000, profile), 10 + 7.0, 1e-5);
  EXPECT_NEAR(microseconds(TN_OP_all_gather, 2, 100'000, profile), 10 + 7.0, 1e-5);
  EXPECT_NEAR(microseconds(TN_OP_all_gather, 4, 400'000, profile), 20 + 14.0, 1e-5);
  EXPECT_NEAR(microseconds(TN_OP_all_to_all_v, 4, 200'000, profile), 10 + 3.5, 1e-5);
  profile.link.full_mesh_ranks = 0;
  EXPECT_NEAR(microseconds(TN_OP_all_gather, 2, 100'000, profile), 10 + 1.0, 1e-5);
}

TEST(CollectiveTime, GroupsPastAFullMeshHaveNoMoreThanAllLinks) {
  SocProfile profile = round_profile();
  profile.link.full_mesh_ranks = 4;
  EXPECT_NEAR(microseconds(TN_OP_all_gather, 9, 100'000, profile), 10 + 8.0, 1e-5);
}

TEST(CollectiveTime, DispatchGoesByTheGroupsSize) {
  SocProfile profile = round_profile();
  profile.gather_dispatch = {1, 5};
  EXPECT_NEAR(microseconds(TN_OP_all_gather, 8, 0, profile), 11, 1e-5);
  EXPECT_NEAR(microseconds(TN_OP_all_gather, 9, 0, profile), 15, 1e-5);
}

}  // namespace
}  // namespace timing_test::collective_time_test
