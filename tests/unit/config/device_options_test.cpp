#include "config/device_options.hpp"

#include "config_testing.hpp"

namespace tenon::device_options_test {
namespace {

std::vector<OptionDescription> declared() {
  return {
      {"cards", OptionType::integer, "1", 1.0, 16.0, {}, "number of cards"},
      {"clock", OptionType::number, "1.5", 0.0, std::nullopt, {}, "in GHz"},
      {"numerics", OptionType::boolean, "true", std::nullopt, std::nullopt, {}, ""},
      {"soc", OptionType::string, "910B", std::nullopt, std::nullopt, {"910B", "910C"}, ""},
      {"label", OptionType::string, "", std::nullopt, std::nullopt, {}, ""},
  };
}

std::vector<Diagnostic> check(std::string_view options, std::vector<FlagSetting> flags = {}) {
  const auto options_declared = declared();
  return check_device_options(
      load_text("[device.options]\n" + std::string(options), std::move(flags)), options_declared);
}

TEST(DeviceOptions, DefaultsFillIn) {
  const auto options_declared = declared();
  const auto values = device_option_values(load_text(""), options_declared);
  ASSERT_EQ(values.size(), 5U);
  EXPECT_EQ(values[0].value, OptionValue(int64_t{1}));
  EXPECT_EQ(values[1].value, OptionValue(1.5));
  EXPECT_EQ(values[2].value, OptionValue(true));
  EXPECT_EQ(values[3].value, OptionValue(std::string("910B")));
  EXPECT_EQ(values[4].value, OptionValue(std::string()));
}

TEST(DeviceOptions, GivenValuesInTheDeclaredType) {
  const auto options_declared = declared();
  const auto values = device_option_values(
      load_text("[device.options]\ncards = 4\nclock = 2\nnumerics = false\nsoc = \"910C\"\n"),
      options_declared);
  EXPECT_EQ(values[0].name, "cards");
  EXPECT_EQ(values[0].value, OptionValue(int64_t{4}));
  EXPECT_EQ(values[1].value, OptionValue(2.0));
  EXPECT_EQ(values[2].value, OptionValue(false));
  EXPECT_EQ(values[3].value, OptionValue(std::string("910C")));
}

TEST(DeviceOptions, BareTextOfAFlagStaysTextForAString) {
  const auto options_declared = declared();
  const auto resolved = load_text("", {{"device.options.label=007.5", ""}});
  EXPECT_EQ(device_option_values(resolved, options_declared)[4].value,
            OptionValue(std::string("007.5")));
  const auto number = load_text("", {{"device.options.label=1.50", ""}});
  EXPECT_EQ(device_option_values(number, options_declared)[4].value,
            OptionValue(std::string("1.50")));
  EXPECT_EQ(check("label = 7\n").size(), 1U) << "in a file the type is what is written";
}

TEST(DeviceOptions, EveryMistakeAtItsPlace) {
  const auto mistakes =
      check("crds = 1\ncards = 17\nclock = \"fast\"\nsoc = \"910D\"\nnumerics = 1\n");
  ASSERT_EQ(mistakes.size(), 5U);
  EXPECT_EQ(mistakes[0].message(),
            "test.toml:2:1: error: [device.options.crds] the backend has no such option; expected "
            "one of cards, clock, numerics, soc, label");
  EXPECT_EQ(mistakes[0].hint, "cards");
  EXPECT_EQ(mistakes[1].message(),
            "test.toml:3:9: error: [device.options.cards] out of range; expected an integer, 1 to "
            "16; found the integer 17");
  EXPECT_EQ(
      mistakes[2].message(),
      "test.toml:4:9: error: [device.options.clock] wrong type; expected a number, at least 0; "
      "found the string \"fast\"");
  EXPECT_EQ(mistakes[3].message(),
            "test.toml:5:7: error: [device.options.soc] unknown choice; expected one of \"910B\", "
            "\"910C\"; found the string \"910D\"");
  EXPECT_EQ(mistakes[3].hint, "910B");
  EXPECT_EQ(mistakes[4].place(), "test.toml:6:12");
  EXPECT_EQ(mistakes[4].source_line, "numerics = 1");
}

TEST(DeviceOptions, MistakesInFlagsNameTheFlag) {
  const auto mistakes = check("", {{"device.options.cards=0", "--device emu,cards=0"}});
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(mistakes.front().place(), "flag --device emu,cards=0");
}

TEST(DeviceOptions, AKeyOfDeviceIsPointedOut) {
  const auto mistakes = check("count = 2\n");
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(mistakes.front().hint, "device.count");
}

TEST(DeviceOptions, BackendWithoutOptions) {
  const auto mistakes = check_device_options(load_text("[device.options]\nx = 1\n"), {});
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(mistakes.front().expected, "no options");
}

TEST(DeviceOptions, ValuesThrowOnMistakes) {
  const auto options_declared = declared();
  EXPECT_THROW(device_option_values(load_text("[device.options]\nx = 1\n"), options_declared),
               ConfigurationError);
}

TEST(DeviceOptions, ADefaultThatDoesNotFitIsThePluginsMistake) {
  const auto fails = [](OptionDescription option) {
    const std::vector<OptionDescription> one{std::move(option)};
    try {
      device_option_values(load_text(""), one);
    } catch (const Error& error) {
      return std::string(error.what()).find("the plugin declares a default") != std::string::npos;
    }
    return false;
  };
  EXPECT_TRUE(fails({"a", OptionType::integer, "x", {}, {}, {}, ""}));
  EXPECT_TRUE(fails({"a", OptionType::integer, "", {}, {}, {}, ""}));
  EXPECT_TRUE(fails({"a", OptionType::integer, "5", 6.0, {}, {}, ""}));
  EXPECT_TRUE(fails({"a", OptionType::string, "b", {}, {}, {"c"}, ""}));
  EXPECT_FALSE(fails({"a", OptionType::string, "c", {}, {}, {"c"}, ""}));
}

}  // namespace
}  // namespace tenon::device_options_test
