// What a Tokenizer is made of; for this folder only.
#pragma once

#include "tokenizer/added_tokens.hpp"
#include "tokenizer/bpe.hpp"
#include "tokenizer/decoder.hpp"
#include "tokenizer/normalizer.hpp"
#include "tokenizer/post_processor.hpp"
#include "tokenizer/pre_tokenizer.hpp"
#include "tokenizer/tokenizer.hpp"
#include "tokenizer/tokenizer_file.hpp"
#include "tokenizer/vocabulary.hpp"

namespace tenon {

struct Tokenizer::Parts {
  explicit Parts(tok::TokenizerFile file);

  // The token's text; throws Error{input} for an id that no token has.
  const std::string& text_of(int32_t id) const;

  tok::Vocabulary vocabulary;
  tok::Normalizer normalizer;
  tok::AddedTokenCutter cutter;  // refers to the two above
  tok::PreTokenizer pre_tokenizer;
  tok::Bpe model;  // refers to the vocabulary
  tok::PostProcessor post_processor;
  tok::Decoder decoder;
};

}  // namespace tenon
