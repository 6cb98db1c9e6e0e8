#include "tokenizer/decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tokenizer/byte_level.hpp"
#include "tokenizer/utf8.hpp"

namespace tenon::tok {
namespace {

constexpr std::string_view known_types =
    "Sequence, ByteLevel, Replace, ByteFallback, Fuse, Strip or Metaspace";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte that a token of the form <0xXX> stands for.
std::optional<char> fallback_byte(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return std::nullopt;
  const int high = hex_digit(token[3]);
  const int low = hex_digit(token[4]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

void append_replacements(std::string& out, size_t count) {
  for (size_t i = 0; i < count; ++i)
    out.append(replacement_character);
}

size_t repeats_at_end(std::string_view text, std::string_view content, size_t most) {
  size_t count = 0;
  while (count < most && text.ends_with(content)) {
    text.remove_suffix(content.size());
    ++count;
  }
  return count;
}

}  // namespace

Decoder Decoder::read(const std::optional<JsonNode>& node) {
  Decoder decoder;
  if (node) {
    decoder.join_with_spaces_ = false;
    decoder.add(*node);
  }
  return decoder;
}

void Decoder::add(const JsonNode& node) {
  const std::string type = node.type();
  const auto require_token_step = [&] {
    if (bytes_ != Bytes::none || fused_) node.fail("this step cannot follow the ones before it");
  };
  if (type == "Sequence") {
    for (const JsonNode& part : node.field("decoders").items())
      add(part);
  } else if (type == "ByteLevel") {
    set_bytes(node, Bytes::byte_level);
  } else if (type == "ByteFallback") {
    set_bytes(node, Bytes::fallback);
  } else if (type == "Fuse") {
    fused_ = true;
  } else if (type == "Replace") {
    require_token_step();
    token_steps_.emplace_back(
        Replace{TextPattern::read(node.field("pattern")), node.field("content").text()});
  } else if (type == "Strip") {
    add_strip(node);
  } else if (type == "Metaspace") {
    require_token_step();
    add_metaspace(node);
  } else {
    node.fail("unknown type of decoder", known_types, type);
  }
}

void Decoder::set_bytes(const JsonNode& node, Bytes bytes) {
  if (bytes_ != Bytes::none || fused_) node.fail("this step cannot follow the ones before it");
  bytes_ = bytes;
}

void Decoder::add_strip(const JsonNode& node) {
  const auto count = [&](std::string_view name) {
    const JsonNode field = node.field(name);
    const int64_t value = field.integer();
    if (value < 0) field.fail("must not be negative", "", std::to_string(value));
    return static_cast<size_t>(value);
  };
  const JsonNode content = node.field("content");
  const Strip strip{content.text(), count("start"), count("stop")};
  if (strip.content.empty() || read_utf8(strip.content, 0).size != strip.content.size()) {
    content.fail("not one character", "one character", '"' + strip.content + '"');
  }
  if (fused_ || bytes_ == Bytes::byte_level) {
    if (whole_strip_) node.fail("only one Strip may follow Fuse");
    whole_strip_ = strip;
  } else if (bytes_ == Bytes::none) {
    token_steps_.emplace_back(strip);
  } else {
    node.fail("this step cannot follow the ones before it", "Fuse between ByteFallback and Strip");
  }
}

void Decoder::add_metaspace(const JsonNode& node) {
  bool drop = node.flag("add_prefix_space", true);
  if (const auto scheme = node.optional_field("prepend_scheme")) drop = scheme->text() != "never";
  token_steps_.emplace_back(Metaspace{node.field("replacement").text(), drop});
}

std::string Decoder::on_token(std::string text, bool first) const {
  for (const TokenStep& step : token_steps_) {
    text = std::visit([&](const auto& known) { return run(known, std::move(text), first); }, step);
  }
  return text;
}

std::string Decoder::run(const Replace& step, const std::string& text, bool /*first*/) {
  return replace_all(text, step.pattern, step.content);
}

std::string Decoder::run(const Strip& step, std::string text, bool /*first*/) {
  text.resize(text.size() - repeats_at_end(text, step.content, step.stop) * step.content.size());
  for (size_t i = 0; i < step.start && text.starts_with(step.content); ++i) {
    text.erase(0, step.content.size());
  }
  return text;
}

std::string Decoder::run(const Metaspace& step, const std::string& text, bool first) {
  const bool drop = first && step.drop_in_first;
  return replace_all(text, TextPattern::literal(step.replacement), drop ? "" : " ");
}

std::string DecodeRun::push(std::string_view token) {
  std::string out;
  if (decoder_.join_with_spaces_ && !first_) out.push_back(' ');
  const std::string text = decoder_.on_token(std::string(token), first_);
  first_ = false;
  if (decoder_.bytes_ == Decoder::Bytes::byte_level) {
    append_from_byte_level(pending_, text);
    pending_.erase(0, append_lossy(out, pending_, false));
  } else if (const auto byte =
                 decoder_.bytes_ == Decoder::Bytes::fallback ? fallback_byte(text) : std::nullopt) {
    push_byte(*byte, out);
  } else {
    flush_bytes(out);
    out.append(text);
  }
  return strip_whole(std::move(out), false);
}

void DecodeRun::push_byte(char byte, std::string& out) {
  pending_.push_back(byte);
  if (broken_ == BrokenBytes::whole_run) return;
  while (!pending_.empty()) {
    const Utf8Step step = read_utf8(pending_, 0);
    if (step.status == Utf8Status::incomplete) return;
    if (step.status == Utf8Status::complete) {
      out.append(pending_, 0, step.size);
    } else {
      append_replacements(out, step.size);
    }
    pending_.erase(0, step.size);
  }
}

void DecodeRun::flush_bytes(std::string& out) {
  if (first_invalid_utf8(pending_)) {
    append_replacements(out, pending_.size());
  } else {
    out.append(pending_);
  }
  pending_.clear();
}

std::string DecodeRun::finish() {
  std::string out;
  if (decoder_.bytes_ == Decoder::Bytes::byte_level) {
    append_lossy(out, pending_, true);
    pending_.clear();
  } else {
    flush_bytes(out);
  }
  return strip_whole(std::move(out), true);
}

std::string DecodeRun::strip_whole(std::string text, bool at_end) {
  if (!decoder_.whole_strip_) return text;
  const Decoder::Strip& strip = *decoder_.whole_strip_;
  while (!start_is_past_ && !text.empty()) {
    start_is_past_ = stripped_ == strip.start || !text.starts_with(strip.content);
    if (start_is_past_) break;
    text.erase(0, strip.content.size());
    ++stripped_;
  }
  text.insert(0, held_);
  const size_t kept = repeats_at_end(text, strip.content, strip.stop) * strip.content.size();
  held_ = text.substr(text.size() - kept);
  text.resize(text.size() - kept);
  if (at_end) held_.clear();
  return text;
}

}  // namespace tenon::tok
