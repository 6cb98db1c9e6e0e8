#include "engine/scheduler.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

namespace tenon::scheduler_test {
namespace {

using Plan = std::vector<std::pair<RequestId, int32_t>>;  // sequence, tokens of its slice

// A scheduler whose steps always succeed and generate token 7.
class Scheduling : public testing::Test {
 protected:
  void make(int32_t max_num_seqs, int32_t rows, int32_t block_size, int32_t block_count) {
    limits_.max_num_seqs = max_num_seqs;
    limits_.max_num_batched_tokens = rows;
    limits_.context = 1000;
    limits_.block_size = block_size;
    limits_.block_count = block_count;
    scheduler_ = std::make_unique<Scheduler>(limits_);
  }

  void add(RequestId id, size_t prompt, bool want_all_logits = false) {
    Request request;
    request.prompt.assign(prompt, 1);
    request.max_new_tokens = 100;
    request.want_all_logits = want_all_logits;
    scheduler_->add(std::make_unique<Sequence>(id, std::move(request)));
  }

  Plan step() {
    Plan plan;
    for (const Slice& slice : scheduler_->plan()) {
      Sequence& sequence = *slice.sequence;
      plan.emplace_back(sequence.id, slice.count);
      EXPECT_GE(sequence.table.capacity(), sequence.computed + slice.count);
      const bool samples = sequence.samples_after(slice.count);
      sequence.computed += slice.count;
      sequence.ever_computed = std::max(sequence.ever_computed, sequence.computed);
      if (samples) sequence.tokens.push_back(7);
    }
    return plan;
  }

