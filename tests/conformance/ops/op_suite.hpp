// What a file of this folder offers for its op: cases from which the generic tests are made.
#pragma once

#include <tenon/device_api.h>

#include <functional>
#include <string_view>
#include <vector>

#include "numeric/random.hpp"
#include "ops/op_case.hpp"

namespace tenon::conformance {

// What cases depend on.
struct Grid {
  uint32_t activation = TN_DTYPE_F32;  // the device's preferred_activation_dtype
  int64_t kv_block_multiple = 1;
  int64_t kv_block_maximum = 0;  // 0: none
  size_t world = 1;              // ranks of a collective
  bool full = false;
  uint64_t seed = 1;  // of the values; names, shapes and attributes do not depend on it

  // The preferred dtype first.
  std::vector<uint32_t> activations() const;
  // `wanted` rounded up to a block size that the device takes.
  int64_t block_size(int64_t wanted) const;
};

using Cases = std::vector<OpCase>;

struct OpSuite {
  uint64_t profile = TN_PROFILE_DENSE;
  // Every form of the op at least once, with the shapes at which kernels go wrong.
  std::function<Cases(const Grid&)> canonical{};
  // One drawn case.
  std::function<OpCase(const Grid&, Random&)> draw{};
  // The op over no rows, in each form that has rows.
  std::function<Cases(const Grid&)> zero_rows{};
  // Operands whose leading dimensions may be strided.
  std::vector<std::string_view> strided{};

  // Empty where the op has no such rule.
  std::function<Cases(const Grid&)> bad_index{};
  std::function<Cases(const Grid&)> not_read{};  // poison in everything that is not read
  std::function<Cases(const Grid&)> written_as_zero{};
  std::function<Cases(const Grid&)> ties{};
};

// One function for each line TN_OP of ops.def. An op without a file here leaves its function
// undefined, and the suite does not link.
#define TN_OP(id, name, op_class, since_major, since_minor) const OpSuite& name##_suite();
#include <tenon/ops.def>

// The part of copy_cast that the core profile holds: both dtypes equal.
const OpSuite& copy_cast_of_equal_dtypes_suite();

struct NamedSuite {
  const OpInfo* op;
  std::string_view name;
  const OpSuite& (*suite)();
};
// In the order of ops.def.
const std::vector<NamedSuite>& op_suites();

// The same case with `gap` elements between the rows of every operand that may be strided.
OpCase with_gaps(const OpCase& original, const OpSuite& suite, int64_t gap);

}  // namespace tenon::conformance
