#include "tokenizer/vocabulary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"

namespace tenon::tok {
namespace {

std::string vocab_place(const std::string& file, std::string_view token) {
  return fmt::format("{}: model.vocab[\"{}\"]", file, token);
}

AddedToken read_added_token(const JsonNode& node) {
  AddedToken token;
  token.text = node.field("content").text();
  const JsonNode id = node.field("id");
  const int64_t value = id.integer();
  if (value < 0 || value > max_token_id) {
    id.fail("not a token id", fmt::format("an integer from 0 to {}", max_token_id),
            std::to_string(value));
  }
  if (token.text.empty()) node.field("content").fail("an added token must not be empty");
  token.id = static_cast<int32_t>(value);
  token.special = node.flag("special", false);
  token.normalized = node.flag("normalized", !token.special);
  token.lstrip = node.flag("lstrip", false);
  token.rstrip = node.flag("rstrip", false);
  token.single_word = node.flag("single_word", false);
  return token;
}

}  // namespace

Vocabulary::Vocabulary(TokenizerFile& file) {
  const JsonNode root = file.root();
  std::vector<JsonNode> nodes;
  if (const auto list = root.optional_field("added_tokens")) nodes = list->items();
  int32_t largest = -1;
  for (const VocabEntry& entry : file.vocab)
    largest = std::max(largest, entry.id);
  for (const JsonNode& node : nodes) {
    added_.push_back(read_added_token(node));
    largest = std::max(largest, added_.back().id);
  }
  const auto count = static_cast<size_t>(largest + 1);
  texts_.resize(count);
  known_.resize(count);
  special_.resize(count);
  index_.reserve(file.vocab.size() + added_.size());
  take_model(file);
  for (size_t i = 0; i < added_.size(); ++i) {
    const AddedToken& token = added_[i];
    const auto id = static_cast<size_t>(token.id);
    const auto other = find(token.text);
    if (other && *other != token.id) {
      nodes[i].fail(fmt::format("the token \"{}\" has another id elsewhere", token.text),
                    std::to_string(*other), std::to_string(token.id));
    }
    if (known_[id] && texts_[id] != token.text) {
      nodes[i].fail(fmt::format("the id {} belongs to two tokens", token.id),
                    '"' + texts_[id] + '"', '"' + token.text + '"');
    }
    if (!known_[id]) texts_[id] = token.text;
    known_[id] = 1;
    special_[id] = token.special ? 1 : 0;
    index_.emplace(texts_[id], token.id);
  }
}

void Vocabulary::take_model(TokenizerFile& file) {
  for (VocabEntry& entry : file.vocab) {
    const auto id = static_cast<size_t>(entry.id);
    if (known_[id]) {
      fail_input(vocab_place(file.name, entry.text),
                 fmt::format("the id {} belongs to two tokens", entry.id), "",
                 fmt::format("\"{}\" has it too", texts_[id]));
    }
    known_[id] = 1;
    texts_[id] = std::move(entry.text);
    if (!index_.emplace(texts_[id], entry.id).second) {
      fail_input(vocab_place(file.name, texts_[id]), "the token appears twice");
    }
  }
  file.vocab.clear();
}

std::optional<int32_t> Vocabulary::find(std::string_view text) const {
  const auto found = index_.find(text);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

const std::string* Vocabulary::text(int32_t id) const {
  const bool inside = id >= 0 && id < size() && known_[static_cast<size_t>(id)];
  return inside ? &texts_[static_cast<size_t>(id)] : nullptr;
}

bool Vocabulary::is_special(int32_t id) const {
  return id >= 0 && id < size() && special_[static_cast<size_t>(id)];
}

}  // namespace tenon::tok
