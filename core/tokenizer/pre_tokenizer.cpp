#include "tokenizer/pre_tokenizer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "tokenizer/byte_level.hpp"

namespace tenon::tok {
namespace {

constexpr std::string_view known_types =
    "Sequence, Split, ByteLevel, Digits, Metaspace, Whitespace, WhitespaceSplit, Punctuation";

constexpr std::string_view gpt2_pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
// Rust's \w, which is wider than Oniguruma's.
constexpr std::string_view words_pattern =
    R"([\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\s]+)";

SplitBehaviour read_behaviour(const JsonNode& node) {
  constexpr std::array<std::pair<std::string_view, SplitBehaviour>, 5> known = {{
      {"Removed", SplitBehaviour::removed},
      {"Isolated", SplitBehaviour::isolated},
      {"MergedWithPrevious", SplitBehaviour::merged_with_previous},
      {"MergedWithNext", SplitBehaviour::merged_with_next},
      {"Contiguous", SplitBehaviour::contiguous},
  }};
  const std::string name = node.text();
  for (const auto& [text, behaviour] : known) {
    if (text == name) return behaviour;
  }
  node.fail("unknown behaviour",
            "Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous", name);
}

// Joins neighbours in place; `joins(previous, part)` says whether `part` continues its neighbour.
template <class Joins>
void join_parts(std::vector<Part>& parts, Joins&& joins) {
  size_t kept = 0;
  bool previous_match = false;
  for (const Part& part : parts) {
    if (kept > 0 && joins(previous_match, part.is_match)) {
      parts[kept - 1].begin = std::min(parts[kept - 1].begin, part.begin);
      parts[kept - 1].end = std::max(parts[kept - 1].end, part.end);
    } else {
      parts[kept++] = part;
    }
    previous_match = part.is_match;
  }
  parts.resize(kept);
}

void apply_behaviour(std::vector<Part>& parts, SplitBehaviour behaviour) {
  const auto follows = [](bool previous, bool current) { return current && !previous; };
  switch (behaviour) {
    case SplitBehaviour::isolated:
      return;
    case SplitBehaviour::removed:
      std::erase_if(parts, [](const Part& part) { return part.is_match; });
      return;
    case SplitBehaviour::contiguous:
      join_parts(parts, [](bool previous, bool current) { return previous == current; });
      return;
    case SplitBehaviour::merged_with_previous:
      join_parts(parts, follows);
      return;
    case SplitBehaviour::merged_with_next:
      std::reverse(parts.begin(), parts.end());
      join_parts(parts, follows);
      std::reverse(parts.begin(), parts.end());
      return;
  }
}

// Writes the text anew; `write(out, piece text, piece)` appends what a piece becomes.
template <class Write>
void rewrite(PreTokenized& text, size_t expected_size, Write&& write) {
  std::string out;
  out.reserve(expected_size);
  for (Piece& piece : text.pieces) {
    const std::string_view old =
        std::string_view(text.text).substr(piece.begin, piece.end - piece.begin);
    const size_t begin = out.size();
    if (piece.token == Piece::no_token) {
      write(out, old, piece);
    } else {
      out.append(old);
    }
    piece.begin = begin;
    piece.end = out.size();
  }
  text.text = std::move(out);
}

}  // namespace

PreTokenizer PreTokenizer::read(const std::optional<JsonNode>& node) {
  PreTokenizer pre_tokenizer;
  if (node) pre_tokenizer.add(*node);
  return pre_tokenizer;
}

void PreTokenizer::add(const JsonNode& node) {
  const std::string type = node.type();
  if (type == "Sequence") {
    for (const JsonNode& part : node.field("pretokenizers").items())
      add(part);
  } else if (type == "Split") {
    steps_.emplace_back(Split{TextPattern::read(node.field("pattern")),
                              read_behaviour(node.field("behavior")), node.flag("invert", false)});
  } else if (type == "ByteLevel") {
    add_byte_level(node);
  } else if (type == "Digits") {
    const bool alone = node.flag("individual_digits", false);
    add_split(R"(\p{N})", alone ? SplitBehaviour::isolated : SplitBehaviour::contiguous, false);
  } else if (type == "Metaspace") {
    add_metaspace(node);
  } else if (type == "Whitespace") {
    add_split(words_pattern, SplitBehaviour::removed, true);
  } else if (type == "WhitespaceSplit") {
    add_split(R"(\s)", SplitBehaviour::removed, false);
  } else if (type == "Punctuation") {
    const auto behaviour = node.optional_field("behavior");
    add_split(R"([\p{P}$+<=>\^`|~])",
              behaviour ? read_behaviour(*behaviour) : SplitBehaviour::isolated, false);
  } else {
    node.fail("unknown type of pre-tokenizer", known_types, type);
  }
}

void PreTokenizer::add_byte_level(const JsonNode& node) {
  if (node.flag("add_prefix_space", true)) steps_.emplace_back(PrefixSpace{});
  if (node.flag("use_regex", true)) add_split(gpt2_pattern, SplitBehaviour::isolated, false);
  steps_.emplace_back(ByteMap{});
}

void PreTokenizer::add_metaspace(const JsonNode& node) {
  const std::string replacement = node.field("replacement").text();
  PrependScheme scheme = PrependScheme::always;
  if (const auto written = node.optional_field("prepend_scheme")) {
    const std::string name = written->text();
    if (name == "never") {
      scheme = PrependScheme::never;
    } else if (name == "first") {
      scheme = PrependScheme::first;
    } else if (name != "always") {
      written->fail("unknown scheme", "never, first or always", name);
    }
  } else if (!node.flag("add_prefix_space", true)) {
    scheme = PrependScheme::never;
  }
  if (replacement.empty()) node.field("replacement").fail("the text is empty");
  steps_.emplace_back(Metaspace{replacement, scheme});
  if (node.flag("split", true)) {
    steps_.emplace_back(
        Split{TextPattern::literal(replacement), SplitBehaviour::merged_with_next, false});
  }
}

void PreTokenizer::add_split(std::string_view regex, SplitBehaviour behaviour, bool invert) {
  steps_.emplace_back(
      Split{TextPattern::regex(regex, "pre-tokenizer's own pattern"), behaviour, invert});
}

void PreTokenizer::apply(PreTokenized& text) const {
  for (const Step& step : steps_) {
    std::visit([&](const auto& known) { run(known, text); }, step);
  }
}

void PreTokenizer::run(const Split& step, PreTokenized& text) {
  TextPattern::Finder finder(step.pattern);
  std::vector<Piece> pieces;
  std::vector<Part> parts;
  for (const Piece& piece : text.pieces) {
    if (piece.token != Piece::no_token) {
      pieces.push_back(piece);
      continue;
    }
    finder.split(std::string_view(text.text).substr(piece.begin, piece.end - piece.begin), parts);
    if (step.invert) {
      for (Part& part : parts)
        part.is_match = !part.is_match;
    }
    apply_behaviour(parts, step.behaviour);
    for (const Part& part : parts) {
      if (part.begin == part.end) continue;
      pieces.push_back({piece.begin + part.begin, piece.begin + part.end, Piece::no_token});
    }
  }
  text.pieces = std::move(pieces);
}

void PreTokenizer::run(const PrefixSpace& /*step*/, PreTokenized& text) {
  rewrite(text, text.text.size() + text.pieces.size(),
          [](std::string& out, std::string_view old, const Piece& /*piece*/) {
            if (!old.starts_with(' ')) out.push_back(' ');
            out.append(old);
          });
}

void PreTokenizer::run(const ByteMap& /*step*/, PreTokenized& text) {
  rewrite(text, text.text.size() + text.text.size() / 4,
          [](std::string& out, std::string_view old, const Piece& /*piece*/) {
            append_byte_level(out, old);
          });
}

void PreTokenizer::run(const Metaspace& step, PreTokenized& text) {
  rewrite(text, text.text.size() + text.text.size() / 2,
          [&](std::string& out, std::string_view old, const Piece& piece) {
            const bool wanted = step.scheme == PrependScheme::always ||
                                (step.scheme == PrependScheme::first && piece.begin == 0);
            if (wanted && !old.starts_with(' ') && !old.starts_with(step.replacement)) {
              out.append(step.replacement);
            }
            for (const char c : old) {
              if (c == ' ') {
                out.append(step.replacement);
              } else {
                out.push_back(c);
              }
            }
          });
}

}  // namespace tenon::tok
