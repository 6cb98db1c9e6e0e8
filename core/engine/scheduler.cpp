#include "engine/scheduler.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"

namespace tenon {
namespace {

template <typename Container>
std::unique_ptr<Sequence> take(Container& from, RequestId id) {
  const auto found =
      std::find_if(from.begin(), from.end(), [id](const auto& s) { return s->id == id; });
  if (found == from.end()) return nullptr;
  auto sequence = std::move(*found);
  from.erase(found);
  return sequence;
}

}  // namespace

Scheduler::Scheduler(const EngineLimits& limits)
    : limits_((validate(limits), limits)), pool_(limits.block_count, limits.block_size) {}

void Scheduler::add(std::unique_ptr<Sequence> sequence) {
  sequence->table = pool_.empty_table();
  waiting_.push_back(std::move(sequence));
}

bool Scheduler::remove(RequestId id) {
  auto sequence = take(running_, id);
  if (!sequence) sequence = take(waiting_, id);
  if (!sequence) return false;
  pool_.release(sequence->table);
  return true;
}

std::vector<Slice> Scheduler::plan() {
  std::vector<Slice> slices;
  Room room{limits_.max_num_batched_tokens, limits_.max_logit_rows};
  plan_decodes(slices, room);
  plan_prefills(slices, room);
  admit(slices, room);
  return slices;
}

void Scheduler::plan_decodes(std::vector<Slice>& slices, Room& room) {
  // Victims come from the end of running_, so they never have a row in this step yet.
  for (size_t i = 0; i < running_.size(); ++i) {
    Sequence& sequence = *running_[i];
    if (sequence.pending() == 1 && make_room(sequence)) add_chunk(sequence, slices, room);
  }
}

void Scheduler::plan_prefills(std::vector<Slice>& slices, Room& room) {
  for (const auto& sequence : running_) {
    if (sequence->pending() > 1) add_chunk(*sequence, slices, room);
  }
}

void Scheduler::admit(std::vector<Slice>& slices, Room& room) {
  while (!waiting_.empty() && room.rows > 0 &&
         running_.size() < static_cast<size_t>(limits_.max_num_seqs)) {
    Sequence& sequence = *waiting_.front();
    if (!pool_.grow(sequence.table, sequence.size())) return;
    running_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    add_chunk(sequence, slices, room);
  }
}

void Scheduler::add_chunk(Sequence& sequence, std::vector<Slice>& slices, Room& room) {
  int32_t count = std::min(sequence.pending(), room.rows);
  const int32_t logit_rows = std::max(room.logit_rows, 1);
  const int32_t excess = sequence.logit_positions(count).size() - logit_rows;
  if (excess > 0) count -= excess;
  if (count == 0) return;
  slices.push_back({&sequence, count});
  room.rows -= count;
  room.logit_rows -= sequence.logit_positions(count).size();
}

bool Scheduler::make_room(Sequence& sequence) {
  while (!pool_.grow(sequence.table, sequence.size())) {
    const bool gives_way_itself = running_.back().get() == &sequence;
    if (gives_way_itself && running_.size() == 1) {
      fail_run("scheduler", "a sequence alone does not fit into the KV cache",
               "a request that passed check_request", "a larger one");
    }
    preempt_last();
    if (gives_way_itself) return false;
  }
  return true;
}

void Scheduler::preempt_last() {
  auto sequence = std::move(running_.back());
  running_.pop_back();
  pool_.release(sequence->table);
  sequence->computed = 0;
  waiting_.push_front(std::move(sequence));
  ++preemptions_;
}

}  // namespace tenon
