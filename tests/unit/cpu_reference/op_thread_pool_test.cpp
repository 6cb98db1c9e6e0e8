#include <atomic>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "thread_pool.hpp"

namespace tenon::cpu_reference {
namespace {

TEST(ThreadPool, VisitsEveryIndexOnce) {
  for (const unsigned threads : {0U, 1U, 2U, 5U}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.size(), std::max(threads, 1U));
    for (const int64_t count : {0, 1, 2, 3, 64, 1001}) {
      for (const int64_t grain : {0, 1, 7, 5000}) {
        std::vector<std::atomic<int>> visits(static_cast<size_t>(count));
        pool.parallel_for(
            count, [&](int64_t i) { ++visits[static_cast<size_t>(i)]; }, grain);
        for (const auto& visit : visits)
          ASSERT_EQ(visit, 1);
      }
    }
  }
}

TEST(ThreadPool, NoRangeButTheLastIsSmallerThanTheGrain) {
  ThreadPool pool(3);
  std::atomic<int> small = 0;
  pool.parallel_ranges(1000, 30, [&](int64_t begin, int64_t end) {
    if (end - begin < 30 && end != 1000) ++small;
  });
  EXPECT_EQ(small, 0);
}

TEST(ThreadPool, SmallLoopsStayOnTheCaller) {
  ThreadPool pool(4);
  const auto caller = std::this_thread::get_id();
  bool elsewhere = false;
  pool.parallel_for(
      8, [&](int64_t) { elsewhere = elsewhere || std::this_thread::get_id() != caller; }, 8);
  EXPECT_FALSE(elsewhere);
}

TEST(ThreadPool, RethrowsTheExceptionOfTheLowestIndex) {
  for (const unsigned threads : {1U, 2U, 4U}) {
    ThreadPool pool(threads);
    for (int repeat = 0; repeat < 50; ++repeat) {
      std::string found;
      try {
        pool.parallel_for(1000, [](int64_t i) {
          if (i % 100 == 37) throw std::runtime_error(std::to_string(i));
        });
      } catch (const std::runtime_error& error) {
        found = error.what();
      }
      ASSERT_EQ(found, "37");
    }
    std::atomic<int> after = 0;
    pool.parallel_for(100, [&](int64_t) { ++after; });
    EXPECT_EQ(after, 100);
  }
}

TEST(ThreadPool, SeveralThreadsAtOnceAndLoopsInsideLoops) {
  ThreadPool pool(3);
  std::atomic<int64_t> sum = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int repeat = 0; repeat < 100; ++repeat) {
        pool.parallel_for(16, [&](int64_t) { pool.parallel_for(4, [&](int64_t i) { sum += i; }); });
      }
    });
  }
  for (auto& caller : callers)
    caller.join();
  EXPECT_EQ(sum, int64_t{4} * 100 * 16 * 6);
}

}  // namespace
}  // namespace tenon::cpu_reference
