// The `decoder` of tokenizer.json: from token texts back to a text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tokenizer/json_node.hpp"
#include "tokenizer/text_pattern.hpp"

namespace tenon::tok {

// Immutable. A decoder is a few steps on each token, then perhaps bytes to characters, then perhaps
// a strip of the whole text; any other order is refused, because it could not be streamed.
class Decoder {
 public:
  // null: the tokens are joined with spaces. Throws Error{input} for a component that is not known.
  static Decoder read(const std::optional<JsonNode>& node);

 private:
  friend class DecodeRun;

  struct Replace {
    TextPattern pattern;
    std::string content;
  };
  // Up to `start` times `content` at the beginning and up to `stop` times at the end.
  struct Strip {
    std::string content;
    size_t start;
    size_t stop;
  };
  struct Metaspace {
    std::string replacement;
    bool drop_in_first;
  };
  using TokenStep = std::variant<Replace, Strip, Metaspace>;
  enum class Bytes { none, byte_level, fallback };

  void add(const JsonNode& node);
  void add_strip(const JsonNode& node);
  void add_metaspace(const JsonNode& node);
  void set_bytes(const JsonNode& node, Bytes bytes);

  std::string on_token(std::string text, bool first) const;
  static std::string run(const Replace& step, const std::string& text, bool first);
  static std::string run(const Strip& step, std::string text, bool first);
  static std::string run(const Metaspace& step, const std::string& text, bool first);

  std::vector<TokenStep> token_steps_;
  Bytes bytes_ = Bytes::none;
  bool fused_ = false;
  std::optional<Strip> whole_strip_;
  bool join_with_spaces_ = true;
};

// How broken bytes of byte-fallback tokens are replaced.
enum class BrokenBytes {
  whole_run,  // a run of byte tokens that is not UTF-8 becomes one U+FFFD for each byte
  as_found,   // what is whole is given out at once, only the bytes that are broken are replaced
};

// The decoding of one sequence of tokens, front to back. Refers to the decoder.
class DecodeRun {
 public:
  DecodeRun(const Decoder& decoder, BrokenBytes broken) : decoder_(decoder), broken_(broken) {}

  // The text that is certain after this token; never half a character.
  std::string push(std::string_view token);
  // The rest. Nothing may follow.
  std::string finish();

 private:
  void push_byte(char byte, std::string& out);
  void flush_bytes(std::string& out);
  std::string strip_whole(std::string text, bool at_end);

  const Decoder& decoder_;
  BrokenBytes broken_;
  bool first_ = true;
  std::string pending_;         // bytes that are no whole characters yet
  size_t stripped_ = 0;         // at the start of the text
  bool start_is_past_ = false;  // something that stays was given out
  std::string held_;            // what the strip at the end may still take
};

}  // namespace tenon::tok
