// A request on its way through the engine.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/block_pool.hpp"
#include "engine/request.hpp"
#include "engine/sampling.hpp"

namespace tenon {

// Positions [begin, end) of a sequence.
struct PositionRange {
  int32_t begin = 0;
  int32_t end = 0;
  int32_t size() const { return end - begin; }
};

struct Sequence {
  Sequence(RequestId number, Request asked)
      : id(number), request(std::move(asked)), tokens(request.prompt), sampler(request.sampling) {}

  RequestId id;
  Request request;
  std::vector<int32_t> tokens;  // prompt, then what was generated
  int32_t computed = 0;         // leading tokens whose keys and values are in the cache
  int32_t ever_computed = 0;    // the same without falling back at a preemption
  BlockTable table;             // holds at least `computed` positions
  Sampler sampler;

  int32_t size() const { return static_cast<int32_t>(tokens.size()); }
  int32_t prompt_size() const { return static_cast<int32_t>(request.prompt.size()); }
  int32_t pending() const { return size() - computed; }  // at least 1 while the sequence lives

  // Whether running the next `count` tokens ends in a choice of the next one.
  bool samples_after(int32_t count) const {
    return count == pending() && request.max_new_tokens > 0;
  }

  // The positions among the next `count` tokens whose logits are wanted: prompt positions that were
  // not reported yet if want_all_logits, and the last token if the next one is chosen from it. The
  // two always join: a token is only chosen after all prompt positions are reported.
  PositionRange logit_positions(int32_t count) const {
    const int32_t end = computed + count;
    PositionRange range{end, end};
    if (request.want_all_logits) {
      range.begin = std::max(computed, ever_computed);
      range.end = std::min(end, prompt_size());
      if (range.size() <= 0) range = {end, end};
    }
    if (samples_after(count) && range.size() == 0) range.begin = end - 1;
    return range;
  }
};

// What one step does for one sequence: runs its next `count` tokens.
struct Slice {
  Sequence* sequence;
  int32_t count;
};

}  // namespace tenon
