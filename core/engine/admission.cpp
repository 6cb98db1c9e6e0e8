#include "engine/admission.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "engine/block_pool.hpp"

namespace tenon {
namespace {

void at_least(int64_t value, int64_t minimum, std::string_view key) {
  if (value >= minimum) return;
  fail_input("engine", fmt::format("{} is out of range", key), fmt::format("at least {}", minimum),
             std::to_string(value));
}

void check_prompt(const Request& request, int32_t vocab_size) {
  if (request.prompt.empty()) fail_input("request", "empty prompt", "at least one token", "none");
  for (size_t i = 0; i < request.prompt.size(); ++i) {
    const int32_t id = request.prompt[i];
    if (id >= 0 && id < vocab_size) continue;
    fail_input("request", fmt::format("prompt token {} is outside the vocabulary", i),
               fmt::format("0 to {}", vocab_size - 1), std::to_string(id));
  }
}

void check_context(const Request& request, const EngineLimits& limits) {
  const int64_t room = request.max_new_tokens > 0 ? 1 : 0;
  const auto needed = static_cast<int64_t>(request.prompt.size()) + room;
  if (needed <= limits.context) return;
  fail_input("engine", "the prompt does not fit into context",
             fmt::format("at most {} tokens (context = {})", limits.context - room, limits.context),
             fmt::format("{} tokens", request.prompt.size()));
}

void check_blocks(const Request& request, const EngineLimits& limits) {
  const int64_t tokens = most_cached_tokens(request, limits);
  const int32_t blocks = blocks_for(tokens, limits.block_size);
  if (blocks <= limits.block_count) return;
  fail_input("engine", "the request can never fit into kv_cache",
             fmt::format("at most {} blocks of {} tokens", limits.block_count, limits.block_size),
             fmt::format("{} blocks (prompt {} tokens, max_new_tokens {})", blocks,
                         request.prompt.size(), request.max_new_tokens));
}

}  // namespace

void validate(const EngineLimits& limits) {
  at_least(limits.max_num_seqs, 1, "max_num_seqs");
  // Otherwise a full set of decoding sequences would not fit into one step.
  at_least(limits.max_num_batched_tokens, limits.max_num_seqs, "max_num_batched_tokens");
  at_least(limits.context, 1, "context");
  at_least(limits.max_logit_rows, 1, "max_logit_rows");
  const BlockPool checks_blocks(limits.block_count, limits.block_size);
}

int64_t most_cached_tokens(const Request& request, const EngineLimits& limits) {
  const auto prompt = static_cast<int64_t>(request.prompt.size());
  if (request.max_new_tokens == 0) return prompt;
  return std::min<int64_t>(prompt + request.max_new_tokens, limits.context) - 1;
}

void check_request(const Request& request, const EngineLimits& limits, int32_t vocab_size) {
  const bool evaluates_only = request.want_all_logits && request.max_new_tokens == 0;
  if (request.max_new_tokens < 1 && !evaluates_only) {
    fail_input("request", "max_new_tokens is out of range", "at least 1",
               std::to_string(request.max_new_tokens));
  }
  validate(request.sampling);
  check_prompt(request, vocab_size);
  check_context(request, limits);
  check_blocks(request, limits);
}

}  // namespace tenon
