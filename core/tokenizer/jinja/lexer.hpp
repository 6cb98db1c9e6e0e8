// Cuts a Jinja template into text and the tokens of its tags.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::jinja {

enum class TokenKind {
  data,
  name,
  text,
  integer,
  symbol,
  block_begin,
  block_end,
  print_begin,
  print_end,
  end
};

struct Token {
  TokenKind kind;
  std::string text;  // of data, name, text (unescaped) and symbol
  int64_t number;
  int line;
};

// With trim_blocks and lstrip_blocks, as Hugging Face sets Jinja up. `file` names the template in
// messages. The last token is `end`. Throws Error{input}.
std::vector<Token> read_tokens(std::string_view source, const std::string& file);

// Throws Error{input} "[file:line] the chat template ...", with the advice to use --raw.
[[noreturn]] void fail_template(const std::string& file, int line, std::string_view what);

}  // namespace tenon::jinja
