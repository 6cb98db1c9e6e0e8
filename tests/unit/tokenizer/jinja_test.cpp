// The part of Jinja that chat templates are run with. Expected texts: Jinja 3.1 with trim_blocks
// and lstrip_blocks, as Hugging Face sets it up.
#include "fixture.hpp"
#include "tokenizer/jinja/interpreter.hpp"

namespace tenon {
namespace {

using jinja::Map;
using jinja::Value;

std::string render(const std::string& source, int64_t most_steps = 400'000) {
  const Value user = Value::map({{"role", std::string("user")}, {"content", std::string(" x ")}});
  const Value reply =
      Value::map({{"role", std::string("assistant")}, {"content", std::string("y")}});
  Map variables = {{"messages", Value::list({user, reply})}, {"flag", true}, {"n", int64_t{3}}};
  return jinja::render(jinja::parse_template(source, "file"), variables, "file", most_steps);
}

TEST(Jinja, WhiteSpaceAroundTags) {
  EXPECT_EQ(render("a\n  {% if flag %}\nb\n  {% endif %}\nc\n"), "a\nb\nc");
  EXPECT_EQ(render("a\n  {%- if flag -%}\n b \n{%- endif %}\n\nc"), "ab\nc");
  EXPECT_EQ(render("a {{ n }}\nb"), "a 3\nb");
  EXPECT_EQ(render("a {{- n -}} \n b"), "a3b");
  EXPECT_EQ(render("x {% if flag %}y{% endif %} z"), "x y z");
  EXPECT_EQ(render("a\n  {# c #}\nb"), "a\nb");
}

TEST(Jinja, Expressions) {
  EXPECT_EQ(render("{{ 'a' + 'b' ~ n }}"), "ab3");
  EXPECT_EQ(render("{{ 1 + 2 * n - -1 }}"), "8");
  EXPECT_EQ(render("{{ not flag or n == 3 and 'b' in 'abc' }}"), "True");
  EXPECT_EQ(render("{{ 'z' not in 'abc' }}{{ missing }}{{ none }}"), "TrueNone");
  EXPECT_EQ(render("{{ 'a' if n > 3 else 'b' }}{{ 'c' if n > 3 }}"), "b");
  EXPECT_EQ(render("{{ messages[-1].role }}{{ messages[0]['role'] }}{{ messages[9] is defined }}"),
            "assistantuserFalse");
  EXPECT_EQ(render(R"({{ "a\n\"b\"" 'c' }})"), "a\n\"b\"c");
  EXPECT_EQ(render("{{ messages | length }}{{ messages[0].content | trim }}{{ x | default('d') }}"),
            "2xd");
  EXPECT_EQ(render("{{ 'a--b--c'.split('--')[-1] }}{{ 'a--b--c'.split('--', 1)[-1] }}"), "cb--c");
  EXPECT_EQ(render("{{ '..a..'.strip('.') }}{{ '..a.'.lstrip('.') }}{{ ' a '.rstrip() }}"),
            "aa. a");
  EXPECT_EQ(render("{{ 'abc'.startswith('ab') and 'abc'.endswith('bc') }}"), "True");
  EXPECT_EQ(render("{{ 1 is defined and missing is not defined and n is not string }}"), "True");
}

TEST(Jinja, Statements) {
  EXPECT_EQ(render("{% for m in messages %}{{ loop.index }}{{ m.role }}"
                   "{% if not loop.last %},{% endif %}{% endfor %}"),
            "1user,2assistant");
  EXPECT_EQ(
      render("{% for m in messages[::-1] if m.role == 'user' %}{{ loop.length }}{% endfor %}"),
      "1");
  EXPECT_EQ(render("{% for m in [] %}x{% else %}none{% endfor %}"), "none");
  EXPECT_EQ(render("{% if 0 %}a{% elif '' %}b{% elif [1] %}c{% else %}d{% endif %}"), "c");
  // A variable set in a loop is gone after it; a namespace's attribute stays.
  EXPECT_EQ(render("{% set a = 1 %}{% set ns = namespace(b=1) %}{% for m in messages %}"
                   "{% set a = 2 %}{% set ns.b = ns.b + 1 %}{% endfor %}{{ a }}{{ ns.b }}"),
            "13");
  EXPECT_EQ(render("{% for m in messages[1:] %}{{ m.content }}{% endfor %}"), "y");
  EXPECT_EQ(render("{% for k, v in messages[0] | items %}{{ k }}={{ v }};{% endfor %}"),
            "content= x ;role=user;");
}

