// Cuts the added tokens out of a text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/aho_corasick.hpp"
#include "tokenizer/normalizer.hpp"
#include "tokenizer/pre_tokenizer.hpp"
#include "tokenizer/vocabulary.hpp"

namespace tenon::tok {

// Immutable. Tokens with normalized=false are looked for in the text as written; the others,
// normalized themselves, in what the normalizer made of the rest.
class AddedTokenCutter {
 public:
  // Refers to both for its whole life.
  AddedTokenCutter(const Vocabulary& vocabulary, const Normalizer& normalizer);

  // The normalized text, cut into added tokens and the rest. `text` must be valid UTF-8.
  PreTokenized cut(std::string_view text) const;

 private:
  struct Finder {
    std::vector<const AddedToken*> tokens;
    std::optional<AhoCorasick> automaton;  // none without tokens
  };
  struct Cut {
    size_t begin;
    size_t end;
    const AddedToken* token;  // null: ordinary text
  };

  static Finder make_finder(std::vector<std::pair<std::string, const AddedToken*>> patterns);
  static std::vector<Cut> find(const Finder& finder, std::string_view text);

  const Normalizer& normalizer_;
  Finder as_written_;
  Finder normalized_;
};

}  // namespace tenon::tok
