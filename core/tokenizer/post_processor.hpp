// The `post_processor` of tokenizer.json: the special tokens around a single text.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tokenizer/json_node.hpp"
#include "tokenizer/vocabulary.hpp"

namespace tenon::tok {

struct PostProcessor {
  std::vector<int32_t> before;
  std::vector<int32_t> after;

  // null: nothing is added. Throws Error{input} for a component that is not known.
  static PostProcessor read(const std::optional<JsonNode>& node, const Vocabulary& vocabulary);
};

}  // namespace tenon::tok