TEST(Jinja, WhatIsNotKnownIsRefusedWithFileAndLine) {
  for (const char* source : {"\n{% macro f() %}{% endmacro %}",
                             "\n{% include 'x' %}",
                             "\n{{ n / 2 }}",
                             "\n{{ 1.5 }}",
                             "\n{{ n | tojson }}",
                             "\n{{ n is prime }}",
                             "\n{{ 'a'.title() }}",
                             "\n{{ f() }}",
                             "\n{{ missing.attribute }}",
                             "\n{{ missing + 'a' }}",
                             "\n{{ messages }}",
                             "\n{{ 'a' + 1 }}",
                             "\n{% if n %}",
                             "\n{{ n ",
                             "\n{{ 'a }}",
                             "\n{% endfor %}",
                             "\n{{ {'a': 1} }}",
                             "\n{{ '\\x41' }}",
                             "\n{{ 1 < 2 < 3 }}",
                             "\n{% for a in 1 %}{% endfor %}",
                             "\n{{ $ }}",
                             "\n{% set a %}b{% endset %}",
                             "\n{{ messages[::2] }}",
                             "\n{# open",
                             "\n{% set m = messages[0] %}{% set m.role = 'x' %}"}) {
    const auto message = test::input_error([&] { render(source); });
    EXPECT_EQ(message.find("[file:2] the chat template"), 0U) << source << ": " << message;
    EXPECT_NE(message.find("--raw"), std::string::npos) << message;
  }
}

TEST(Jinja, WhatTheTemplateRaisesIsPassedOn) {
  const auto message = test::input_error([] { render("{{ raise_exception('no tools here') }}"); });
  EXPECT_NE(message.find("no tools here"), std::string::npos) << message;
}

TEST(Jinja, RunawayTemplatesAreStopped) {
  std::string doubling = "{% set a = 'aaaaaaaa' %}";
  for (int i = 0; i < 40; ++i)
    doubling += "{% set a = a + a %}";
  EXPECT_NE(test::input_error([&] { render(doubling); }).find("too long"), std::string::npos);
  constexpr int nesting = 24;  // two messages: 2^24 rounds of the innermost loop
  std::string loops;
  for (int i = 0; i < nesting; ++i)
    loops += "{% for m in messages %}";
  for (int i = 0; i < nesting; ++i)
    loops += "{% endfor %}";
  EXPECT_NE(test::input_error([&] { render(loops, 20'000); }).find("too long"), std::string::npos);
}

TEST(Jinja, DeepNestingIsRefused) {
  constexpr int depth = 5000;
  const std::pair<const char*, const char*> brackets[] = {
      {"(", ")"}, {"[", "]"}, {"not ", ""}, {"-", ""}};
  for (const auto& [open, close] : brackets) {
    std::string source = "n";
    for (int i = 0; i < depth; ++i)
      source = open + source + close;
    const auto message = test::input_error([&] { render("{{ " + source + " }}"); });
    EXPECT_NE(message.find("nested too deeply"), std::string::npos) << message;
  }
  std::string chain = "{{ n";
  for (int i = 0; i < 50'000; ++i)
    chain += " + n";
  EXPECT_NE(test::input_error([&] { render(chain + " }}"); }).find("nested too deeply"),
            std::string::npos);
  std::string blocks;
  for (int i = 0; i < 5000; ++i)
    blocks += "{% if flag %}";
  EXPECT_NE(test::input_error([&] { render(blocks); }).find("nested too deeply"),
            std::string::npos);
}

}  // namespace
}  // namespace tenon
