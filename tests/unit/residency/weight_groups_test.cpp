// Which weights are brought together, and to which slot.
#include "residency/weight_groups.hpp"

#include <gtest/gtest.h>

#include "small_program.hpp"

namespace tenon {
namespace {

class Groups : public testing::Test {
 protected:
  Groups() {
    ProgramBuilder builder(empty_config(), "TestForCausalLM", 16);
    describe_small_program(builder, 5);
    program = builder.finish();
    residency = stream_matrices(program);
  }
  // `bytes`: of the projections of the five layers, in order of use.
  WeightGroups group(std::vector<uint64_t> bytes, uint32_t slots) const {
    std::vector<uint64_t> all(program.weights.size(), 64);
    size_t next = 0;
    for (size_t i = 0; i < program.weights.size(); ++i) {
      if (residency.is_streamed(program.weights[i].value)) all[i] = bytes.at(next++);
    }
    return group_weights(program, residency, all, slots);
  }
  std::vector<std::vector<uint64_t>> bytes_of(const WeightGroups& groups) const {
    std::vector<std::vector<uint64_t>> sizes;
    for (const WeightGroup& one : groups.groups) {
      sizes.emplace_back();
      for (const WeightGroup::Member& member : one.members)
        sizes.back().push_back(member.bytes);
    }
    return sizes;
  }
  Program program;
  Residency residency;
};

using Sizes = std::vector<std::vector<uint64_t>>;

TEST_F(Groups, ASlotIsAsLargeAsTheLargestOperationAndTakesWhatFits) {
  const WeightGroups groups = group({256, 512, 1024, 256, 700}, 2);
  EXPECT_EQ(groups.slot_bytes, 1024U);
  EXPECT_EQ(bytes_of(groups), (Sizes{{256, 512}, {1024}, {256, 700}}));
  EXPECT_EQ(groups.slots, 2U);
  EXPECT_EQ(groups.device_bytes(), 2048U);
}

TEST_F(Groups, SlotsTakeTurns) {
  const WeightGroups groups = group({1024, 1024, 1024, 1024, 1024}, 3);
  ASSERT_EQ(groups.groups.size(), 5U);
  for (uint32_t i = 0; i < 5; ++i)
    EXPECT_EQ(groups.groups[i].slot, i % 3);
}

TEST_F(Groups, NoMoreSlotsThanGroups) {
  EXPECT_EQ(group({1024, 1024, 1024, 1024, 1024}, 64).slots, 5U);
}

// Tensors begin where a tensor may begin, and do not overlap.
TEST_F(Groups, MembersAreAligned) {
  const WeightGroups groups = group({100, 300, 2000, 1, 1}, 2);
  EXPECT_EQ(groups.slot_bytes, 2048U);
  ASSERT_EQ(bytes_of(groups), (Sizes{{100, 300}, {2000}, {1, 1}}));
  EXPECT_EQ(groups.groups[0].members[1].offset, 256U);
  EXPECT_EQ(groups.groups[0].bytes, 768U);
  EXPECT_EQ(groups.streamed_bytes(), 768U + 2048U + 512U);
}

TEST_F(Groups, TheGroupOfAWeight) {
  const WeightGroups groups = group({1024, 1024, 1024, 1024, 1024}, 2);
  uint32_t next = 0;
  for (uint32_t i = 0; i < program.weights.size(); ++i) {
    if (residency.is_streamed(program.weights[i].value)) {
      EXPECT_EQ(groups.group_of(i), next++);
    } else {
      EXPECT_EQ(groups.group_of(i), std::nullopt);
    }
  }
}

TEST_F(Groups, NothingStreamedIsNoSlot) {
  const WeightGroups groups = group_weights(program, Residency(program),
                                            std::vector<uint64_t>(program.weights.size(), 8), 2);
  EXPECT_EQ(groups.slots, 0U);
  EXPECT_EQ(groups.device_bytes(), 0U);
  EXPECT_TRUE(groups.groups.empty());
}

}  // namespace
}  // namespace tenon
