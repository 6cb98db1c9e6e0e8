// One session used by several threads, and cancellation.
#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "model_testing.hpp"

namespace tenon::session_threads_test {
namespace {

const char* const prompts[] = {"Once upon a time", "The big dog ran", "A", "Lily and Tom"};

GenerateOptions greedy(int64_t tokens) {
  GenerateOptions options;
  options.max_new_tokens = tokens;
  options.temperature = 0.0;
  options.ignore_eos = true;
  return options;
}

TEST(SessionThreads, EachGetsWhatItWouldGetAlone) {
  Session session = Session::open(deployment_of(demo_checkpoint()));
  std::vector<std::vector<int32_t>> alone;
  for (const char* prompt : prompts)
    alone.push_back(session.generate(prompt, greedy(24)).ids);
  std::vector<std::vector<int32_t>> together(std::size(prompts));
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < std::size(prompts); ++i) {
      threads.emplace_back([&, i] { together[i] = session.generate(prompts[i], greedy(24)).ids; });
    }
  }
  EXPECT_EQ(together, alone);
}

TEST(SessionThreads, StopCancelsBetweenSteps) {
  Session session = Session::open(deployment_of(demo_checkpoint()));
  const std::vector<int32_t> whole = session.generate(prompts[0], greedy(40)).ids;
  std::stop_source source;
  GenerateOptions options = greedy(40);
  options.stop = source.get_token();
  size_t pieces = 0;
  options.on_text = [&](std::string_view) {
    if (++pieces == 5) source.request_stop();
  };
  const Generation stopped = session.generate(prompts[0], options);
  EXPECT_EQ(stopped.finish, Finish::cancelled);
  ASSERT_LT(stopped.ids.size(), whole.size());
  EXPECT_TRUE(std::equal(stopped.ids.begin(), stopped.ids.end(), whole.begin()));
  EXPECT_EQ(session.generate(prompts[0], greedy(40)).ids, whole);
}

TEST(SessionThreads, AnExceptionOfTheCallerEndsItsRequestOnly) {
  Session session = Session::open(deployment_of(demo_checkpoint(), {"engine.max_num_seqs=1"}));
  GenerateOptions options = greedy(40);
  options.on_text = [](std::string_view) { throw std::runtime_error("enough"); };
  EXPECT_THROW(session.generate(prompts[0], options), std::runtime_error);
  EXPECT_EQ(session.generate(prompts[1], greedy(8)).ids.size(), 8U);
}

TEST(SessionSampling, TheSeedDecides) {
  Session session = Session::open(deployment_of(demo_checkpoint()));
  GenerateOptions options = greedy(30);
  options.temperature = 1.5;
  options.seed = 7;
  const std::vector<int32_t> first = session.generate(prompts[0], options).ids;
  EXPECT_EQ(session.generate(prompts[0], options).ids, first);
  options.seed = 8;
  EXPECT_NE(session.generate(prompts[0], options).ids, first);
}

}  // namespace
}  // namespace tenon::session_threads_test
