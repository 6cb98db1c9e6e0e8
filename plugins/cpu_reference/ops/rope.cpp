// Rotates channels [first_channel, first_channel + rotary_dim) of every head by its position p:
//   (a, b) -> (a cos - b sin, b cos + a sin),  inverse: (a cos + b sin, b cos - a sin)
// with cos, sin = cosine[p][i], sine[p][i] and the i-th pair
//   half-split: (x[i], x[i + rotary_dim / 2])    interleaved: (x[2i], x[2i + 1]).
// The other channels are copied.
#include <vector>

#include "ops/check.hpp"
#include "ops/kernels.hpp"
#include "tensor_view.hpp"
#include "text.hpp"

namespace tenon::cpu_reference {

Support query(const tn_rope_args& args) {
  Check check("rope", args.flags);
  const int64_t half = args.rotary_dim / 2;
  check.tensor("input", args.input, {any_size, any_size, any_size}, float_types, Strides::rows)
      .that(args.rotary_dim > 0 && args.rotary_dim % 2 == 0, "rotary_dim must be even and above 0",
            "2, 4, ...", std::to_string(args.rotary_dim))
      .that(args.first_channel >= 0 &&
                int64_t{args.first_channel} + args.rotary_dim <= args.input.shape[2],
            "the rotated channels must lie within a head",
            joined({"channels below ", std::to_string(args.input.shape[2])}),
            joined({std::to_string(args.first_channel), "..",
                    std::to_string(int64_t{args.first_channel} + args.rotary_dim - 1)}))
      .attribute("pairing", args.pairing, TN_ROPE_HALF_SPLIT, TN_ROPE_INTERLEAVED)
      .attribute("inverse", args.inverse, 0, 1)
      .tensor("cosine", args.cosine, {any_size, {half, "half of rotary_dim"}}, only(TN_DTYPE_F32),
              Strides::rows)
      .tensor("sine", args.sine,
              {{args.cosine.shape[0], "cosine's first"}, {half, "half of rotary_dim"}},
              only(TN_DTYPE_F32), Strides::rows)
      .tensor("positions", args.positions, {{args.input.shape[0], "input's first"}},
              only(TN_DTYPE_I32), Strides::contiguous)
      .ranked_tensor("output", args.output, 3, 3, float_types, Strides::rows, Access::write)
      .same_shape("output", args.output, "input", args.input)
      .same_dtype("output", args.output, "input", args.input);
  return check.answer();
}

void run(const tn_rope_args& args, std::span<std::byte>, ThreadPool& pool) {
  const TensorView input("rope", "input", args.input);
  const TensorView cosine("rope", "cosine", args.cosine);
  const TensorView sine("rope", "sine", args.sine);
  const TensorView positions("rope", "positions", args.positions);
  const TensorView output("rope", "output", args.output);
  if (element_count(args.input) == 0) return;
  const int64_t heads = input.shape(1);
  const int64_t half = args.rotary_dim / 2;
  const bool interleaved = args.pairing == TN_ROPE_INTERLEAVED;
  const float sign = args.inverse != 0 ? -1.0F : 1.0F;

  pool.parallel_ranges(input.shape(0), rows_worth_a_thread(heads * input.shape(2)),
                       [&](int64_t begin, int64_t end) {
                         std::vector<float> values(static_cast<size_t>(input.shape(2)));
                         for (int64_t token = begin; token < end; ++token) {
                           const int64_t position = positions.index(token, 0, cosine.shape(0) - 1);
                           const auto* cos = cosine.as<const float>(position * cosine.stride(0));
                           const auto* sin = sine.as<const float>(position * sine.stride(0));
                           for (int64_t head = 0; head < heads; ++head) {
                             input.load_row(token * heads + head, values.data());
                             float* x = values.data() + args.first_channel;
                             for (int64_t i = 0; i < half; ++i) {
                               float& first = x[interleaved ? 2 * i : i];
                               float& second = x[interleaved ? 2 * i + 1 : i + half];
                               const float a = first;
                               const float b = second;
                               first = a * cos[i] - b * (sign * sin[i]);
                               second = b * cos[i] + a * (sign * sin[i]);
                             }
                             output.store_row(token * heads + head, values.data());
                           }
                         }
                       });
}

}  // namespace tenon::cpu_reference
