// How a rule of Ascend's is stated, and what it says when it is broken.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <tenon/types.h>

namespace tenon::ascend_emu {

inline tn_dtype dtype_of(const tn_tensor& tensor) {
  return static_cast<tn_dtype>(tensor.dtype);
}

// The demands of one Ascend op. The first that does not hold is the answer; later ones are skipped.
// Demands on an absent tensor hold.
class Rule {
 public:
  // `op` as ops.def names it, `api` as Ascend does; both for the text, both static.
  Rule(const char* op, const char* api) : op_(op), api_(api) {}

  Rule& that(bool holds, std::string_view what, std::string_view expected, std::string_view found);
  Rule& at_most(std::string_view what, std::int64_t value, std::int64_t limit);
  Rule& absent(std::string_view what, const tn_tensor& tensor);
  Rule& type_of(std::string_view name, const tn_tensor& tensor,
                std::initializer_list<tn_dtype> allowed);

  // "" when every demand holds, else "[op] api: what; expected ...; found ...".
  const std::string& refusal() const { return refusal_; }

 private:
  const char* op_;
  const char* api_;
  std::string refusal_;
};

}  // namespace tenon::ascend_emu
