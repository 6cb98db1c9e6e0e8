#include "tokenizer/bpe.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/error.hpp"
#include "tokenizer/utf8.hpp"

namespace tenon::tok {
namespace {

constexpr char32_t small_characters = 0x800;

void require_empty(const JsonNode& model, std::string_view name) {
  const auto node = model.optional_field(name);
  if (node && !node->text().empty()) {
    node->fail("not supported", "null or \"\"", '"' + node->text() + '"');
  }
}

std::string_view first_character(std::string_view text) {
  return text.substr(0, read_utf8(text, 0).size);
}

std::string_view last_character(std::string_view text) {
  size_t start = text.size() - 1;
  while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80)
    --start;
  return text.substr(start);
}

}  // namespace

Bpe::Bpe(TokenizerFile& file, const Vocabulary& vocabulary) : vocabulary_(vocabulary) {
  read_options(file.root().field("model"));
  small_characters_.resize(small_characters);
  for (char32_t value = 0; value < small_characters; ++value) {
    std::string text;
    append_utf8(text, value);
    small_characters_[value] = vocabulary.find(text).value_or(-1);
  }
  for (size_t byte = 0; byte < bytes_.size(); ++byte) {
    bytes_[byte] =
        byte_fallback_ ? vocabulary.find(fmt::format("<0x{:02X}>", byte)).value_or(-1) : -1;
  }
  read_merges(file);
  find_joinable();
}

void Bpe::read_options(const JsonNode& model) {
  if (const auto dropout = model.optional_field("dropout")) {
    dropout->fail("not supported: encoding would be random", "null");
  }
  require_empty(model, "continuing_subword_prefix");
  require_empty(model, "end_of_word_suffix");
  fuse_unknown_ = model.flag("fuse_unk", false);
  byte_fallback_ = model.flag("byte_fallback", false);
  ignore_merges_ = model.flag("ignore_merges", false);
  if (const auto unknown = model.optional_field("unk_token")) {
    const auto id = vocabulary_.find(unknown->text());
    if (!id) unknown->fail("no such token in the vocabulary", "", '"' + unknown->text() + '"');
    unknown_ = *id;
  }
}

void Bpe::read_merges(TokenizerFile& file) {
  ranks_ = PairMap(file.merges.size());
  merges_.reserve(file.merges.size());
  std::string joined;
  for (size_t rank = 0; rank < file.merges.size(); ++rank) {
    const MergeEntry& entry = file.merges[rank];
    const auto id_of = [&](std::string_view token) {
      const auto id = vocabulary_.find(token);
      if (!id || token.empty()) {
        fail_input(fmt::format("{}: model.merges[{}]", file.name, rank),
                   "the merge names a token that is not in the vocabulary", "",
                   fmt::format("\"{}\" in the merge of \"{}\" and \"{}\"", token, entry.left,
                               entry.right));
      }
      return *id;
    };
    joined.assign(entry.left).append(entry.right);
    const Merge merge{id_of(entry.left), id_of(entry.right), id_of(joined)};
    ranks_.set(merge.left, merge.right, static_cast<uint32_t>(rank));
    merges_.push_back(merge);
  }
  file.merges.clear();
  file.merges.shrink_to_fit();
}

int32_t Bpe::character(std::string_view text) const {
  const char32_t value = read_utf8(text, 0).value;
  if (value < small_characters) return small_characters_[value];
  return vocabulary_.find(text).value_or(-1);
}

void Bpe::find_joinable() {
  joinable_ = PairMap(merges_.size());
  may_cut_ = true;
  const auto is_byte = [&](int32_t id) {
    const std::string& text = *vocabulary_.text(id);
    return byte_fallback_ && text.size() == 6 && text.starts_with("<0x") && text.back() == '>';
  };
  for (const Merge& merge : merges_) {
    // The ends of such a token are not characters of its text.
    if (merge.left == unknown_ || merge.right == unknown_ || is_byte(merge.left) ||
        is_byte(merge.right)) {
      may_cut_ = false;
      return;
    }
    const int32_t left = character(last_character(*vocabulary_.text(merge.left)));
    const int32_t right = character(first_character(*vocabulary_.text(merge.right)));
    if (left >= 0 && right >= 0) joinable_.set(left, right, 1);
  }
}

