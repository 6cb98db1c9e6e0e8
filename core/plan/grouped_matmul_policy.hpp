// Whether the experts of a layer run as grouped matmuls or as a loop of linears, one for each expert
// that has rows. docs/mixture-of-experts.md explains the rule.
#pragma once

#include <cstdint>
#include <string>

namespace tenon {

// [moe] grouped_matmul
enum class GroupedMatmulPolicy { automatic, always, never };

enum class ExpertForm { grouped, loop };

// What one device says about the matmuls of one layer of experts, for one shape bucket.
struct GroupedMatmulFacts {
  std::string grouped_refusal;  // why it does not run grouped_matmul; empty: it does
  std::string loop_refusal;     // the same of the loop
  int64_t matmuls = 0;          // that share one routing: gate_up and down
  int64_t experts = 0;          // that this card holds
  int64_t expert_parallel = 1;  // cards that share the experts; 1 without a communicator
  int64_t rows = 0;             // of all experts on all cards, padding included
  uint64_t copied_bytes = 0;    // by the grouped matmuls of a step, because of the weights' layout
  // The same if the weights lay as checkpoints hold them; not looked at by the rule.
  uint64_t view_copied_bytes = 0;
  // What a step takes with this layer and its like in either form; both 0 where the device does not
  // tell how long its ops and calls take. A step with a loop is no graph.
  uint64_t grouped_ns = 0;
  uint64_t loop_ns = 0;
  bool grouped_is_captured = false;

  bool times_known() const { return grouped_ns > 0 && loop_ns > 0; }
};

struct GroupedMatmulChoice {
  ExpertForm form = ExpertForm::grouped;
  std::string reason;  // one sentence without a full stop
};

// For devices that give no times: what the loop costs beside reading the weights, as the bytes that a
// device moves in that time. An eager launch takes about 15 us, a launch that the host waits for about
// 25 us (measured on 910B2 and 910B3), and the memory of such a card moves 1.6 TB/s.
inline constexpr uint64_t launch_as_bytes = 24'000'000;
inline constexpr uint64_t read_back_as_bytes = 40'000'000;

// Experts of this card that have rows, at most: a routing may give each row another one.
int64_t most_active_experts(const GroupedMatmulFacts& facts);

// Where neither form runs on the device, the policy's, or grouped: the fallback device takes it.
GroupedMatmulChoice choose_grouped_matmul(GroupedMatmulPolicy policy,
                                          const GroupedMatmulFacts& facts);

}  // namespace tenon
