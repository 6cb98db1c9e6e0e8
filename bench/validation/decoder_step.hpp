// One rank's calls for one step of a decoder, as an engine would make them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ascend_emu/timing/soc_profile.hpp"
#include "ascend_emu/timing/timeline.hpp"
#include "ascend_emu/timing/work_item.hpp"

namespace validation {

namespace timing = tenon::ascend_emu::timing;

// Llama-like attention with norms of q and k; dense, or with experts in every layer.
struct DecoderModel {
  std::string name;
  std::int64_t hidden = 0;
  std::int64_t intermediate = 0;  // of a dense layer
  std::int64_t layers = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t vocabulary = 0;
  std::int64_t experts = 0;  // 0: dense
  std::int64_t experts_per_token = 0;
  std::int64_t expert_intermediate = 0;
};

// Ratios and caps of the wrapper's defaults.
struct PrefetchSettings {
  bool enabled = false;
  double attention_ratio = 1.0;
  double mlp_ratio = 1.0;
  double moe_ratio = 0.8;
  std::uint64_t attention_bytes = 16u << 20;
  std::uint64_t mlp_bytes = 18u << 20;
  std::uint64_t moe_bytes = 96u << 20;  // half of L2
  // Windows as in vllm-ascend 0.18: attention's is its quantisation, an MLP's begins after the
  // collective. Otherwise the wrapper's: everything since the last op of the cube.
  bool published_windows = false;
  int times = 1;              // how often each weight is prefetched
  std::uint32_t streams = 1;  // its repetitions go round them
};

struct StepShape {
  std::int64_t sequences = 1;   // of the whole deployment
  std::int64_t queries = 1;     // rows of each: 1 in decode, the prompt in prefill
  std::int64_t context = 1;     // tokens of each sequence, the queries included
  std::int64_t least_rows = 1;  // smaller steps are padded to this
  std::int64_t tensor = 1;      // ranks that share attention, and dense layers
  std::int64_t data = 1;        // replicas of those; experts are shared by all ranks
  bool w8a8 = false;            // static; experts dynamic
  bool captured = true;
  PrefetchSettings prefetch;
};

// The calls of a step: a graph launch or eager calls, the copy of the tokens, a synchronisation.
// Every expert gets as many rows as any other, as far as they go. Two calls with the same model and
// shape name the same buffers.
std::vector<timing::WorkItem> decoder_step(const DecoderModel& model, const StepShape& shape);

// The second of two equal steps, so that L2 holds what a step leaves there.
timing::Timeline steady_step(const DecoderModel& model, const StepShape& shape,
                             const timing::SocProfile& profile);

}  // namespace validation
