// What lies on the device, resident and streamed, before anything is moved.
#include "weights/weight_placement.hpp"

#include <gtest/gtest.h>

#include "layout_device.hpp"
#include "small_program.hpp"

namespace tenon {
namespace {

// A table [32, 8] that is read twice, and norms [8] and projections [8, 8] of four layers; f32.
class WeightPlacements : public testing::Test {
 protected:
  WeightPlacements() {
    ProgramBuilder builder(empty_config(), "TestForCausalLM", 16);
    describe_small_program(builder, 4);
    program = builder.finish();
    for (size_t i = 0; i < program.weights.size(); ++i)
      sources.push_back({{&tensor}, {}, TN_DTYPE_F32, 0});
  }
  WeightPlacement place(const LayoutRule& rule, const WeightOptions& options) const {
    return place_weights(program, sources, device_with(rule), options);
  }
  static tn_layout_answer row_major(const tn_layout_request&) {
    return answer_of(TN_LAYOUT_ROW_MAJOR);
  }
  TensorInfo tensor;
  Program program;
  std::vector<WeightSource> sources;
};

constexpr uint64_t vectors_and_table = 4 * 8 * 4 + 32 * 8 * 4;

TEST_F(WeightPlacements, ResidentIsEverything) {
  const WeightPlacement placement = place(row_major, {});
  EXPECT_EQ(placement.device_bytes(), vectors_and_table + 4 * 256);
  EXPECT_EQ(placement.groups.slots, 0U);
}

TEST_F(WeightPlacements, StreamedIsTheRestAndTheSlots) {
  const WeightPlacement placement = place(row_major, {true, true, 2});
  EXPECT_EQ(placement.resident_bytes, vectors_and_table);
  EXPECT_EQ(placement.groups.groups.size(), 4U);
  EXPECT_EQ(placement.device_bytes(), vectors_and_table + 2 * 256);
}

TEST_F(WeightPlacements, SlotsHaveTheSizeOfTheDevicesOwnLayout) {
  const auto private_layout = [](const tn_layout_request& request) {
    const bool whole = request.use_count == 1 && request.uses[0].op == TN_OP_linear;
    return whole ? answer_of(TN_LAYOUT_PRIVATE, 512) : answer_of(TN_LAYOUT_ROW_MAJOR);
  };
  EXPECT_EQ(place(private_layout, {true, true, 3}).device_bytes(), vectors_and_table + 3 * 512);
  EXPECT_EQ(place(private_layout, {false, true, 3}).device_bytes(), vectors_and_table + 3 * 256);
}

// A slot holds one form of a weight.
TEST_F(WeightPlacements, AWeightWithTwoFormsStaysResident) {
  const auto both = [](const tn_layout_request&) { return answer_of(TN_LAYOUT_PRIVATE, 512, 1); };
  const WeightPlacement placement = place(both, {true, true, 2});
  EXPECT_EQ(placement.groups.slots, 0U);
  EXPECT_EQ(placement.device_bytes(), place(both, {}).device_bytes());
}

TEST_F(WeightPlacements, AWeightThatNothingIsMadeOfTakesNoRoom) {
  sources[0].parts.clear();
  EXPECT_EQ(place(row_major, {}).device_bytes(), vectors_and_table - 32 * 8 * 4 + 4 * 256);
}

}  // namespace
}  // namespace tenon
