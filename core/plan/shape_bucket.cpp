#include "plan/shape_bucket.hpp"

#include <algorithm>
#include <bit>

namespace tenon {

int64_t bucket_size(int64_t count, int64_t limit) {
  if (count <= 0) return 0;
  int64_t size = 0;
  if (count <= 16) {
    size = static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(count)));
  } else {
    const int64_t step = count <= 256 ? 16 : 64;
    size = (count + step - 1) / step * step;
  }
  return std::max(count, std::min(size, limit));
}

bool is_decode(const ShapeBucket& bucket, int64_t max_tokens) {
  return bucket.tokens == bucket_size(bucket.sequences, max_tokens);
}

ShapeBucket bucket_for(const ShapeBucket& exact, int64_t max_tokens, int64_t max_sequences) {
  return {bucket_size(exact.tokens, max_tokens), bucket_size(exact.sequences, max_sequences),
          bucket_size(exact.logit_rows, max_tokens)};
}

}  // namespace tenon
