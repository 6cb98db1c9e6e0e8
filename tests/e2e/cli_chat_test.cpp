// `tenon chat` with messages from a pipe.
#include "e2e/expectations.hpp"

namespace tenon {
namespace {

// The demo checkpoint with a chat template of its own, or without any.
std::filesystem::path checkpoint(const TemporaryFolder& folder, bool with_template) {
  for (const char* name :
       {"config.json", "generation_config.json", "tokenizer.json", "model.safetensors"}) {
    std::filesystem::create_symlink(demo_model() / name, folder.path() / name);
  }
  folder.file("tokenizer_config.json",
              with_template
                  ? R"({"chat_template": "{% for m in messages %}{{ m.role }}: {{ m.content }}\n)"
                    R"({% endfor %}{% if add_generation_prompt %}assistant:{% endif %}"})"
                  : "{}");
  return folder.path();
}

CommandResult chat(const std::filesystem::path& model, const std::string& lines,
                   std::vector<std::string> flags = {}) {
  flags.insert(flags.begin(), {"chat", "--model", model.string(), "-n", "4"});
  return run_tenon(std::move(flags), lines);
}

long answers(const CommandResult& result) {
  EXPECT_EQ(result.exit_code, 0) << result.err;
  long count = 0;
  for (size_t at = 0; (at = result.err.find("time to first token", at)) != std::string::npos;
       ++at) {
    ++count;
  }
  return count;
}

TEST(CliChat, OneAnswerForEachLine) {
  const TemporaryFolder folder;
  const auto model = checkpoint(folder, true);
  EXPECT_EQ(answers(chat(model, "Hello\n\nHow are you?")), 2);
  EXPECT_EQ(answers(chat(model, "")), 0);
  EXPECT_EQ(answers(chat(model, "Hello\n/exit\nNever asked\n")), 1);
}

TEST(CliChat, ResetForgets) {
  const TemporaryFolder folder;
  const auto model = checkpoint(folder, true);
  const std::string once = chat(model, "Hello\n", {"--quiet"}).out;
  ASSERT_GT(once.size(), 1U);
  EXPECT_EQ(chat(model, "Hello\n/reset\nHello\n", {"--quiet"}).out, once + once);
}

TEST(CliChat, HistoryAndSystemMessageReachTheModel) {
  const TemporaryFolder folder;
  const auto model = checkpoint(folder, true);
  const auto prompt_size = [&](const std::string& lines, std::vector<std::string> flags = {}) {
    const std::string err = chat(model, lines, std::move(flags)).err;
    const size_t at = err.rfind("prompt ");
    return at == std::string::npos ? 0 : std::stoi(err.substr(at + 7));
  };
  const int plain = prompt_size("Hello\n");
  EXPECT_GT(plain, 0);
  EXPECT_GT(prompt_size("Hello\nHello\n"), plain);
  const int with_system = prompt_size("/system Be kind.\nHello\n");
  EXPECT_GT(with_system, plain);
  EXPECT_EQ(prompt_size("Hello\n", {"--system", "Be kind."}), with_system);
  EXPECT_EQ(prompt_size("/system\nHello\n", {"--system", "Be kind."}), plain);
}

TEST(CliChat, UnknownCommandIsNoMessage) {
  const TemporaryFolder folder;
  const CommandResult result = chat(checkpoint(folder, true), "/rest\n");
  EXPECT_EQ(answers(result), 0);
  EXPECT_TRUE(contains(result.err, "unknown command \"/rest\"")) << result.err;
}

TEST(CliChat, NoTemplate) {
  const TemporaryFolder folder;
  const CommandResult result = chat(checkpoint(folder, false), "Hello\n");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(contains(result.err, "no chat template")) << result.err;
  EXPECT_TRUE(contains(result.err, "tenon run --raw")) << result.err;
}

}  // namespace
}  // namespace tenon
