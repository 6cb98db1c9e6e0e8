#include "tokenizer/chat_template.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/mapped_file.hpp"
#include "tokenizer/jinja/interpreter.hpp"
#include "tokenizer/json_node.hpp"
#include "tokenizer/utf8.hpp"

namespace tenon {

struct ChatTemplate::Parts {
  std::string file;
  std::vector<jinja::Node> nodes;
  jinja::Map variables;  // bos_token and the like
};

namespace {

struct Source {
  std::string file;
  std::string text;
};

std::string read_text(const std::filesystem::path& path) {
  const MappedFile mapped(path);
  std::string text(reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size());
  if (const auto bad = tok::first_invalid_utf8(text)) {
    fail_input(path.string(), fmt::format("not valid UTF-8 at byte {}", *bad));
  }
  return text;
}

nlohmann::json read_json(const std::filesystem::path& path) {
  try {
    return nlohmann::json::parse(read_text(path));
  } catch (const nlohmann::json::exception& error) {
    fail_input(path.string(), "not valid JSON", "", error.what());
  }
}

// The field chat_template: a text, or a list of named ones of which "default" counts.
std::optional<Source> find_template(const nlohmann::json& tree, const std::filesystem::path& path) {
  const auto field = tok::JsonNode(tree, path.string(), "").optional_field("chat_template");
  if (!field) return std::nullopt;
  if (field->is_text()) return Source{path.string(), field->text()};
  for (const tok::JsonNode& entry : field->items()) {
    if (entry.field("name").text() == "default") {
      return Source{path.string(), entry.field("template").text()};
    }
  }
  field->fail("no default chat template", "an entry with the name \"default\"");
}

std::optional<Source> find_source(const std::filesystem::path& folder) {
  const auto jinja_file = folder / "chat_template.jinja";
  if (exists(jinja_file)) return Source{jinja_file.string(), read_text(jinja_file)};
  for (const char* name : {"chat_template.json", "tokenizer_config.json"}) {
    const auto path = folder / name;
    if (!exists(path)) continue;
    const nlohmann::json tree = read_json(path);
    if (auto source = find_template(tree, path)) return source;
  }
  return std::nullopt;
}

// The special tokens that Hugging Face passes to templates by name.
jinja::Map special_tokens(const std::filesystem::path& folder) {
  jinja::Map variables;
  const auto path = folder / "tokenizer_config.json";
  if (!exists(path)) return variables;
  const nlohmann::json tree = read_json(path);
  const tok::JsonNode root(tree, path.string(), "");
  for (const char* name : {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token",
                           "cls_token", "mask_token"}) {
    const auto field = root.optional_field(name);
    if (!field) continue;
    variables[name] = field->is_text() ? field->text() : field->field("content").text();
  }
  return variables;
}

}  // namespace

std::optional<ChatTemplate> ChatTemplate::load(const std::filesystem::path& checkpoint_folder) {
  const auto source = find_source(checkpoint_folder);
  if (!source) return std::nullopt;
  auto parts = std::make_shared<Parts>();
  parts->file = source->file;
  parts->nodes = jinja::parse_template(source->text, source->file);
  parts->variables = special_tokens(checkpoint_folder);
  return ChatTemplate(std::move(parts));
}

std::string ChatTemplate::render(std::span<const ChatMessage> messages,
                                 bool enable_thinking) const {
  jinja::List list;
  for (const ChatMessage& message : messages) {
    list.push_back(jinja::Value::map({{"role", message.role}, {"content", message.content}}));
  }
  jinja::Map variables = parts_->variables;
  variables["messages"] = jinja::Value::list(std::move(list));
  variables["tools"] = jinja::None{};
  variables["documents"] = jinja::None{};
  variables["add_generation_prompt"] = true;
  variables["enable_thinking"] = enable_thinking;
  return jinja::render(parts_->nodes, std::move(variables), parts_->file);
}

}  // namespace tenon
