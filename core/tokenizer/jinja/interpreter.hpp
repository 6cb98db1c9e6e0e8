// Runs a chat template. Only what is known to mean the same as in Jinja is run; the rest is
// refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tokenizer/jinja/syntax.hpp"
#include "tokenizer/jinja/value.hpp"

namespace tenon::jinja {

// The text that the template makes of the variables. Throws Error{input} that names `file`, the
// line and what is not supported, what the template itself raises, or that it ran more than
// `most_steps` statements: a long chat takes some thousands.
std::string render(const std::vector<Node>& nodes, Map variables, const std::string& file,
                   int64_t most_steps = 400'000);

// The functions behind `value | name(...)`, `value is name(...)` and `value.name(...)`.
// Each throws through fail_template for a name or an argument it does not know.
struct CallSite {
  const std::string& file;
  int line;
  const std::string& name;
};
Value apply_filter(const CallSite& site, const Value& value, const List& arguments,
                   const Map& named);
bool apply_test(const CallSite& site, const Value& value, const List& arguments);
Value call_method(const CallSite& site, const Value& value, const List& arguments);

// `left name right` of two values; `and` and `or` are not among them.
Value apply_operator(const CallSite& site, const Value& left, const Value& right);

// The most that a template may write or join.
inline constexpr size_t longest_text = size_t{1} << 26;

// As print and ~ write it. Throws for lists and mappings.
std::string to_text(const CallSite& site, const Value& value);

}  // namespace tenon::jinja
