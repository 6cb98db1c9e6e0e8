// Choosing the next token from a row of logits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tenon {

// Applied in this order (Hugging Face's): repetition penalty, temperature, top-k, top-p, min-p.
struct SamplingParameters {
  float temperature = 1.0F;         // finite, >= 0; 0 = greedy, the filters below do not matter
  int32_t top_k = 0;                // >= 0; keep the k most probable tokens; 0 = all
  float top_p = 1.0F;               // (0, 1]; keep the fewest tokens that together reach top_p
  float min_p = 0.0F;               // [0, 1]; keep tokens with p >= min_p * (highest p)
  float repetition_penalty = 1.0F;  // finite, > 0; see Sampler; 1 = off
  std::optional<uint64_t> seed;     // none: a seed from the operating system
  bool want_logprob = false;        // Sample::logprob is filled
};

// Throws Error{input} "[sampling] ..." naming the parameter that is out of range.
void validate(const SamplingParameters& parameters);

struct Sample {
  int32_t token = -1;
  // Natural logarithm of the probability that the model itself gave to the token: softmax of the
  // logits as they came, before penalty, temperature and filters.
  std::optional<float> logprob;
};

// Working memory of Sampler::sample, reused between calls and sequences. About 36 bytes for each
// token of the vocabulary after the first call that needs it.
struct SamplingScratch {
  struct Candidate {
    int32_t id;
    float logit;
    double weight;  // exp((logit - highest logit) / temperature), not normalised
  };
  std::vector<float> logits;          // [vocab], penalised
  std::vector<Candidate> candidates;  // what the filters left, in the order of ids
  std::vector<Candidate> ranked;      // a copy to select from
};

// The sampling state of one sequence: its parameters, its seed, and how often it drew. The random
// number of draw i depends on (seed, i) alone, so neither batching nor preemption changes a result.
//
// Repetition penalty p, over every id of prompt and generated text once: a positive logit is
// divided by p, another one multiplied. Equal logits rank by the lower id, so that top-k keeps
// exactly k tokens. Sums are f64; the draw walks the kept tokens in the order of ids.
class Sampler {
 public:
  explicit Sampler(const SamplingParameters& parameters);  // throws as validate()

  const SamplingParameters& parameters() const { return parameters_; }
  uint64_t seed() const { return seed_; }
  // False when the argmax of the logits is the whole answer.
  bool needs_logits() const;

  // logits: [vocab], -infinity allowed. history: prompt and generated ids, each in [0, vocab).
  // `row` only names the row in errors. Throws Error{failure} when a logit is NaN or +infinity
  // (also after the penalty) or when all are -infinity; then no random number is used up.
  Sample sample(std::span<const float> logits, std::span<const int32_t> history, int64_t row,
                SamplingScratch& scratch);

 private:
  SamplingParameters parameters_;
  uint64_t seed_;
  uint64_t draws_ = 0;
};

}  // namespace tenon
