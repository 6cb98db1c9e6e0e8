// Token texts and ids, both ways.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokenizer/json_node.hpp"
#include "tokenizer/tokenizer_file.hpp"

namespace tenon::tok {

// A token that is cut out of the text before anything else looks at it.
struct AddedToken {
  std::string text;
  int32_t id;
  bool special;  // dropped by decoding with skip_special
  bool normalized;
  bool lstrip;
  bool rstrip;
  bool single_word;
};

// The model's vocabulary together with the added tokens. Immutable, not copyable: the index
// refers to the texts.
class Vocabulary {
 public:
  // Throws Error{input} for a text or an id that appears twice, and for an added token that
  // contradicts the model's vocabulary.
  explicit Vocabulary(TokenizerFile& file);
  Vocabulary(const Vocabulary&) = delete;
  Vocabulary& operator=(const Vocabulary&) = delete;

  std::optional<int32_t> find(std::string_view text) const;
  // Nothing if no token has this id.
  const std::string* text(int32_t id) const;
  bool is_special(int32_t id) const;
  int32_t size() const { return static_cast<int32_t>(texts_.size()); }  // largest id + 1
  const std::vector<AddedToken>& added() const { return added_; }

 private:
  void take_model(TokenizerFile& file);

  std::vector<std::string> texts_;  // by id
  std::vector<char> known_;         // by id
  std::vector<char> special_;       // by id
  std::unordered_map<std::string_view, int32_t> index_;
  std::vector<AddedToken> added_;
};

}  // namespace tenon::tok
