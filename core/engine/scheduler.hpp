// Decides which tokens of which sequences run in the next step.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "engine/admission.hpp"
#include "engine/block_pool.hpp"
#include "engine/sequence.hpp"

namespace tenon {

// Owns the sequences and the blocks of the KV cache. The policy, in this order:
//  1. every running sequence with one token left to run gets its row (decode);
//  2. running sequences with more left go on (chunked prefill), within max_num_batched_tokens;
//  3. waiting sequences are admitted, first in first out, while there are max_num_seqs, rows, and
//     blocks for all their tokens; the head of the queue is never overtaken.
// When a decode finds no free block, the sequence admitted last loses all of its blocks and goes
// back to the head of the queue; its tokens are run again later. It needs at least the blocks that
// it gave, so it comes back only after another sequence ended, and nothing overtakes it.
// Sequences are admitted in the order of submission, so the oldest always proceeds.
// Not thread-safe.
class Scheduler {
 public:
  explicit Scheduler(const EngineLimits& limits);  // throws as validate(EngineLimits)

  // The sequence must pass check_request for the same limits.
  void add(std::unique_ptr<Sequence> sequence);
  // Forgets a sequence and frees its blocks; false if there is none with this id.
  bool remove(RequestId id);

  // The next step, empty only when there are no sequences. The tables of its sequences hold every
  // position up to the end of the slice. The caller runs it, then advances `computed` or removes
  // the sequence. Pointers stay valid until the sequence is removed.
  std::vector<Slice> plan();

  bool empty() const { return running_.empty() && waiting_.empty(); }
  size_t running_count() const { return running_.size(); }
  size_t waiting_count() const { return waiting_.size(); }
  int64_t preemptions() const { return preemptions_; }
  const BlockPool& blocks() const { return pool_; }

 private:
  struct Room {  // what is left in the step being planned
    int32_t rows;
    int32_t logit_rows;
  };
  void plan_decodes(std::vector<Slice>& slices, Room& room);
  void plan_prefills(std::vector<Slice>& slices, Room& room);
  void admit(std::vector<Slice>& slices, Room& room);
  static void add_chunk(Sequence& sequence, std::vector<Slice>& slices, Room& room);
  bool make_room(Sequence& sequence);
  void preempt_last();

  EngineLimits limits_;
  BlockPool pool_;
  std::vector<std::unique_ptr<Sequence>> running_;  // in the order of admission
  std::deque<std::unique_ptr<Sequence>> waiting_;
  int64_t preemptions_ = 0;
};

}  // namespace tenon
