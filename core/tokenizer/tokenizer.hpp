// Text to token ids and back, as Hugging Face's tokenizer.json of the BPE families says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

// Immutable; copies share their contents and are cheap. All const methods may be called from any
// thread at once.
class Tokenizer {
 public:
  // Reads a tokenizer.json. Throws Error{input} that names the file and the place in it for
  // anything malformed, inconsistent, or of a kind that is not supported.
  static Tokenizer load(const std::filesystem::path& tokenizer_json);

  // The ids of `text`, taken byte for byte. Added tokens ("<|im_end|>") are recognised in it.
  // With `add_special` the post-processor's tokens (BOS and the like) are put around it.
  // Time is near-linear in the length. Throws Error{input} if `text` is not UTF-8 (with the byte
  // offset) or holds a character that the vocabulary cannot express.
  std::vector<int32_t> encode(std::string_view text, bool add_special) const;

  // The text of `ids`, always valid UTF-8: bytes that form no character become U+FFFD.
  // `skip_special` leaves out the tokens with "special": true. Throws Error{input} for an id that
  // no token has.
  std::string decode(std::span<const int32_t> ids, bool skip_special) const;

  // The id of a token given as it is written in the file, for example "<|im_end|>" or "Ġthe".
  std::optional<int32_t> find(std::string_view token) const;
  // The other way; nothing if no token has this id. The view lives as long as the tokenizer.
  std::optional<std::string_view> token(int32_t id) const;
  bool is_special(int32_t id) const;
  int32_t size() const;  // largest id + 1

 private:
  friend class StreamDecoder;
  struct Parts;
  explicit Tokenizer(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
  std::shared_ptr<const Parts> parts_;
};

}  // namespace tenon
