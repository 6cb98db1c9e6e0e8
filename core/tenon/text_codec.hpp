// What TextCodec holds: the tokenizer of a checkpoint folder.
#pragma once

#include <tenon/tenon.hpp>

#include "tokenizer/tokenizer.hpp"

namespace tenon {

struct TextCodec::State {
  Tokenizer tokenizer;
};

}  // namespace tenon
