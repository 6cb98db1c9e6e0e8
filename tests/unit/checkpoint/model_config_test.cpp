// Typed getters over config.json.
#include <gtest/gtest.h>

#include "checkpoint/model_config.hpp"
#include "checkpoint_files.hpp"

namespace tenon::model_config_test {
namespace {

using test::input_error;

ModelConfig config(std::string_view text) {
  return ModelConfig::parse(text, "config.json");
}

TEST(ModelConfig, ReadsEveryType) {
  const ModelConfig c = config(
      R"({"i": 7, "big": 9223372036854775807, "neg": -3, "f": 1e-5, "b": true, "t": "x",
          "l": [1, 2], "names": ["p", "q"], "o": {"inner": {"deep": 2}}, "n": null})");
  EXPECT_EQ(c.integer("i", {0, 10}), 7);
  EXPECT_EQ(c.integer("big", {0, INT64_MAX}), INT64_MAX);
  EXPECT_EQ(c.integer("neg", {-5, 5}), -3);
  EXPECT_EQ(c.number("f", {0, 1}), 1e-5);
  EXPECT_EQ(c.number("i", {0, 10}), 7.0);
  EXPECT_TRUE(c.boolean("b"));
  EXPECT_EQ(c.text("t"), "x");
  EXPECT_EQ(c.integer_list("l", {0, 10}), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(c.text_list("names"), (std::vector<std::string>{"p", "q"}));
  EXPECT_EQ(c.integer("o.inner.deep", {0, 10}), 2);
  EXPECT_EQ(c.keys("o"), (std::vector<std::string>{"inner"}));
}

TEST(ModelConfig, NullCountsAsAbsent) {
  const ModelConfig c = config(R"({"n": null, "o": {"x": null}})");
  EXPECT_FALSE(c.has("n"));
  EXPECT_FALSE(c.has("n.deeper"));
  EXPECT_FALSE(c.has("o.x"));
  EXPECT_FALSE(c.has("missing.deeper"));
  EXPECT_TRUE(c.has("o"));
  EXPECT_EQ(c.integer("n", {0, 10}, 4), 4);
  EXPECT_EQ(c.number("n", {0, 10}, 0.5), 0.5);
  EXPECT_FALSE(c.boolean("n", false));
  EXPECT_EQ(c.text("n", "d"), "d");
  EXPECT_TRUE(c.keys("o").empty());
  EXPECT_CONTAINS(input_error([&] { c.integer("n", {0, 10}); }), "found null");
}

TEST(ModelConfig, KindsAreToldApart) {
  using Kind = ModelConfig::Kind;
  const ModelConfig c =
      config(R"({"i": 1, "f": 1.0, "b": false, "t": "", "l": [], "o": {}, "n": null, "m": -1})");
  EXPECT_EQ(c.kind("i"), Kind::integer);
  EXPECT_EQ(c.kind("m"), Kind::integer);
  EXPECT_EQ(c.kind("f"), Kind::number);
  EXPECT_EQ(c.kind("b"), Kind::boolean);
  EXPECT_EQ(c.kind("t"), Kind::text);
  EXPECT_EQ(c.kind("l"), Kind::list);
  EXPECT_EQ(c.kind("o"), Kind::object);
  EXPECT_EQ(c.kind("n"), Kind::absent);
  EXPECT_EQ(c.kind(""), Kind::object);
}

TEST(ModelConfig, ErrorsNameFileKeyExpectedAndFound) {
  const ModelConfig c = config(R"({"heads": 0, "o": {"size": 2.5}})");
  EXPECT_EQ(
      input_error([&] {
        c.integer("heads", {1, 64});
      }),
      "[config.json] key 'heads' is out of range; expected an integer from 1 to 64; found the "
      "number 0");
  EXPECT_EQ(input_error([&] {
              c.integer("o.size", {1, 64});
            }),
            "[config.json] key 'o.size' is not an integer; expected an integer from 1 to 64; found "
            "the number 2.5");
}

TEST(ModelConfig, AMissingKeyNamesTheNearest) {
  const ModelConfig c = config(R"({"num_attention_head": 4, "o": {"factors": 1}})");
  EXPECT_CONTAINS(input_error([&] {
                    c.integer("num_attention_heads", {1, 64});
                  }),
                  "'num_attention_head'");
  EXPECT_CONTAINS(input_error([&] { c.number("o.factor", {1, 64}); }), "'factors'");
  EXPECT_CONTAINS(input_error([&] { c.text("quite_another"); }), "is missing; expected text");
}

TEST(ModelConfig, WrongTypesAreRefused) {
  const ModelConfig c = config(
      R"({"i": 1, "f": 2.0, "t": "3", "b": true, "l": [1, "2"], "m": [1, 2.0], "u": 18446744073709551615})");
  const IntegerRange any{INT64_MIN, INT64_MAX};
  for (const char* key : {"f", "t", "b", "l", "u"}) {
    SCOPED_TRACE(key);
    EXPECT_CONTAINS(input_error([&] { c.integer(key, any); }), "expected an integer");
  }
  EXPECT_CONTAINS(input_error([&] { c.number("t", {0, 9}); }), "found the text '3'");
  EXPECT_CONTAINS(input_error([&] { c.number("b", {0, 9}); }), "found true");
  EXPECT_CONTAINS(input_error([&] { c.boolean("i"); }), "true or false");
  EXPECT_CONTAINS(input_error([&] { c.text("i"); }), "expected text");
  EXPECT_CONTAINS(input_error([&] { c.integer_list("i", any); }), "a list of integers");
  EXPECT_CONTAINS(input_error([&] { c.integer_list("l", any); }), "'l[1]'");
  EXPECT_CONTAINS(input_error([&] { c.integer_list("m", any); }), "'m[1]'");
  EXPECT_CONTAINS(input_error([&] { c.integer_list("m", {2, 9}); }), "'m[0]' is out of range");
  EXPECT_CONTAINS(input_error([&] { c.text_list("l"); }), "'l[0]'");
  EXPECT_CONTAINS(input_error([&] { c.integer("i.deeper", any); }), "key 'i' is not an object");
  EXPECT_CONTAINS(input_error([&] { c.keys("i"); }), "key 'i' is not an object");
}

TEST(ModelConfig, AbsurdNumbersAreRefused) {
  EXPECT_CONTAINS(input_error([] { config(R"({"a": 1e400})"); }), "not valid JSON");
  EXPECT_CONTAINS(input_error([] { config(R"({"a": NaN})"); }), "not valid JSON");
  const ModelConfig c = config(R"({"a": 1000000000000, "b": 1e300, "c": 99999999999999999999})");
  EXPECT_CONTAINS(input_error([&] { c.integer("a", {1, 10'000}); }), "1000000000000");
  EXPECT_CONTAINS(input_error([&] { c.number("b", {0, 1e15}); }), "1e+300");
  EXPECT_CONTAINS(input_error([&] { c.integer("c", {0, INT64_MAX}); }), "not an integer");
}

TEST(ModelConfig, TheDocumentIsReadStrictly) {
  EXPECT_CONTAINS(input_error([] { config(R"({"a": 1, "a": 1})"); }), "'a' stands twice");
  EXPECT_CONTAINS(input_error([] { config(R"({"o": {"a": 1, "\u0061": 2}})"); }),
                  "'a' stands twice");
  EXPECT_NO_THROW(config(R"({"a": {"x": 1}, "b": {"x": 1}, "x": [{"x": 1}, {"x": 1}]})"));
  EXPECT_CONTAINS(input_error([] { config("\xef\xbb\xbf{}"); }), "byte order mark");
  EXPECT_CONTAINS(input_error([] { config(std::string_view("{}\0", 3)); }), "NUL");
  EXPECT_CONTAINS(input_error([] { config("{} x"); }), "not valid JSON");
  EXPECT_CONTAINS(input_error([] { config("// c\n{}"); }), "not valid JSON");
  EXPECT_CONTAINS(input_error([] { config("[]"); }), "does not hold a JSON object");
  EXPECT_CONTAINS(input_error([] { config(""); }), "not valid JSON");
  const std::string deep = R"({"a":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  EXPECT_CONTAINS(input_error([&] { config(deep); }), "nested too deeply");
}

TEST(ModelConfig, AMissingFileIsNamed) {
  const test::TemporaryFolder folder;
  EXPECT_CONTAINS(input_error([&] { ModelConfig::read(folder.path() / "config.json"); }),
                  "config.json");
}

TEST(ModelConfig, ACopySharesTheDocument) {
  std::optional<ModelConfig> first = config(R"({"a": 5})");
  const ModelConfig second = *first;
  first.reset();
  EXPECT_EQ(second.integer("a", {0, 9}), 5);
  EXPECT_EQ(second.where(), "config.json");
}

}  // namespace
}  // namespace tenon::model_config_test
