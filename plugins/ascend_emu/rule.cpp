#include "ascend_emu/rule.hpp"

#include <algorithm>

#include "ops/check.hpp"
#include "text.hpp"

namespace tenon::ascend_emu {

using cpu_reference::dtype_name;
using cpu_reference::joined;

Rule& Rule::that(bool holds, std::string_view what, std::string_view expected,
                 std::string_view found) {
  if (holds || !refusal_.empty()) return *this;
  refusal_ = joined({"[", op_, "] ", api_, ": ", what, "; expected ", expected, "; found ", found});
  return *this;
}

Rule& Rule::at_most(std::string_view what, std::int64_t value, std::int64_t limit) {
  if (value <= limit) return *this;
  return that(false, what, joined({"at most ", std::to_string(limit)}), std::to_string(value));
}

Rule& Rule::absent(std::string_view what, const tn_tensor& tensor) {
  if (tensor.dtype == TN_DTYPE_NONE) return *this;
  return that(false, what, "none", dtype_name(tensor.dtype));
}

Rule& Rule::type_of(std::string_view name, const tn_tensor& tensor,
                    std::initializer_list<tn_dtype> allowed) {
  if (tensor.dtype == TN_DTYPE_NONE) return *this;
  const auto is_allowed = [&](tn_dtype dtype) {
    return tensor.dtype == static_cast<std::uint32_t>(dtype);
  };
  if (std::any_of(allowed.begin(), allowed.end(), is_allowed)) return *this;
  std::string names;
  for (const tn_dtype dtype : allowed) {
    // A demand such as "x's dtype or f32" names f32 twice when x is f32.
    const std::string name_of = dtype_name(static_cast<std::uint32_t>(dtype));
    if (names.find(name_of) == std::string::npos) names += (names.empty() ? "" : " or ") + name_of;
  }
  return that(false, joined({name, "'s dtype is not one of this op's"}), names,
              dtype_name(tensor.dtype));
}

}  // namespace tenon::ascend_emu
