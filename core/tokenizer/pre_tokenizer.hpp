// The `pre_tokenizer` of tokenizer.json: cuts a normalized text into pieces that the model then
// treats one by one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tokenizer/json_node.hpp"
#include "tokenizer/text_pattern.hpp"

namespace tenon::tok {

// A part of PreTokenized::text; `token` is the id of an added token, or no_token.
struct Piece {
  static constexpr int32_t no_token = -1;
  size_t begin;
  size_t end;
  int32_t token;
};

struct PreTokenized {
  std::string text;
  std::vector<Piece> pieces;  // in order, not overlapping
};

enum class SplitBehaviour { removed, isolated, merged_with_previous, merged_with_next, contiguous };

// Immutable; a Sequence is flattened.
class PreTokenizer {
 public:
  // null: the pieces stay as they are. Throws Error{input} for a component that is not known.
  static PreTokenizer read(const std::optional<JsonNode>& node);

  // Pieces that are added tokens are left alone.
  void apply(PreTokenized& text) const;

 private:
  struct Split {
    TextPattern pattern;
    SplitBehaviour behaviour;
    bool invert;
  };
  // A space before each piece that has none.
  struct PrefixSpace {};
  // Bytes to the characters of GPT-2's alphabet.
  struct ByteMap {};
  enum class PrependScheme { never, first, always };
  // Spaces to `replacement`, and one before a piece that has none.
  struct Metaspace {
    std::string replacement;
    PrependScheme scheme;
  };
  using Step = std::variant<Split, PrefixSpace, ByteMap, Metaspace>;

  void add(const JsonNode& node);
  void add_byte_level(const JsonNode& node);
  void add_metaspace(const JsonNode& node);
  void add_split(std::string_view regex, SplitBehaviour behaviour, bool invert);

  static void run(const Split& step, PreTokenized& text);
  static void run(const PrefixSpace& step, PreTokenized& text);
  static void run(const ByteMap& step, PreTokenized& text);
  static void run(const Metaspace& step, PreTokenized& text);

  std::vector<Step> steps_;
};

}  // namespace tenon::tok
