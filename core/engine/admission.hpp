// The limits of an engine, and which requests can never fit into them.
#pragma once

#include <cstdint>

#include "engine/request.hpp"

namespace tenon {

struct EngineLimits {
  int32_t max_num_seqs = 64;              // sequences that run at the same time
  int32_t max_num_batched_tokens = 2048;  // rows of one step, at least max_num_seqs
  int32_t context = 4096;                 // tokens of one sequence, prompt and generated
  int32_t block_size = 16;                // positions per KV-cache block
  int32_t block_count = 4096;             // blocks of the KV cache
  // Bounds the logits that one step brings to the host for requests with want_all_logits: such a
  // prompt proceeds by as many rows as are left, and at least by one.
  int32_t max_logit_rows = 256;
};

// Throws Error{input} "[engine] ..." naming the key that is out of range.
void validate(const EngineLimits& limits);

// The most positions whose keys and values the request ever keeps; the last token that it
// generates is not among them.
int64_t most_cached_tokens(const Request& request, const EngineLimits& limits);

// Throws Error{input} if the request is malformed (empty prompt, token id outside [0, vocab_size),
// no tokens asked for, bad sampling parameters) or could never finish even when it runs alone: the
// prompt does not fit into the context, or the blocks it may need are more than the cache has.
void check_request(const Request& request, const EngineLimits& limits, int32_t vocab_size);

}  // namespace tenon
