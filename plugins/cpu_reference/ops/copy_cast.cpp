// output = input, converted: the only op that changes dtype or layout. Exact; f32 -> f16 and bf16
// round to nearest even; the same dtype on both sides copies bits.
#include <cstring>

#include "ops/check.hpp"
#include "ops/kernels.hpp"
#include "ops/layouts.hpp"
#include "tensor_view.hpp"
#include "text.hpp"

namespace tenon::cpu_reference {
namespace {

bool is_cast(uint32_t from, uint32_t to) {
  const auto is_float = [](uint32_t dtype) {
    return dtype <= TN_DTYPE_U8 && ((float_types >> dtype) & 1U) != 0;
  };
  return from == to || (is_float(from) && is_float(to)) ||
         (from == TN_DTYPE_I32 && to == TN_DTYPE_F32);
}

// One row, element by element, each side at its own place.
template <typename From, typename To, typename Convert>
void copy_row(const Unaligned<From>* from, const RowPlace& from_place, Unaligned<To>* to,
              const RowPlace& to_place, int64_t count, Convert&& convert) {
  // Chunks are powers of two or whole rows, so the smaller of two never crosses a border.
  const int64_t chunk = std::min(from_place.chunk, to_place.chunk);
  for (int64_t n = 0; n < count; n += chunk) {
    const auto* source = from + from_place.at(n);
    auto* target = to + to_place.at(n);
    const int64_t some = std::min(chunk, count - n);
    for (int64_t i = 0; i < some; ++i)
      target[i] = convert(source[i].value);
  }
}

template <typename From, typename To, typename Convert>
void copy_rows(const TensorView& input, const TensorView& output, const tn_copy_cast_args& args,
               ThreadPool& pool, Convert&& convert) {
  const int64_t width = input.last_shape();
  pool.parallel_for(
      input.row_count(),
      [&](int64_t row) {
        copy_row(input.as<const From>(), place_of_row(args.input, row), output.as<To>(),
                 place_of_row(args.output, row), width, convert);
      },
      rows_worth_a_thread(width));
}

template <typename Word>
void copy_bits(const TensorView& input, const TensorView& output, const tn_copy_cast_args& args,
               ThreadPool& pool) {
  copy_rows<Word, Word>(input, output, args, pool, [](Word from) { return from; });
}

}  // namespace

Support query(const tn_copy_cast_args& args) {
  Check check("copy_cast", args.flags);
  const DtypeSet types = float_types | only(TN_DTYPE_I8) | only(TN_DTYPE_I32);
  check.laid_out_tensor("input", args.input, 1, TN_MAX_RANK, types, Strides::any)
      .laid_out_tensor("output", args.output, 1, TN_MAX_RANK, types, Strides::any, Access::write)
      .same_shape("output", args.output, "input", args.input)
      .that(is_cast(args.input.dtype, args.output.dtype), "this cast does not exist",
            "float to float, i32 to f32, or the same dtype",
            joined({dtype_name(args.input.dtype), " to ", dtype_name(args.output.dtype)}));
  return check.answer(0, args.input.layout == args.output.layout);
}

void run(const tn_copy_cast_args& args, std::span<std::byte>, ThreadPool& pool) {
  const TensorView input("copy_cast", "input", args.input);
  const TensorView output("copy_cast", "output", args.output);
  if (element_count(args.input) == 0) return;
  if (args.output.layout != TN_LAYOUT_ROW_MAJOR) {
    std::memset(output.address(0), 0, blocked_storage_bytes(args.output));
  }
  if (input.dtype() == output.dtype()) {
    switch (item_size(input.dtype())) {
      case 1:
        return copy_bits<uint8_t>(input, output, args, pool);
      case 2:
        return copy_bits<uint16_t>(input, output, args, pool);
      default:
        return copy_bits<uint32_t>(input, output, args, pool);
    }
  }
  if (input.dtype() == TN_DTYPE_I32) {
    return copy_rows<int32_t, float>(input, output, args, pool,
                                     [](int32_t from) { return static_cast<float>(from); });
  }
  visit_float_type(input.dtype(), [&](auto from_type) {
    visit_float_type(output.dtype(), [&](auto to_type) {
      using From = decltype(from_type);
      using To = decltype(to_type);
      copy_rows<From, To>(input, output, args, pool, [](From from) {
        To to{};
        round_to(to_float(from), to);
        return to;
      });
    });
  });
}

}  // namespace tenon::cpu_reference
