#include "config/print_resolved.hpp"

#include "config_testing.hpp"

namespace tenon::print_resolved_test {
namespace {

constexpr std::string_view rich = R"(
[model]
path = "models/a \"b\" \\ c"
definition = "uni\u00e9code\ttab\u0001"
[device]
backend = "./lib/x.so"
[device.options]
soc = "910B"
cards = 2
ratio = 1.0
tiny = 1e-300
on = false
[engine]
kv_cache = 0.1
[prefetch]
ratio.attn = { qkv = 0.3 }
ratio.new = { a-b = 0 }
max_bytes = { attn = "1.5MiB", mlp = 12345 }
min_tokens.attn = 7
[sampling]
temperature = 0.1
repetition_penalty = 3
[plugins]
path = ["one", "two"]
)";

TEST(PrintResolved, LoadsAgainToTheSameConfiguration) {
  const auto first =
      load_text(rich, {{"engine.block_size=64", ""}}, {{"TENON_ENGINE_CONTEXT", "2048"}});
  const std::string printed = print_resolved(first);
  const auto second = load_text(printed);
  EXPECT_EQ(first.values, second.values) << printed;
  EXPECT_EQ(first.settings.size(), second.settings.size());
}

TEST(PrintResolved, DefaultsLoadAgain) {
  const auto first = load_configuration({});
  EXPECT_EQ(load_text(print_resolved(first)).values, first.values);
}

TEST(PrintResolved, ShowsEachOrigin) {
  const std::string printed = print_resolved(
      load_text("[engine]\ngraphs = true\n", {{"sampling.temperature=0.5", "--temperature 0.5"}},
                {{"TENON_ENGINE_CONTEXT", "2048"}}));
  const auto line = [&](const std::string& start) {
    const size_t begin = printed.find("\n" + start);
    if (begin == std::string::npos) return "no line " + start;
    return printed.substr(begin + 1, printed.find('\n', begin + 1) - begin - 1);
  };
  EXPECT_EQ(line("block_size"), "block_size = 16                          # default");
  EXPECT_EQ(line("graphs"), "graphs = true                            # test.toml:2");
  EXPECT_EQ(line("context"),
            "context = 2048                           # environment TENON_ENGINE_CONTEXT");
  EXPECT_EQ(line("temperature"),
            "temperature = 0.5                        # flag --temperature 0.5");
  EXPECT_EQ(line("ratio.moe.gate_up"), "ratio.moe.gate_up = 0.8                  # default");
}

TEST(PrintResolved, AnOriginCannotEndItsComment) {
  const auto first = load_text("", {{"engine.context=5", "--evil\ncontext = 7\r"}});
  EXPECT_EQ(load_text(print_resolved(first)).values, first.values);
}

}  // namespace
}  // namespace tenon::print_resolved_test
