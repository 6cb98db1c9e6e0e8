#include "tokenizer/post_processor.hpp"

#include <fmt/format.h>

namespace tenon::tok {
namespace {

std::vector<int32_t> special_token_ids(const JsonNode& processor, const JsonNode& part,
                                       const Vocabulary& vocabulary) {
  const JsonNode known = processor.field("special_tokens").field(part.field("id").text());
  std::vector<int32_t> ids;
  for (const JsonNode& node : known.field("ids").items()) {
    const int64_t id = node.integer();
    if (id < 0 || id >= vocabulary.size() || !vocabulary.text(static_cast<int32_t>(id))) {
      node.fail("no token has this id", fmt::format("an id below {}", vocabulary.size()),
                std::to_string(id));
    }
    ids.push_back(static_cast<int32_t>(id));
  }
  return ids;
}

void add_template(const JsonNode& node, const Vocabulary& vocabulary, PostProcessor& result) {
  std::vector<int32_t> before;
  std::vector<int32_t> after;
  bool seen_text = false;
  const JsonNode single = node.field("single");
  for (const JsonNode& part : single.items()) {
    if (const auto special = part.optional_field("SpecialToken")) {
      const auto ids = special_token_ids(node, *special, vocabulary);
      auto& side = seen_text ? after : before;
      side.insert(side.end(), ids.begin(), ids.end());
    } else if (const auto text = part.optional_field("Sequence")) {
      const std::string id = text->field("id").text();
      if (id != "A" || seen_text) text->fail("the text must appear once", "Sequence A, once", id);
      seen_text = true;
    } else {
      part.fail("unknown part of a template", "SpecialToken or Sequence");
    }
  }
  if (!seen_text) single.fail("the text does not appear", "a Sequence with the id A");
  result.before.insert(result.before.begin(), before.begin(), before.end());
  result.after.insert(result.after.end(), after.begin(), after.end());
}

void add(const JsonNode& node, const Vocabulary& vocabulary, PostProcessor& result) {
  const std::string type = node.type();
  if (type == "Sequence") {
    for (const JsonNode& part : node.field("processors").items())
      add(part, vocabulary, result);
  } else if (type == "TemplateProcessing") {
    add_template(node, vocabulary, result);
  } else if (type != "ByteLevel") {  // ByteLevel changes offsets only
    node.fail("unknown type of post-processor", "Sequence, ByteLevel or TemplateProcessing", type);
  }
}

}  // namespace

PostProcessor PostProcessor::read(const std::optional<JsonNode>& node,
                                  const Vocabulary& vocabulary) {
  PostProcessor result;
  if (node) add(*node, vocabulary, result);
  return result;
}

}  // namespace tenon::tok
