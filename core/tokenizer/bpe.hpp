// Byte-pair encoding: the `model` of tokenizer.json.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokenizer/json_node.hpp"
#include "tokenizer/merge_queue.hpp"
#include "tokenizer/pair_map.hpp"
#include "tokenizer/tokenizer_file.hpp"
#include "tokenizer/vocabulary.hpp"

namespace tenon::tok {

// Immutable. Merges are applied in the order of their rank, of equal ones the leftmost first
// (Sennrich et al. 2016).
class Bpe {
 public:
  // Refers to `vocabulary` for its whole life; consumes file.merges. Throws Error{input} for an
  // option that is not supported and for a merge that names a token that is not there.
  Bpe(TokenizerFile& file, const Vocabulary& vocabulary);

 private:
  friend class BpeEncoder;

  struct Merge {
    int32_t left;
    int32_t right;
    int32_t result;
  };

  void read_options(const JsonNode& model);
  void read_merges(TokenizerFile& file);
  void find_joinable();
  int32_t character(std::string_view text) const;

  const Vocabulary& vocabulary_;
  int32_t unknown_ = -1;  // -1: none
  bool fuse_unknown_ = false;
  bool byte_fallback_ = false;
  bool ignore_merges_ = false;
  std::array<int32_t, 256> bytes_{};       // the tokens <0x00>...<0xFF>; -1: not there
  std::vector<int32_t> small_characters_;  // tokens of the characters below U+0800
  std::vector<Merge> merges_;              // by rank
  PairMap ranks_{0};
  // Pairs of characters across which some merge reaches; elsewhere a text may be cut.
  PairMap joinable_{0};
  bool may_cut_ = false;
};

// One call's scratch memory. A piece that appeared before in the same call is not encoded again.
class BpeEncoder {
 public:
  explicit BpeEncoder(const Bpe& model) : model_(model) {}

  // Appends the ids of `piece` (valid UTF-8) to `out`, always the same vector, to which nobody but
  // the caller of this encoder appends; the bytes of `piece` must outlive the encoder.
  // Time: near-linear in the length of the piece. Throws Error{input} for a character that the
  // vocabulary cannot express.
  void encode(std::string_view piece, std::vector<int32_t>& out);

 private:
  struct Symbol {
    int32_t id;
    uint32_t previous;
    uint32_t next;
    uint32_t rank;  // of merging it with the next one
  };
  struct Range {
    size_t begin;
    size_t count;
  };

  void encode_new(std::string_view piece, std::vector<int32_t>& out);
  void split_into_symbols(std::string_view piece);
  bool push_bytes(std::string_view character);
  void push_unknown(std::string_view piece, size_t at);
  void merge(const int32_t* begin, const int32_t* end, std::vector<int32_t>& out);
  void push_merge(uint32_t place);
  void apply_merge(uint32_t place);

  const Bpe& model_;
  std::vector<int32_t> ids_;
  bool unknown_pending_ = false;
  std::vector<Symbol> symbols_;
  MergeQueue queue_;
  std::unordered_map<std::string_view, Range> seen_;
};

}  // namespace tenon::tok
