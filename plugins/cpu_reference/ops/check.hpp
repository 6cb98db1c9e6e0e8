// The vocabulary in which each op's query states what it demands.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <tenon/types.h>
#include <tenon/plugin/support.hpp>

namespace tenon::cpu_reference {

// A set of dtypes: bit d for dtype d.
using DtypeSet = uint32_t;
constexpr DtypeSet only(tn_dtype dtype) {
  return 1U << dtype;
}
inline constexpr DtypeSet float_types =
    only(TN_DTYPE_F32) | only(TN_DTYPE_F16) | only(TN_DTYPE_BF16);
inline constexpr DtypeSet every_type =
    float_types | only(TN_DTYPE_I8) | only(TN_DTYPE_I32) | only(TN_DTYPE_I64) | only(TN_DTYPE_U8);

enum class Strides {
  contiguous,  // no gaps
  rows,        // the last dimension contiguous, the leading ones as they like
  any
};

enum class Access { read, write };

// What one dimension must be: anything, or a number with the words that say where it comes from.
struct Dim {
  int64_t size = -1;
  const char* meaning = "";
};
inline constexpr Dim any_size{};

// Collects demands on one op's arguments; the first that fails is the answer, and later ones are
// skipped. A demand on an absent optional operand holds.
class Check {
 public:
  Check(const char* op, uint32_t flags);

  // A tensor of these dimensions. `types` are the dtypes allowed.
  Check& tensor(const char* name, const tn_tensor& tensor, std::initializer_list<Dim> dims,
                DtypeSet types, Strides strides, Access access = Access::read);
  Check& optional_tensor(const char* name, const tn_tensor& tensor, std::initializer_list<Dim> dims,
                         DtypeSet types, Strides strides);
  // A tensor of any rank in [low, high].
  Check& ranked_tensor(const char* name, const tn_tensor& tensor, uint32_t low, uint32_t high,
                       DtypeSet types, Strides strides, Access access = Access::read);
  // The same for a tensor in any layout this backend knows; the blocked ones need rank 2 and the
  // strides of a contiguous tensor.
  Check& laid_out_tensor(const char* name, const tn_tensor& tensor, uint32_t low, uint32_t high,
                         DtypeSet types, Strides strides, Access access = Access::read);
  Check& same_shape(const char* name, const tn_tensor& tensor, const char* other_name,
                    const tn_tensor& other);
  Check& same_dtype(const char* name, const tn_tensor& tensor, const char* other_name,
                    const tn_tensor& other);
  Check& absent(const char* name, const tn_tensor& tensor, const char* because);

  // An attribute in [low, high].
  Check& attribute(const char* name, int64_t value, int64_t low, int64_t high);
  Check& finite(const char* name, double value);
  Check& reserved(uint64_t value);  // a field that version 1.0 keeps at 0
  Check& that(bool holds, std::string_view what, std::string_view expected, std::string_view found);

  bool failed() const { return failed_; }
  plugin::Support answer(uint64_t workspace_bytes = 0, bool capturable = true) const;

 private:
  using Pieces = std::initializer_list<std::string_view>;  // of a text; put together when refusing

  void refuse(Pieces what, Pieces expected, Pieces found);
  void storage(const char* name, const tn_tensor& tensor, DtypeSet types);
  void row_major(const char* name, const tn_tensor& tensor, Strides strides, Access access);
  void blocked(const char* name, const tn_tensor& tensor);

  const char* op_;
  bool failed_ = false;
  std::string reason_;
};

std::string dtype_name(uint32_t dtype);

// No gaps in a row-major tensor; strides of dimensions of size 1 do not count.
bool is_contiguous(const tn_tensor& tensor);

}  // namespace tenon::cpu_reference
