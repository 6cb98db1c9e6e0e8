// From messages to the prompt that a chat model was trained on.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace tenon {

struct ChatMessage {
  std::string role;  // "system", "user", "assistant"
  std::string content;
};

// Immutable; copies share their contents. Thread-safe.
class ChatTemplate {
 public:
  // Nothing if the checkpoint has none. Looks at chat_template.jinja, chat_template.json and
  // tokenizer_config.json, in this order. Throws Error{input} for a malformed file, and for a
  // template that uses a statement that is not supported.
  static std::optional<ChatTemplate> load(const std::filesystem::path& checkpoint_folder);

  // The prompt that ends where the assistant's turn begins. Encode it without adding special
  // tokens: a template that wants them writes them itself. `enable_thinking` is the template's
  // variable of this name. Throws Error{input} for what the template does and Tenon does not know,
  // and for messages that the template refuses.
  std::string render(std::span<const ChatMessage> messages, bool enable_thinking) const;

 private:
  struct Parts;
  explicit ChatTemplate(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
  std::shared_ptr<const Parts> parts_;
};

}  // namespace tenon
