#include "tokenizer/tokenizer.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/error.hpp"
#include "tokenizer/tokenizer_parts.hpp"
#include "tokenizer/utf8.hpp"

namespace tenon {
namespace {

// Refuses a model of another kind before anything else of it is read.
tok::TokenizerFile& require_bpe(tok::TokenizerFile& file) {
  const tok::JsonNode model = file.root().field("model");
  // Files written before 2021 do not name the type.
  if (const auto type = model.optional_field("type"); type && type->text() != "BPE") {
    type->fail("unsupported type of model", "BPE", type->text());
  }
  const tok::JsonNode vocab = model.field("vocab");
  const tok::JsonNode merges = model.field("merges");
  if (!vocab.is_object()) vocab.fail("wrong type", "an object of tokens and ids");
  if (!merges.is_list()) merges.fail("wrong type", "a list of merges");
  if (file.vocab.empty()) vocab.fail("the vocabulary is empty");
  return file;
}

}  // namespace

Tokenizer::Parts::Parts(tok::TokenizerFile file)
    : vocabulary(require_bpe(file)),
      normalizer(tok::Normalizer::read(file.root().optional_field("normalizer"))),
      cutter(vocabulary, normalizer),
      pre_tokenizer(tok::PreTokenizer::read(file.root().optional_field("pre_tokenizer"))),
      model(file, vocabulary),
      post_processor(
          tok::PostProcessor::read(file.root().optional_field("post_processor"), vocabulary)),
      decoder(tok::Decoder::read(file.root().optional_field("decoder"))) {}

const std::string& Tokenizer::Parts::text_of(int32_t id) const {
  const std::string* text = vocabulary.text(id);
  if (!text) {
    fail_input("tokenizer", "no token has this id",
               fmt::format("an id of the vocabulary (0 to {})", vocabulary.size() - 1),
               std::to_string(id));
  }
  return *text;
}

Tokenizer Tokenizer::load(const std::filesystem::path& tokenizer_json) {
  return Tokenizer(std::make_shared<const Parts>(tok::read_tokenizer_file(tokenizer_json)));
}

std::vector<int32_t> Tokenizer::encode(std::string_view text, bool add_special) const {
  if (const auto bad = tok::first_invalid_utf8(text)) {
    fail_input("text to encode", fmt::format("not valid UTF-8 at byte {}", *bad), "UTF-8",
               fmt::format("the byte 0x{:02X}", static_cast<unsigned char>(text[*bad])));
  }
  tok::PreTokenized cut = parts_->cutter.cut(text);
  parts_->pre_tokenizer.apply(cut);
  std::vector<int32_t> ids;
  if (add_special) ids = parts_->post_processor.before;
  tok::BpeEncoder encoder(parts_->model);
  for (const tok::Piece& piece : cut.pieces) {
    if (piece.token != tok::Piece::no_token) {
      ids.push_back(piece.token);
    } else {
      encoder.encode(std::string_view(cut.text).substr(piece.begin, piece.end - piece.begin), ids);
    }
  }
  if (add_special) {
    const auto& after = parts_->post_processor.after;
    ids.insert(ids.end(), after.begin(), after.end());
  }
  return ids;
}

std::string Tokenizer::decode(std::span<const int32_t> ids, bool skip_special) const {
  tok::DecodeRun run(parts_->decoder, tok::BrokenBytes::whole_run);
  std::string text;
  for (const int32_t id : ids) {
    const std::string& token = parts_->text_of(id);
    if (skip_special && parts_->vocabulary.is_special(id)) continue;
    text += run.push(token);
  }
  return text + run.finish();
}

std::optional<int32_t> Tokenizer::find(std::string_view token) const {
  return parts_->vocabulary.find(token);
}

std::optional<std::string_view> Tokenizer::token(int32_t id) const {
  const std::string* text = parts_->vocabulary.text(id);
  if (!text) return std::nullopt;
  return *text;
}

bool Tokenizer::is_special(int32_t id) const {
  return parts_->vocabulary.is_special(id);
}

int32_t Tokenizer::size() const {
  return parts_->vocabulary.size();
}

}  // namespace tenon
