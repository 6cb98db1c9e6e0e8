// Decoding while tokens arrive one by one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tokenizer/tokenizer.hpp"

namespace tenon {

// Gives out text as soon as it is certain and never half a UTF-8 character. All pieces joined equal
// Tokenizer::decode of all ids, except that broken runs of byte-fallback tokens lose only their
// broken bytes to U+FFFD, where decode replaces the whole run. One thread at a time; shares the
// tokenizer's contents, so the tokenizer itself may go.
class StreamDecoder {
 public:
  StreamDecoder(const Tokenizer& tokenizer, bool skip_special);
  StreamDecoder(StreamDecoder&&) noexcept;
  StreamDecoder& operator=(StreamDecoder&&) noexcept;
  ~StreamDecoder();

  // What this token makes certain; may be empty. Throws Error{input} for an id that no token has.
  std::string push(int32_t id);
  // What is left, incomplete characters as U+FFFD. Afterwards the object is as new.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tenon
