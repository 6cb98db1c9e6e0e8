// What a caller asks of the engine.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/sampling.hpp"

namespace tenon {

// Given by the engine, counted from 1 and never used again.
using RequestId = uint64_t;

struct Request {
  std::vector<int32_t> prompt;  // token ids, not empty, each in [0, vocabulary)
  // Tokens to generate at most. 0 only together with want_all_logits: the prompt is evaluated and
  // nothing is generated.
  int32_t max_new_tokens = 16;
  SamplingParameters sampling;
  // Generating one of these ends the request; the token itself is still reported. Ids outside the
  // vocabulary never match.
  std::vector<int32_t> stop_token_ids;
  bool ignore_eos = false;       // true: stop_token_ids are not looked at
  bool want_all_logits = false;  // the events carry the logits of every position of the prompt
};

}  // namespace tenon
