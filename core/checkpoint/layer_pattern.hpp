// A target or an exception in compressed-tensors' lists: "Linear" (every linear), a layer's full
// name, or "re:" and a Python regular expression that matches from the name's start.
#pragma once

#include <memory>
#include <string>

namespace tenon {

// Immutable; copies share the compiled expression.
class LayerPattern {
 public:
  // `where` names the list in messages. Throws Error{input} for a malformed expression.
  LayerPattern(const std::string& text, const std::string& where);
  bool matches(const std::string& layer) const;

 private:
  struct Expression;
  std::string name_;  // "" for an expression
  std::shared_ptr<const Expression> expression_;
};

}  // namespace tenon