  EngineLimits limits_;
  std::unique_ptr<Scheduler> scheduler_;
};

TEST_F(Scheduling, LongPromptRunsInChunks) {
  make(4, 8, 4, 100);
  add(1, 20);
  EXPECT_EQ(step(), (Plan{{1, 8}}));
  EXPECT_EQ(step(), (Plan{{1, 8}}));
  EXPECT_EQ(step(), (Plan{{1, 4}}));
  EXPECT_EQ(step(), (Plan{{1, 1}}));
}

TEST_F(Scheduling, DecodesGoFirstAndPrefillFillsTheStep) {
  make(4, 8, 4, 100);
  add(1, 3);
  add(2, 12);
  EXPECT_EQ(step(), (Plan{{1, 3}, {2, 5}}));
  EXPECT_EQ(step(), (Plan{{1, 1}, {2, 7}}));
  add(3, 2);
  EXPECT_EQ(step(), (Plan{{1, 1}, {2, 1}, {3, 2}}));
}

TEST_F(Scheduling, DecodesComeBeforeAPrefillAdmittedEarlier) {
  make(4, 8, 4, 100);
  limits_.max_logit_rows = 2;
  scheduler_ = std::make_unique<Scheduler>(limits_);
  add(1, 6, true);  // two rows per step
  add(2, 3);
  EXPECT_EQ(step(), (Plan{{1, 2}, {2, 3}}));
  EXPECT_EQ(step(), (Plan{{2, 1}, {1, 1}}));
}

TEST_F(Scheduling, AdmissionIsFirstInFirstOut) {
  make(2, 8, 4, 100);
  add(1, 3);
  add(2, 3);
  add(3, 1);
  EXPECT_EQ(step(), (Plan{{1, 3}, {2, 3}}));
  EXPECT_EQ(step(), (Plan{{1, 1}, {2, 1}}));  // max_num_seqs
  EXPECT_EQ(scheduler_->waiting_count(), 1U);
  EXPECT_TRUE(scheduler_->remove(1));
  EXPECT_EQ(step(), (Plan{{2, 1}, {3, 1}}));
}

TEST_F(Scheduling, TheHeadOfTheQueueIsNotOvertaken) {
  make(4, 64, 4, 4);
  add(1, 7);   // 2 blocks
  add(2, 12);  // 3 blocks: does not fit now
  add(3, 1);   // would
  EXPECT_EQ(step(), (Plan{{1, 7}}));
  EXPECT_EQ(step(), (Plan{{1, 1}}));
  EXPECT_EQ(scheduler_->waiting_count(), 2U);
  EXPECT_TRUE(scheduler_->remove(1));
  EXPECT_EQ(step(), (Plan{{2, 12}, {3, 1}}));
}

TEST_F(Scheduling, AdmissionReservesTheBlocksOfTheWholePrompt) {
  make(4, 8, 4, 5);
  add(1, 16);
  add(2, 8);
  EXPECT_EQ(step(), (Plan{{1, 8}}));
  EXPECT_EQ(scheduler_->blocks().used_count(), 4);
  EXPECT_EQ(step(), (Plan{{1, 8}}));
  EXPECT_EQ(scheduler_->preemptions(), 0);
}

TEST_F(Scheduling, TheLastAdmittedGivesWayAndComesBackFirst) {
  make(4, 64, 4, 3);
  add(1, 4);
  add(2, 4);
  add(3, 4);
  EXPECT_EQ(step(), (Plan{{1, 4}, {2, 4}, {3, 4}}));
  add(4, 1);
  // 1 takes the block of 3; 2 finds none, and is the last one itself.
  EXPECT_EQ(step(), (Plan{{1, 1}}));
  EXPECT_EQ(scheduler_->preemptions(), 2);
  EXPECT_EQ(scheduler_->waiting_count(), 3U);
  EXPECT_EQ(scheduler_->blocks().used_count(), 2);
  EXPECT_EQ(step(), (Plan{{1, 1}}));  // 2 has five tokens now and needs two blocks
  EXPECT_TRUE(scheduler_->remove(1));
  EXPECT_EQ(step(), (Plan{{2, 5}}));  // prompt and generated token run again; 3 does not fit
  EXPECT_TRUE(scheduler_->remove(2));
  EXPECT_EQ(step(), (Plan{{3, 5}, {4, 1}}));
}

TEST_F(Scheduling, AVictimDoesNotComeBackInTheSameStep) {
  make(4, 64, 4, 4);
  add(1, 4);
  add(2, 12);  // the rest of the pool
  EXPECT_EQ(step(), (Plan{{1, 4}, {2, 12}}));
  EXPECT_EQ(step(), (Plan{{1, 1}}));  // 2 gave three blocks; it has 13 tokens, so needs four
  EXPECT_EQ(scheduler_->preemptions(), 1);
  EXPECT_EQ(scheduler_->blocks().used_count(), 2);
}

TEST_F(Scheduling, AHalfPrefilledSequenceCanBeTheVictim) {
  make(4, 8, 4, 6);
  add(1, 4);
  add(2, 20);
  EXPECT_EQ(step(), (Plan{{1, 4}, {2, 4}}));
  EXPECT_EQ(step(), (Plan{{1, 1}}));
  EXPECT_EQ(scheduler_->preemptions(), 1);
  EXPECT_TRUE(scheduler_->remove(1));
  EXPECT_EQ(step(), (Plan{{2, 8}}));  // from the start
}

TEST_F(Scheduling, LogitRowsBoundTheChunkButNeverStopIt) {
  make(4, 64, 4, 100);
  limits_.max_logit_rows = 3;
  scheduler_ = std::make_unique<Scheduler>(limits_);
  add(1, 7, true);
  add(2, 10);  // one logit row only, so not bounded
  EXPECT_EQ(step(), (Plan{{1, 3}, {2, 10}}));
  EXPECT_EQ(step(), (Plan{{2, 1}, {1, 2}}));
  add(3, 2);
  add(4, 2);
  EXPECT_EQ(step(), (Plan{{2, 1}, {1, 2}, {3, 2}, {4, 2}}));
}

TEST_F(Scheduling, LogitRowsAreNotBoundWhereTheyWereReportedBefore) {
  make(4, 64, 4, 100);
  limits_.max_logit_rows = 3;
  scheduler_ = std::make_unique<Scheduler>(limits_);
  add(1, 9, true);
  EXPECT_EQ(step(), (Plan{{1, 3}}));
  EXPECT_EQ(step(), (Plan{{1, 3}}));
  scheduler_->plan().front().sequence->computed = 0;  // as after a preemption
  EXPECT_EQ(step(), (Plan{{1, 9}}));
}

TEST_F(Scheduling, RemoveFreesBlocksWhereverTheSequenceIs) {
  make(1, 64, 4, 100);
  add(1, 9);
  add(2, 9);
  step();
  EXPECT_EQ(scheduler_->blocks().used_count(), 3);
  EXPECT_TRUE(scheduler_->remove(2));
  EXPECT_FALSE(scheduler_->remove(2));
  EXPECT_FALSE(scheduler_->remove(77));
  EXPECT_TRUE(scheduler_->remove(1));
  EXPECT_EQ(scheduler_->blocks().used_count(), 0);
  EXPECT_TRUE(scheduler_->empty());
  EXPECT_TRUE(step().empty());
}

}  // namespace
}  // namespace tenon::scheduler_test
