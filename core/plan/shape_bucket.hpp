// Padded sizes of a step. One plan is made, and later one graph captured, for each bucket.
#pragma once

#include <compare>
#include <cstdint>

namespace tenon {

struct ShapeBucket {
  int64_t tokens = 0;  // rows of the step
  int64_t sequences = 0;
  int64_t logit_rows = 0;  // rows whose logits are wanted

  // clang-tidy 14 takes the zero of the generated comparison for a null pointer.
  auto operator<=>(const ShapeBucket&) const = default;  // NOLINT(modernize-use-nullptr)
};

// The smallest bucket size >= count: 1, 2, 4, 8, 16, then multiples of 16 to 256, then of 64; never
// above `limit`. 0 stays 0. Requires count <= limit.
int64_t bucket_size(int64_t count, int64_t limit);

// Whether steps of one row for each sequence have this bucket: those that become graphs.
bool is_decode(const ShapeBucket& bucket, int64_t max_tokens);

// Each size of `exact` rounded up; tokens and logit_rows are limited by max_tokens, sequences by
// max_sequences.
ShapeBucket bucket_for(const ShapeBucket& exact, int64_t max_tokens, int64_t max_sequences);

}  // namespace tenon
