// output[i] = table[token_ids[i] - first_id], converted; with zero_outside an id outside
// [first_id, first_id + V) gives a row of zeros.
#include <algorithm>
#include <cstring>
#include <vector>

#include "ops/check.hpp"
#include "ops/kernels.hpp"
#include "tensor_view.hpp"

namespace tenon::cpu_reference {

Support query(const tn_embedding_args& args) {
  Check check("embedding", args.flags);
  check.tensor("table", args.table, {any_size, any_size}, float_types, Strides::rows)
      .tensor("token_ids", args.token_ids, {any_size}, only(TN_DTYPE_I32), Strides::contiguous)
      .tensor(
          "output", args.output,
          {{args.token_ids.shape[0], "token_ids' first"}, {args.table.shape[1], "table's second"}},
          float_types, Strides::rows, Access::write)
      .attribute("zero_outside", args.zero_outside, 0, 1);
  return check.answer();
}

void run(const tn_embedding_args& args, std::span<std::byte>, ThreadPool& pool) {
  const TensorView table("embedding", "table", args.table);
  const TensorView ids("embedding", "token_ids", args.token_ids);
  const TensorView output("embedding", "output", args.output);
  const int64_t width = table.shape(1);
  if (ids.shape(0) == 0 || width == 0) return;

  pool.parallel_ranges(ids.shape(0), rows_worth_a_thread(width), [&](int64_t begin, int64_t end) {
    std::vector<float> values(static_cast<size_t>(width));
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = int64_t{ids.as<const int32_t>()[i]} - args.first_id;
      const bool inside = row >= 0 && row < table.shape(0);
      if (!inside && args.zero_outside == 0) {
        ids.refuse_index(i, args.first_id, args.first_id + table.shape(0) - 1, row + args.first_id);
      }
      if (inside && table.dtype() == output.dtype()) {
        std::memcpy(output.address(i * output.stride(0)), table.address(row * table.stride(0)),
                    static_cast<size_t>(width * item_size(table.dtype())));
        continue;
      }
      std::fill(values.begin(), values.end(), 0.0F);
      if (inside) table.load_row(row, values.data());
      output.store_row(i, values.data());
    }
  });
}

}  // namespace tenon::cpu_reference
