#include "tokenizer/added_tokens.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <utility>

#include "tokenizer/utf8.hpp"

namespace tenon::tok {
namespace {

size_t start_of_character_before(std::string_view text, size_t end) {
  size_t start = end - 1;
  while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80)
    --start;
  return start;
}

// \w of Rust's regular expressions, up to the few symbols that Unicode counts as alphabetic.
bool is_word_character(std::string_view text, size_t at) {
  const char32_t value = read_utf8(text, at).value;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(value))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_PC:
      return true;
    default:
      return value == 0x200C || value == 0x200D;
  }
}

bool stands_alone(std::string_view text, size_t begin, size_t end) {
  if (begin > 0 && is_word_character(text, start_of_character_before(text, begin))) return false;
  return end == text.size() || !is_word_character(text, end);
}

size_t skip_space_back(std::string_view text, size_t from, size_t stop) {
  while (from > stop) {
    const size_t start = start_of_character_before(text, from);
    if (start < stop || !is_white_space(read_utf8(text, start).value)) break;
    from = start;
  }
  return from;
}

size_t skip_space(std::string_view text, size_t from) {
  while (from < text.size()) {
    const Utf8Step step = read_utf8(text, from);
    if (!is_white_space(step.value)) break;
    from += step.size;
  }
  return from;
}

}  // namespace

AddedTokenCutter::AddedTokenCutter(const Vocabulary& vocabulary, const Normalizer& normalizer)
    : normalizer_(normalizer) {
  std::vector<std::pair<std::string, const AddedToken*>> as_written;
  std::vector<std::pair<std::string, const AddedToken*>> normalized;
  for (const AddedToken& token : vocabulary.added()) {
    if (token.normalized) {
      normalized.emplace_back(normalizer.apply(token.text), &token);
    } else {
      as_written.emplace_back(token.text, &token);
    }
  }
  as_written_ = make_finder(std::move(as_written));
  normalized_ = make_finder(std::move(normalized));
}

AddedTokenCutter::Finder AddedTokenCutter::make_finder(
    std::vector<std::pair<std::string, const AddedToken*>> patterns) {
  // A normalizer may leave nothing of a token; such a token can never be found.
  std::erase_if(patterns, [](const auto& pattern) { return pattern.first.empty(); });
  Finder finder;
  if (patterns.empty()) return finder;
  std::vector<std::string_view> texts;
  for (const auto& [text, token] : patterns) {
    texts.push_back(text);
    finder.tokens.push_back(token);
  }
  finder.automaton.emplace(texts);
  return finder;
}

std::vector<AddedTokenCutter::Cut> AddedTokenCutter::find(const Finder& finder,
                                                          std::string_view text) {
  std::vector<Cut> cuts;
  size_t done = 0;
  size_t from = 0;
  while (finder.automaton && from < text.size()) {
    const auto match = finder.automaton->find(text, from);
    if (!match) break;
    from = match->end;
    const AddedToken& token = *finder.tokens[match->pattern];
    size_t begin = match->begin;
    size_t end = match->end;
    // A token that begins in the space that the one before it took is gone, too.
    if (begin < done) begin = done;
    if (end <= done) continue;
    if (token.single_word && !stands_alone(text, match->begin, end)) continue;
    if (token.lstrip) begin = skip_space_back(text, begin, done);
    if (token.rstrip) end = skip_space(text, end);
    if (done < begin) cuts.push_back({done, begin, nullptr});
    cuts.push_back({begin, end, &token});
    done = end;
  }
  if (done < text.size()) cuts.push_back({done, text.size(), nullptr});
  return cuts;
}

PreTokenized AddedTokenCutter::cut(std::string_view text) const {
  PreTokenized result;
  result.text.reserve(text.size() + text.size() / 4);
  const auto append = [&](std::string_view part, const AddedToken* token) {
    const size_t begin = result.text.size();
    result.text.append(part);
    result.pieces.push_back({begin, result.text.size(), token ? token->id : Piece::no_token});
  };
  for (const Cut& outer : find(as_written_, text)) {
    const std::string_view part = text.substr(outer.begin, outer.end - outer.begin);
    if (outer.token) {
      append(part, outer.token);
      continue;
    }
    const std::string normal = normalizer_.apply(std::string(part));
    for (const Cut& inner : find(normalized_, normal)) {
      append(std::string_view(normal).substr(inner.begin, inner.end - inner.begin), inner.token);
    }
  }
  return result;
}

}  // namespace tenon::tok
