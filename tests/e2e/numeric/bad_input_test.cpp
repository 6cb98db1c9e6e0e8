// Mistakes of the user's that only a loaded model can find: each gets a sentence and the way out.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "model_testing.hpp"

namespace tenon::bad_input_test {
namespace {

// The error that `call` throws.
template <typename Call>
std::string input_error(Call call, ErrorKind kind = ErrorKind::input) {
  try {
    call();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), kind) << e.what();
    return e.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

void expect_contains(const std::string& text, std::initializer_list<const char*> parts) {
  for (const char* part : parts)
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

// A copy of a small checkpoint whose config.json has one piece replaced.
class Changed {
 public:
  Changed(const char* model, const std::string& from, const std::string& to)
      : folder_(std::filesystem::temp_directory_path() /
                ("tenon-changed-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::copy(tests_data() / "models" / model, folder_);
    std::filesystem::permissions(folder_ / "config.json", std::filesystem::perms::owner_all);
    std::string config = read_text(folder_ / "config.json");
    const size_t at = config.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    config.replace(at, from.size(), to);
    std::ofstream(folder_ / "config.json") << config;
  }
  ~Changed() { std::filesystem::remove_all(folder_); }
  Changed(const Changed&) = delete;
  Changed& operator=(const Changed&) = delete;
  std::string error() const {
    return input_error([&] { Session::open(deployment_of(folder_)); });
  }

 private:
  std::filesystem::path folder_;
};

TEST(BadPrompt, EmptyTooLongOrNotText) {
  Session session = Session::open(deployment_of(demo_checkpoint(), {"engine.context=64"}));
  const GenerateOptions options;
  expect_contains(input_error([&] { session.generate("", options); }), {"empty"});
  expect_contains(input_error([&] { session.generate(std::string(4000, 'x') + "\xff", options); }),
                  {"UTF-8"});
  std::string longer;
  for (int i = 0; i < 100; ++i)
    longer += "once upon a time ";
  expect_contains(input_error([&] { session.generate(longer, options); }), {"context", "64"});
  GenerateOptions none;
  none.max_new_tokens = 0;
  expect_contains(input_error([&] { session.generate("Once", none); }), {"1 or more", "0"});
  none.max_new_tokens = -5;
  expect_contains(input_error([&] { session.generate("Once", none); }), {"-5"});
  // The session goes on.
  EXPECT_FALSE(session.generate("Once upon a time", options).text.empty());
}

TEST(BadPrompt, TheModelHasNoChatTemplate) {
  Session session = Session::open(deployment_of(demo_checkpoint()));
  const Message message{"user", "Hello"};
  expect_contains(input_error([&] {
                    session.chat({&message, 1}, {});
                  }),
                  {"chat template", "--raw"});
}

TEST(BadMemory, KvCacheTooSmall) {
  expect_contains(input_error([] {
                    Session::open(deployment_of(demo_checkpoint(), {"engine.kv_cache=\"1KiB\""}));
                  }),
                  {"engine.kv_cache", "at least"});
  Session session = Session::open(deployment_of(demo_checkpoint(), {"engine.kv_cache=\"1MiB\""}));
  GenerateOptions options;
  options.max_new_tokens = 900;
  expect_contains(input_error([&] { session.generate("Once upon a time", options); }),
                  {"kv_cache", "blocks"});
}

TEST(BadMemory, DeviceTooSmall) {
  const auto open = [](const char* memory) {
    return input_error(
        [&] {
          Session::open(deployment_of(demo_checkpoint(),
                                      {std::string("device.options.memory=\"") + memory + "\""}));
        },
        ErrorKind::failure);
  };
  expect_contains(open("1MiB"), {"TN_OUT_OF_MEMORY"});
}

TEST(BadContext, BeyondTheModel) {
  expect_contains(
      input_error([] { Session::open(deployment_of(demo_checkpoint(), {"engine.context=4096"})); }),
      {"engine.context", "1024", "4096"});
}

TEST(BadConfig, AbsurdNumbersAndUnknownKinds) {
  const struct {
    const char* model;
    const char* from;
    const char* to;
    std::vector<const char*> parts;
  } cases[] = {
      {"stories260K",
       "\"num_attention_heads\": 8",
       "\"num_attention_heads\": 0",
       {"num_attention_heads", "0"}},
      {"stories260K",
       "\"num_key_value_heads\": 4",
       "\"num_key_value_heads\": 3",
       {"num_key_value_heads", "8"}},
      {"stories260K", "\"hidden_size\": 64", "\"hidden_size\": -64", {"hidden_size", "-64"}},
      {"stories260K",
       "\"num_hidden_layers\": 5",
       "\"num_hidden_layers\": 1000000000000",
       {"num_hidden_layers", "1000000000000"}},
      {"stories260K",
       "\"num_hidden_layers\": 5",
       "\"num_hidden_layers\": 4",
       {"surplus", "model.layers.4."}},
      {"stories260K",
       "\"num_hidden_layers\": 5",
       "\"num_hidden_layers\": 6",
       {"missing", "model.layers.5."}},
      {"stories260K",
       "\"intermediate_size\": 172",
       "\"intermediate_size\": 171",
       {"wrong shape", "gate_proj", "171", "172"}},
      {"stories260K",
       "LlamaForCausalLM",
       "MambaForCausalLM",
       {"MambaForCausalLM", "LlamaForCausalLM"}},
      {"stories260K",
       "\"hidden_act\": \"silu\"",
       "\"hidden_act\": \"gelu\"",
       {"hidden_act", "gelu"}},
      {"stories260K",
       "\"rope_scaling\": null",
       "\"rope_scaling\": {\"type\": \"longrope\", \"factor\": 2.0}",
       {"longrope"}},
      {"stories260K", "\"head_dim\": 8", "\"head_dim\": 7", {"head_dim", "7"}},
      {"stories260K", "\"vocab_size\": 512", "\"vocab_size\": \"many\"", {"vocab_size", "many"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.to);
    const std::string error = Changed(c.model, c.from, c.to).error();
    for (const char* part : c.parts)
      expect_contains(error, {part});
  }
}

}  // namespace
}  // namespace tenon::bad_input_test
