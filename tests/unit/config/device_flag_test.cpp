#include "config/device_flag.hpp"

#include "config_testing.hpp"

namespace tenon::device_flag_test {
namespace {

size_t mistakes_of(std::string_view text) {
  try {
    parse_device_flag(text);
  } catch (const ConfigurationError& error) {
    return error.diagnostics().size();
  }
  return 0;
}

TEST(DeviceFlag, NameAlone) {
  const auto resolved = load_text("", parse_device_flag("some_device"));
  EXPECT_EQ(resolved.values.device.backend, "some_device");
  EXPECT_EQ(resolved.find("device.backend")->origin.text(), "flag --device some_device");
}

TEST(DeviceFlag, NameThatTomlWouldReadOtherwise) {
  EXPECT_EQ(load_text("", parse_device_flag("true")).values.device.backend, "true");
  EXPECT_EQ(load_text("", parse_device_flag("/lib/x \"y\".so")).values.device.backend,
            "/lib/x \"y\".so");
}

TEST(DeviceFlag, Options) {
  const auto device =
      load_text("", parse_device_flag("emu,soc=910B,cards=8,numerics=false,list=\"a,b\",q='x,\"y'"))
          .values.device;
  EXPECT_EQ(device.backend, "emu");
  const std::map<std::string, OptionValue> options{{"soc", std::string("910B")},
                                                   {"cards", int64_t{8}},
                                                   {"numerics", false},
                                                   {"list", std::string("a,b")},
                                                   {"q", std::string("x,\"y")}};
  EXPECT_EQ(device.options, options);
}

TEST(DeviceFlag, Mistakes) {
  EXPECT_EQ(mistakes_of("emu,soc=1"), 0U);
  EXPECT_EQ(mistakes_of(""), 1U);
  EXPECT_EQ(mistakes_of(",soc=1"), 1U);
  EXPECT_EQ(mistakes_of("soc=1"), 1U);
  EXPECT_EQ(mistakes_of("emu,"), 1U);
  EXPECT_EQ(mistakes_of("emu,soc"), 1U);
  EXPECT_EQ(mistakes_of("emu,=1"), 1U);
  EXPECT_EQ(mistakes_of("emu,a b=1"), 1U);
  EXPECT_EQ(mistakes_of("emu,a.b=1"), 1U);
  EXPECT_EQ(mistakes_of("emu,a=1,a=2"), 1U);
  EXPECT_EQ(mistakes_of("emu,x,y"), 2U);
  try {
    parse_device_flag("emu,soc");
    FAIL() << "accepted";
  } catch (const ConfigurationError& error) {
    EXPECT_STREQ(error.what(),
                 "flag --device emu,soc: error: [--device] not an option; expected option=value; "
                 "found 'soc'");
  }
}

}  // namespace
}  // namespace tenon::device_flag_test
