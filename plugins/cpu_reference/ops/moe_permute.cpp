// moe_permute: copies token rows into expert order, stable by expert (within one expert in order of
//   token, then of choice), for experts [first_expert, first_expert + E). row_map[t, j] is the
//   output row of (token, choice), -1 where the expert is not held here; group_sizes[e] counts the
//   rows of each expert; output rows past their sum are zeros.
// moe_unpermute: output[t] = residual[t] + sum_j expert_weights[t,j] * input[row_map[t,j]], j
//   ascending, in f32; a row_map of -1 adds nothing.
#include <algorithm>
#include <cstring>
#include <vector>

#include "ops/check.hpp"
#include "ops/kernels.hpp"
#include "tensor_view.hpp"
#include "text.hpp"

namespace tenon::cpu_reference {

Support query(const tn_moe_permute_args& args) {
  Check check("moe_permute", args.flags);
  const int64_t tokens = args.input.shape[0];
  const int64_t choices = args.expert_ids.shape[1];
  const DtypeSet types = float_types | only(TN_DTYPE_I8);
  check.tensor("input", args.input, {any_size, any_size}, types, Strides::rows)
      .tensor("expert_ids", args.expert_ids, {{tokens, "input's first"}, any_size},
              only(TN_DTYPE_I32), Strides::contiguous)
      .that(choices == 0 || tokens <= INT32_MAX / choices,
            "output has more rows than an int32 can count", "at most 2147483647",
            joined({std::to_string(tokens), " x ", std::to_string(choices)}));
  if (check.failed()) return check.answer();
  check
      .tensor(
          "output", args.output,
          {{tokens * choices, "the number of choices"}, {args.input.shape[1], "input's second"}},
          types, Strides::rows, Access::write)
      .same_dtype("output", args.output, "input", args.input)
      .tensor("row_map", args.row_map, {{tokens, "input's first"}, {choices, "expert_ids' second"}},
              only(TN_DTYPE_I32), Strides::contiguous, Access::write)
      .tensor("group_sizes", args.group_sizes, {any_size}, only(TN_DTYPE_I32), Strides::contiguous,
              Access::write)
      .attribute("first_expert", args.first_expert, 0, INT32_MAX)
      .reserved(args.reserved0);
  return check.answer();
}

void run(const tn_moe_permute_args& args, std::span<std::byte>, ThreadPool& pool) {
  const TensorView input("moe_permute", "input", args.input);
  const TensorView expert_ids("moe_permute", "expert_ids", args.expert_ids);
  const TensorView output("moe_permute", "output", args.output);
  const TensorView row_map("moe_permute", "row_map", args.row_map);
  const TensorView group_sizes("moe_permute", "group_sizes", args.group_sizes);
  const int64_t experts = group_sizes.shape(0);
  const int64_t choices = element_count(args.expert_ids);
  const int64_t per_token = expert_ids.shape(1);

  // A counting sort: sizes, then where each expert's rows begin, then one pass in order.
  std::vector<int32_t> sizes(static_cast<size_t>(experts), 0);
  const auto local_expert = [&](int64_t choice) -> int64_t {
    const int64_t expert = int64_t{expert_ids.index(choice, 0, INT32_MAX)} - args.first_expert;
    return expert >= 0 && expert < experts ? expert : -1;
  };
  for (int64_t choice = 0; choice < choices; ++choice) {
    const int64_t expert = local_expert(choice);
    if (expert >= 0) ++sizes[static_cast<size_t>(expert)];
  }
  std::vector<int32_t> next(sizes.size(), 0);
  for (size_t expert = 1; expert < sizes.size(); ++expert) {
    next[expert] = next[expert - 1] + sizes[expert - 1];
  }
  std::copy(sizes.begin(), sizes.end(), group_sizes.as<int32_t>());
  std::vector<int64_t> source(static_cast<size_t>(choices), -1);  // token of each output row
  for (int64_t choice = 0; choice < choices; ++choice) {
    const int64_t expert = local_expert(choice);
    const int32_t row = expert < 0 ? -1 : next[static_cast<size_t>(expert)]++;
    row_map.as<int32_t>()[choice] = row;
    if (row >= 0) source[static_cast<size_t>(row)] = choice / per_token;
  }

  const auto row_bytes = static_cast<size_t>(input.shape(1) * item_size(input.dtype()));
  if (row_bytes == 0) return;
  pool.parallel_for(
      choices,
      [&](int64_t row) {
        std::byte* target = output.address(row * output.stride(0));
        const int64_t token = source[static_cast<size_t>(row)];
        if (token < 0) {
          std::memset(target, 0, row_bytes);
        } else {
          std::memcpy(target, input.address(token * input.stride(0)), row_bytes);
        }
      },
      rows_worth_a_thread(input.shape(1)));
}

Support query(const tn_moe_unpermute_args& args) {
  Check check("moe_unpermute", args.flags);
  const Dim tokens{args.row_map.shape[0], "row_map's first"};
  const Dim width{args.input.shape[1], "input's second"};
  check.tensor("input", args.input, {any_size, any_size}, float_types, Strides::rows)
      .tensor("row_map", args.row_map, {any_size, any_size}, only(TN_DTYPE_I32),
              Strides::contiguous)
      .tensor("expert_weights", args.expert_weights,
              {tokens, {args.row_map.shape[1], "row_map's second"}}, only(TN_DTYPE_F32),
              Strides::contiguous)
      .optional_tensor("residual", args.residual, {tokens, width}, float_types, Strides::rows)
      .same_dtype("residual", args.residual, "input", args.input)
      .tensor("output", args.output, {tokens, width}, float_types, Strides::rows, Access::write)
      .same_dtype("output", args.output, "input", args.input);
  return check.answer();
}

void run(const tn_moe_unpermute_args& args, std::span<std::byte>, ThreadPool& pool) {
  const TensorView input("moe_unpermute", "input", args.input);
  const TensorView row_map("moe_unpermute", "row_map", args.row_map);
  const TensorView weights("moe_unpermute", "expert_weights", args.expert_weights);
  const TensorView residual("moe_unpermute", "residual", args.residual);
  const TensorView output("moe_unpermute", "output", args.output);
  const int64_t width = input.shape(1);
  const int64_t choices = row_map.shape(1);
  if (element_count(args.output) == 0) return;
  pool.parallel_ranges(
      row_map.shape(0), rows_worth_a_thread(width * choices), [&](int64_t begin, int64_t end) {
        std::vector<float> sums(static_cast<size_t>(width));
        std::vector<float> values(static_cast<size_t>(width));
        for (int64_t token = begin; token < end; ++token) {
          std::fill(sums.begin(), sums.end(), 0.0F);
          if (residual.present()) residual.load_row(token, sums.data());
          for (int64_t choice = token * choices; choice < (token + 1) * choices; ++choice) {
            const int32_t row = row_map.index(choice, -1, input.shape(0) - 1);
            if (row < 0) continue;
            input.load_row(row, values.data());
            const float weight = weights.as<const float>()[choice];
            for (size_t i = 0; i < sums.size(); ++i)
              sums[i] += weight * values[i];
          }
          output.store_row(token, sums.data());
        }
      });
}

}  // namespace tenon::cpu_reference
