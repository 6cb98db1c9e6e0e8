// Steps of a deployment without requests: what they would be asked for.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "engine/admission.hpp"
#include "engine/step.hpp"
#include "plan/shape_bucket.hpp"

namespace tenon {

// A step of the whole deployment, every sequence alike. Each data replica runs its share of the
// sequences, rounded up.
struct RehearsedStep {
  int64_t sequences = 1;
  int64_t rows = 1;     // new tokens of each sequence: 1 decodes, more prefill
  int64_t context = 1;  // tokens of each sequence, these rows included

  auto operator<=>(const RehearsedStep&) const = default;  // NOLINT(modernize-use-nullptr)
};

// "72 sequences of 1 row, 1024 tokens each"
std::string rehearsed_step_text(const RehearsedStep& step);

// What one of `replicas` runs of it.
RehearsedStep share_of_replica(const RehearsedStep& step, int64_t replicas);

// Of a share. Throw Error{input} naming the setting that is in the way where the step is outside of
// the limits, or needs more blocks of the KV cache than there are.
void check_rehearsed_step(const RehearsedStep& share, const EngineLimits& limits);
ShapeBucket bucket_of(const RehearsedStep& share, const EngineLimits& limits);

// Tokens of each sequence where nobody says how many: 1024, or as many as there is room for; at least
// the step's rows.
int64_t usual_context(const RehearsedStep& share, const EngineLimits& limits);

// Token 0 everywhere, in blocks that no two sequences have in common; the last row of each sequence
// gives logits. Requires check_rehearsed_step.
StepInputs make_rehearsed_inputs(const RehearsedStep& share, int64_t block_size);

}  // namespace tenon
