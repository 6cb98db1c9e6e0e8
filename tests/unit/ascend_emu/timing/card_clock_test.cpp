// What a card's clock keeps of streams and events, and how long.
#include "ascend_emu/timed/card_clock.hpp"

#include <gtest/gtest.h>

#include "timed_calls.hpp"

namespace ascend_test::card_clock_test {
namespace {

namespace timing = tenon::ascend_emu::timing;
using tenon::ascend_emu::CardClock;

timing::WorkItem fill(std::uint32_t stream) {
  timing::WorkItem work;
  work.kind = timing::WorkKind::fill;
  work.stream = stream;
  work.extent = {1, 0, 1000};
  work.name = "fill";
  return work;
}

timing::WorkItem record(std::uint32_t stream, std::uint32_t event) {
  timing::WorkItem work;
  work.kind = timing::WorkKind::event_record;
  work.stream = stream;
  work.event = event;
  return work;
}

TEST(CardClock, ForgetsWhatWasRemoved) {
  CardClock clock(timing::read_soc_profile(profile_file));
  for (int round = 0; round < 20; ++round) {
    const std::uint32_t stream = clock.add_stream("side");
    const std::uint32_t lane = clock.add_stream_like(stream);
    const std::uint32_t event = clock.add_event();
    clock.call(fill(stream));
    clock.call(fill(lane));
    clock.call(record(lane, event));
    clock.remove_stream(stream);
    clock.remove_stream(lane);
    clock.remove_event(event);
    clock.synchronize(timing::WorkKind::synchronize_device, 0, 0);
    EXPECT_EQ(clock.remembered(), 0U) << "round " << round;
  }
}

TEST(CardClock, KeepsTheTimesOfEventsThatAreThere) {
  CardClock clock(timing::read_soc_profile(profile_file));
  const std::uint32_t stream = clock.add_stream("compute");
  const std::uint32_t begin = clock.add_event();
  const std::uint32_t end = clock.add_event();
  clock.call(record(stream, begin));
  clock.call(fill(stream));
  clock.call(record(stream, end));
  clock.synchronize(timing::WorkKind::synchronize_stream, stream, 0);
  const std::int64_t once = clock.elapsed_ns(begin, end);
  EXPECT_GT(once, 0);
  clock.call(fill(stream));
  clock.synchronize(timing::WorkKind::synchronize_stream, stream, 0);
  EXPECT_EQ(clock.elapsed_ns(begin, end), once);
}

TEST(CardClock, NamesARemovedStreamInTheRecordsOfItsCalls) {
  CardClock clock(timing::read_soc_profile(profile_file));
  const std::uint32_t stream = clock.add_stream("side");
  clock.start_profiling();
  clock.call(fill(stream));
  clock.remove_stream(stream);
  clock.synchronize(timing::WorkKind::synchronize_device, 0, 0);
  const auto records = clock.stop_profiling();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].stream_name, "side");
  EXPECT_EQ(clock.remembered(), 0U);
}

}  // namespace
}  // namespace ascend_test::card_clock_test
