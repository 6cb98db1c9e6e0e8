#include "ascend_emu/timing/op_time.hpp"

#include <gtest/gtest.h>

#include "work.hpp"

namespace timing_test::op_time_test {
namespace {

Demand rows(double count, double elements) {
  Demand demand;
  demand.op = TN_OP_rms_norm;
  demand.op_class = TN_CLASS_VECTOR;
  demand.vector_rows = count;
  demand.vector_row_elements = elements;
  return demand;
}

// 4 cores; cold an element each ns up to 100 elements, warm ten each ns; a cold row counts for 20.
SocProfile vector_profile() {
  SocProfile profile = round_profile();
  profile.vector = {4, 1, 10, 100, 20, 2};
  return profile;
}

Picoseconds compute(const Demand& demand) {
  return op_time(demand, vector_profile()).compute;
}

TEST(VectorTime, RowsGoRoundTheCores) {
  EXPECT_EQ(compute(rows(1, 50)), 50'000);
  EXPECT_EQ(compute(rows(4, 50)), 50'000);
  EXPECT_EQ(compute(rows(5, 50)), 100'000);
}

TEST(VectorTime, AShortRowCostsAsMuchAsTheLeastOne) {
  EXPECT_EQ(compute(rows(4, 3)), 20'000);
}

TEST(VectorTime, AWarmCoreIsFaster) {
  EXPECT_EQ(compute(rows(4, 300)), 100'000 + 20'000);
  EXPECT_EQ(compute(rows(40, 10)), 100'000 + 5'000);  // five rows cold, five warm
}

TEST(VectorTime, AnElementwiseOpSplitsItsRows) {
  Demand demand = rows(1, 200);
  demand.one_row_on_many_cores = true;
  EXPECT_EQ(compute(demand), 50'000);
}

TEST(CubeTime, GoesByTypeAndEfficiency) {
  SocProfile profile = round_profile();
  profile.cube = {{1, 2, 4, 8}, 0.5};
  Demand demand = cube_op(0, {}, 1e6).demand;
  EXPECT_EQ(op_time(demand, profile).compute, 2 * microsecond);
  demand.cube_type = CubeType::i8;
  EXPECT_EQ(op_time(demand, profile).compute, microsecond / 4);
}

TEST(AttentionTime, IsTheLongerOfProductsAndSoftmax) {
  Demand demand = cube_op(0, {}, 3e6).demand;
  demand.op = TN_OP_paged_attention;
  demand.op_class = TN_CLASS_ATTENTION;
  demand.scores = 16'000;  // 2 us on four cores of 2 each ns
  EXPECT_EQ(op_time(demand, vector_profile()).compute, 3 * microsecond);
  demand.scores = 40'000;
  EXPECT_EQ(op_time(demand, vector_profile()).compute, 5 * microsecond);
}

TEST(MemoryLimit, IsLowerForARowMajorWeight) {
  SocProfile profile = round_profile();
  profile.hbm = {1000, 0.9, 0.5, 0.7};
  Demand demand = cube_op(0, {}).demand;
  EXPECT_DOUBLE_EQ(op_time(demand, profile).memory_limit, 900e9);
  demand.row_major_weight = true;
  EXPECT_DOUBLE_EQ(op_time(demand, profile).memory_limit, 700e9);
}

}  // namespace
}  // namespace timing_test::op_time_test
