#include "tokenizer/stream_decoder.hpp"

#include <optional>

#include "tokenizer/tokenizer_parts.hpp"

namespace tenon {

struct StreamDecoder::State {
  std::shared_ptr<const Tokenizer::Parts> parts;
  bool skip_special;
  std::optional<tok::DecodeRun> run;

  void start() { run.emplace(parts->decoder, tok::BrokenBytes::as_found); }
};

StreamDecoder::StreamDecoder(const Tokenizer& tokenizer, bool skip_special)
    : state_(std::make_unique<State>(State{tokenizer.parts_, skip_special, std::nullopt})) {
  state_->start();
}

StreamDecoder::StreamDecoder(StreamDecoder&&) noexcept = default;
StreamDecoder& StreamDecoder::operator=(StreamDecoder&&) noexcept = default;
StreamDecoder::~StreamDecoder() = default;

std::string StreamDecoder::push(int32_t id) {
  const std::string& token = state_->parts->text_of(id);
  if (state_->skip_special && state_->parts->vocabulary.is_special(id)) return {};
  return state_->run->push(token);
}

std::string StreamDecoder::finish() {
  std::string rest = state_->run->finish();
  state_->start();
  return rest;
}

}  // namespace tenon
