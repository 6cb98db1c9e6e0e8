#include "tenon/text_codec.hpp"

#include "tenon/configuration.hpp"

namespace tenon {

TextCodec TextCodec::open(const Deployment& deployment) {
  const ResolvedConfiguration configuration = resolve_configuration(deployment, true);
  apply_log_configuration(configuration);
  return TextCodec(std::make_shared<const State>(
      State{Tokenizer::load(configuration.values.model.path / "tokenizer.json")}));
}

std::vector<int32_t> TextCodec::encode(std::string_view text, bool special) const {
  return state_->tokenizer.encode(text, special);
}

std::string TextCodec::decode(std::span<const int32_t> ids, bool special) const {
  return state_->tokenizer.decode(ids, !special);
}

}  // namespace tenon
