// Prompts of Qwen's chat templates, derived by hand from what the templates say.
#include "tokenizer/chat_template.hpp"

#include "fixture.hpp"

namespace tenon {
namespace {

using Messages = std::vector<ChatMessage>;

std::string qwen3_source() {
  return test::read_text(test::data_folder() / "chat/Qwen-Qwen3-0.6B.jinja");
}

ChatTemplate load_jinja(const std::string& source) {
  const test::TemporaryFolder folder;
  folder.write("chat_template.jinja", source);
  return ChatTemplate::load(folder.path()).value();
}

TEST(ChatTemplate, Qwen3UserOnly) {
  const auto chat = load_jinja(qwen3_source());
  const Messages messages = {{"user", "Hi"}};
  EXPECT_EQ(chat.render(messages, true), "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
  EXPECT_EQ(chat.render(messages, false),
            "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n");
}

TEST(ChatTemplate, Qwen3SystemAndUser) {
  const auto chat = load_jinja(qwen3_source());
  EXPECT_EQ(chat.render(Messages{{"system", "Be brief."}, {"user", " Hi\n"}}, true),
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n Hi\n<|im_end|>\n"
            "<|im_start|>assistant\n");
}

TEST(ChatTemplate, Qwen3DropsEarlierThinking) {
  const auto chat = load_jinja(qwen3_source());
  const Messages messages = {
      {"user", "1+1?"}, {"assistant", "<think>\nEasy.\n</think>\n\n2"}, {"user", "And 2+2?"}};
  EXPECT_EQ(chat.render(messages, true),
            "<|im_start|>user\n1+1?<|im_end|>\n<|im_start|>assistant\n2<|im_end|>\n"
            "<|im_start|>user\nAnd 2+2?<|im_end|>\n<|im_start|>assistant\n");
}

// After the last question of the user the thinking stays, in the template's own spacing.
TEST(ChatTemplate, Qwen3KeepsTheThinkingOfTheLastTurn) {
  const auto chat = load_jinja(qwen3_source());
  const Messages messages = {{"user", "1+1?"}, {"assistant", "<think>Easy.</think>2"}};
  EXPECT_EQ(chat.render(messages, true),
            "<|im_start|>user\n1+1?<|im_end|>\n"
            "<|im_start|>assistant\n<think>\nEasy.\n</think>\n\n2<|im_end|>\n"
            "<|im_start|>assistant\n");
}

TEST(ChatTemplate, Qwen25AddsItsOwnSystemMessage) {
  const auto chat =
      load_jinja(test::read_text(test::data_folder() / "chat/Qwen-Qwen2.5-7B-Instruct.jinja"));
  EXPECT_EQ(chat.render(Messages{{"user", "Hi"}}, true),
            "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful "
            "assistant.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
  EXPECT_EQ(
      chat.render(
          Messages{
              {"system", "S"}, {"user", "Hi"}, {"assistant", "<think></think>a"}, {"user", "b"}},
          true),
      "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
      "<|im_start|>assistant\n<think></think>a<|im_end|>\n<|im_start|>user\nb<|im_end|>\n"
      "<|im_start|>assistant\n");
}

TEST(ChatTemplate, IsFoundWhereverCheckpointsKeepIt) {
  const Messages messages = {{"user", "x"}};
  {
    const test::TemporaryFolder folder;
    EXPECT_FALSE(ChatTemplate::load(folder.path()));
    folder.write("tokenizer_config.json", R"({"eos_token": "</s>"})");
    EXPECT_FALSE(ChatTemplate::load(folder.path()));
    folder.write("tokenizer_config.json",
                 R"({"bos_token": {"content": "<s>"}, "chat_template":
                 "{{ bos_token }}1{{ messages[0].content }}"})");
    EXPECT_EQ(ChatTemplate::load(folder.path()).value().render(messages, true), "<s>1x");
    folder.write("chat_template.json", R"({"chat_template": "2{{ messages[0]['content'] }}"})");
    EXPECT_EQ(ChatTemplate::load(folder.path()).value().render(messages, true), "2x");
    folder.write("chat_template.jinja", "3{{ messages[-1].content }}\n");
    EXPECT_EQ(ChatTemplate::load(folder.path()).value().render(messages, true), "3x");
  }
  const test::TemporaryFolder folder;
  folder.write("tokenizer_config.json",
               R"({"chat_template": [{"name": "tool_use", "template": "t"},
                                     {"name": "default", "template": "d"}]})");
  EXPECT_EQ(ChatTemplate::load(folder.path()).value().render(messages, true), "d");
}

TEST(ChatTemplate, MalformedFilesAreRefused) {
  for (const char* text : {"{", "[]", R"({"chat_template": 1})", R"({"chat_template": []})",
                           R"({"chat_template": [{"name": "default"}]})",
                           R"({"chat_template": "a", "bos_token": 1})"}) {
    const test::TemporaryFolder folder;
    folder.write("tokenizer_config.json", text);
    const auto message = test::input_error([&] { ChatTemplate::load(folder.path()); });
    EXPECT_NE(message.find("tokenizer_config.json"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace tenon
