// The `normalizer` of tokenizer.json.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tokenizer/json_node.hpp"
#include "tokenizer/text_pattern.hpp"
#include "tokenizer/unicode_normalize.hpp"

namespace tenon::tok {

// Immutable; a Sequence is flattened.
class Normalizer {
 public:
  // null: the text is left as it is. Throws Error{input} for a component that is not known.
  static Normalizer read(const std::optional<JsonNode>& node);

  // `text` must be valid UTF-8.
  std::string apply(std::string text) const;

 private:
  struct Form {
    NormalForm form;
  };
  struct Prepend {
    std::string text;
  };
  struct Replace {
    TextPattern pattern;
    std::string content;
  };
  struct Strip {
    bool left;
    bool right;
  };
  struct Lowercase {};
  struct StripMarks {};
  using Step = std::variant<Form, Prepend, Replace, Strip, Lowercase, StripMarks>;

  void add(const JsonNode& node);

  static std::string run(const Form& step, const std::string& text);
  static std::string run(const Prepend& step, const std::string& text);
  static std::string run(const Replace& step, const std::string& text);
  static std::string run(const Strip& step, std::string text);
  static std::string run(const Lowercase& step, const std::string& text);
  static std::string run(const StripMarks& step, const std::string& text);

  std::vector<Step> steps_;
};

}  // namespace tenon::tok
