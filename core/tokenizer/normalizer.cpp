#include "tokenizer/normalizer.hpp"

#include <fmt/format.h>

#include <utility>

#include "tokenizer/utf8.hpp"

namespace tenon::tok {
namespace {

constexpr std::string_view known_types =
    "Sequence, NFC, NFD, NFKC, NFKD, Prepend, Replace, Lowercase, Strip, StripAccents";

size_t leading_space(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const Utf8Step step = read_utf8(text, at);
    if (!is_white_space(step.value)) break;
    at += step.size;
  }
  return at;
}

size_t end_without_space(std::string_view text) {
  size_t end = text.size();
  while (end > 0) {
    size_t start = end - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80)
      --start;
    if (!is_white_space(read_utf8(text, start).value)) break;
    end = start;
  }
  return end;
}

}  // namespace

Normalizer Normalizer::read(const std::optional<JsonNode>& node) {
  Normalizer normalizer;
  if (node) normalizer.add(*node);
  return normalizer;
}

void Normalizer::add(const JsonNode& node) {
  const std::string type = node.type();
  if (type == "Sequence") {
    for (const JsonNode& part : node.field("normalizers").items())
      add(part);
  } else if (type == "NFC") {
    steps_.emplace_back(Form{NormalForm::nfc});
  } else if (type == "NFD") {
    steps_.emplace_back(Form{NormalForm::nfd});
  } else if (type == "NFKC") {
    steps_.emplace_back(Form{NormalForm::nfkc});
  } else if (type == "NFKD") {
    steps_.emplace_back(Form{NormalForm::nfkd});
  } else if (type == "Prepend") {
    steps_.emplace_back(Prepend{node.field("prepend").text()});
  } else if (type == "Replace") {
    steps_.emplace_back(
        Replace{TextPattern::read(node.field("pattern")), node.field("content").text()});
  } else if (type == "Lowercase") {
    steps_.emplace_back(Lowercase{});
  } else if (type == "Strip") {
    steps_.emplace_back(Strip{node.flag("strip_left", true), node.flag("strip_right", true)});
  } else if (type == "StripAccents") {
    steps_.emplace_back(StripMarks{});
  } else {
    node.fail("unknown type of normalizer", known_types, type);
  }
}

std::string Normalizer::apply(std::string text) const {
  for (const Step& step : steps_) {
    text = std::visit([&](const auto& known) { return run(known, std::move(text)); }, step);
  }
  return text;
}

std::string Normalizer::run(const Form& step, const std::string& text) {
  return unicode_normalize(text, step.form);
}

std::string Normalizer::run(const Prepend& step, const std::string& text) {
  return text.empty() ? text : step.text + text;
}

std::string Normalizer::run(const Replace& step, const std::string& text) {
  return replace_all(text, step.pattern, step.content);
}

std::string Normalizer::run(const Strip& step, std::string text) {
  if (step.right) text.resize(end_without_space(text));
  if (step.left) text.erase(0, leading_space(text));
  return text;
}

std::string Normalizer::run(const Lowercase& /*step*/, const std::string& text) {
  return unicode_lowercase(text);
}

std::string Normalizer::run(const StripMarks& /*step*/, const std::string& text) {
  return without_marks(text);
}

}  // namespace tenon::tok
