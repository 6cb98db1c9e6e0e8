#include "ascend_emu/timing/bandwidth_share.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tenon::ascend_emu::timing::bandwidth_share_test {
namespace {

std::vector<double> shared(double capacity, const std::vector<double>& limits) {
  std::vector<Flow> flows;
  for (const double limit : limits)
    flows.push_back({limit, 0});
  share_bandwidth(capacity, flows);
  std::vector<double> rates;
  for (const Flow& flow : flows)
    rates.push_back(flow.rate);
  return rates;
}

TEST(BandwidthShare, LimitsBelowTheCapacityAreMet) {
  EXPECT_EQ(shared(100, {30, 50}), (std::vector<double>{30, 50}));
}

TEST(BandwidthShare, EqualFlowsGetEqualParts) {
  EXPECT_EQ(shared(90, {200, 200, 200}), (std::vector<double>{30, 30, 30}));
}

TEST(BandwidthShare, WhatASlowFlowLeavesGoesToTheOthers) {
  EXPECT_EQ(shared(100, {20, 500, 500}), (std::vector<double>{20, 40, 40}));
}

// 10 is settled first, which raises the fair share from 30 to 36.67 and settles 35 as well.
TEST(BandwidthShare, SettlesInRounds) {
  EXPECT_EQ(shared(120, {35, 10, 500, 500}), (std::vector<double>{35, 10, 37.5, 37.5}));
}

TEST(BandwidthShare, AFlowThatMayNotRunTakesNothing) {
  EXPECT_EQ(shared(100, {0, 400}), (std::vector<double>{0, 100}));
}

TEST(BandwidthShare, NoFlowsIsFine) {
  EXPECT_TRUE(shared(100, {}).empty());
}

}  // namespace
}  // namespace tenon::ascend_emu::timing::bandwidth_share_test