void BpeEncoder::encode(std::string_view piece, std::vector<int32_t>& out) {
  constexpr size_t longest_kept = 128;
  constexpr size_t most_kept = 1U << 17;
  if (piece.empty()) return;
  if (piece.size() > longest_kept) return encode_new(piece, out);
  const auto found = seen_.find(piece);
  if (found != seen_.end()) {
    const Range range = found->second;
    for (size_t i = 0; i < range.count; ++i) {
      const int32_t id = out[range.begin + i];
      out.push_back(id);
    }
    return;
  }
  const size_t begin = out.size();
  encode_new(piece, out);
  if (seen_.size() < most_kept) seen_.emplace(piece, Range{begin, out.size() - begin});
}

void BpeEncoder::encode_new(std::string_view piece, std::vector<int32_t>& out) {
  if (model_.ignore_merges_) {
    if (const auto id = model_.vocabulary_.find(piece)) {
      out.push_back(*id);
      return;
    }
  }
  if (piece.size() > UINT32_MAX / 2) {
    fail_input("tokenizer", "the text is too long to be encoded at once", "at most 2 GiB",
               fmt::format("{} bytes", piece.size()));
  }
  split_into_symbols(piece);
  const int32_t* const end = ids_.data() + ids_.size();
  const int32_t* begin = ids_.data();
  while (begin != end) {
    const int32_t* stop = begin + 1;
    while (stop != end &&
           (!model_.may_cut_ || model_.joinable_.get(stop[-1], *stop) != PairMap::absent)) {
      ++stop;
    }
    merge(begin, stop, out);
    begin = stop;
  }
}

void BpeEncoder::split_into_symbols(std::string_view piece) {
  ids_.clear();
  unknown_pending_ = false;
  for (size_t at = 0; at < piece.size();) {
    const Utf8Step step = read_utf8(piece, at);
    const std::string_view character = piece.substr(at, step.size);
    const int32_t id = model_.character(character);
    if (id >= 0) {
      if (unknown_pending_) ids_.push_back(model_.unknown_);
      unknown_pending_ = false;
      ids_.push_back(id);
    } else if (!push_bytes(character)) {
      push_unknown(piece, at);
    }
    at += step.size;
  }
  if (unknown_pending_) ids_.push_back(model_.unknown_);
}

bool BpeEncoder::push_bytes(std::string_view character) {
  for (const char byte : character) {
    if (model_.bytes_[static_cast<unsigned char>(byte)] < 0) return false;
  }
  for (const char byte : character) {
    ids_.push_back(model_.bytes_[static_cast<unsigned char>(byte)]);
  }
  return true;
}

void BpeEncoder::push_unknown(std::string_view piece, size_t at) {
  if (model_.unknown_ < 0) {
    const auto value = static_cast<uint32_t>(read_utf8(piece, at).value);
    fail_input("tokenizer", "the vocabulary has no token for a character of the text",
               "a vocabulary with all bytes, or unk_token", fmt::format("U+{:04X}", value));
  }
  if (unknown_pending_ && !model_.fuse_unknown_) ids_.push_back(model_.unknown_);
  unknown_pending_ = true;
}

void BpeEncoder::push_merge(uint32_t place) {
  Symbol& symbol = symbols_[place];
  symbol.rank = symbol.next == UINT32_MAX ? PairMap::absent
                                          : model_.ranks_.get(symbol.id, symbols_[symbol.next].id);
  if (symbol.rank != PairMap::absent) queue_.push(symbol.rank, place);
}

void BpeEncoder::apply_merge(uint32_t place) {
  Symbol& symbol = symbols_[place];
  symbol.id = model_.merges_[symbol.rank].result;
  symbols_[symbol.next].rank = PairMap::absent;  // gone: its waiting merges are void
  symbol.next = symbols_[symbol.next].next;
  if (symbol.next != UINT32_MAX) symbols_[symbol.next].previous = place;
  push_merge(place);
  if (symbol.previous != UINT32_MAX) push_merge(symbol.previous);
}

void BpeEncoder::merge(const int32_t* begin, const int32_t* end, std::vector<int32_t>& out) {
  const auto count = static_cast<uint32_t>(end - begin);
  if (count == 1) {
    out.push_back(*begin);
    return;
  }
  symbols_.clear();
  for (uint32_t i = 0; i < count; ++i) {
    symbols_.push_back({begin[i], i - 1, i + 1 < count ? i + 1 : UINT32_MAX, PairMap::absent});
  }
  queue_.start(count, model_.merges_.size());
  for (uint32_t i = 0; i + 1 < count; ++i)
    push_merge(i);
  while (const auto next = queue_.pop()) {
    if (symbols_[next->place].rank == next->rank) apply_merge(next->place);
  }
  for (uint32_t at = 0; at != UINT32_MAX; at = symbols_[at].next)
    out.push_back(symbols_[at].id);
}

}  // namespace tenon::tok
