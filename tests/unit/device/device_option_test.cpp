// Declared options and the check of a deployment's settings.
#include "device/option.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "fake_device.hpp"

namespace tenon {
namespace {

std::vector<OptionInfo> declared() {
  reset_fake();
  return list_options(DeviceTable(fake_table(), "fake"));
}

std::string refusal(const Option& option) {
  try {
    checked_option(declared(), option);
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::input);
    return e.what();
  }
  return "";
}

TEST(DeviceOption, ListsTypesDefaultsBoundsAndChoices) {
  const auto options = declared();
  ASSERT_EQ(options.size(), 3u);
  EXPECT_EQ(options[0].name, "threads");
  EXPECT_EQ(options[0].type, TN_VALUE_INTEGER);
  EXPECT_EQ(std::get<int64_t>(options[0].default_value), 2);
  EXPECT_EQ(std::get<int64_t>(*options[0].maximum), 8);
  EXPECT_FALSE(options[1].minimum.has_value());
  EXPECT_EQ(options[2].choices, (std::vector<std::string>{"a", "b"}));
}

TEST(DeviceOption, TakesWhatIsAllowed) {
  EXPECT_EQ(std::get<int64_t>(checked_option(declared(), {"threads", int64_t{8}}).value), 8);
  EXPECT_EQ(std::get<std::string>(checked_option(declared(), {"mode", std::string("b")}).value),
            "b");
}

TEST(DeviceOption, AnIntegerServesAsANumber) {
  EXPECT_EQ(std::get<double>(checked_option(declared(), {"share", int64_t{1}}).value), 1.0);
}

TEST(DeviceOption, RefusesWithWhatIsAllowed) {
  EXPECT_NE(refusal({"threads", int64_t{9}}).find("integer from 1 to 8; found 9"),
            std::string::npos);
  EXPECT_NE(refusal({"threads", 2.5}).find("found 2.5"), std::string::npos);
  EXPECT_NE(refusal({"mode", std::string("c")}).find("one of a, b"), std::string::npos);
  EXPECT_NE(refusal({"mode", true}).find("found true"), std::string::npos);
}

TEST(DeviceOption, AnUnknownNameGetsTheNearest) {
  EXPECT_NE(refusal({"thread", int64_t{1}}).find("did you mean 'threads'?"), std::string::npos);
}

tn_device_table with_option_info(decltype(tn_device_table::backend_option_info) slot) {
  tn_device_table table = fake_table();
  table.backend_option_info = slot;
  return table;
}

TEST(DeviceOption, AMalformedDeclarationIsRefused) {
  const auto no_name = with_option_info([](uint32_t, tn_option_info* info, tn_error*) {
    info->type = TN_VALUE_INTEGER;
    return tn_status{TN_OK};
  });
  EXPECT_THROW(list_options(DeviceTable(no_name, "x")), Error);
  const auto bad_type = with_option_info([](uint32_t, tn_option_info* info, tn_error*) {
    info->name = "n";
    info->type = 77;
    return tn_status{TN_OK};
  });
  EXPECT_THROW(list_options(DeviceTable(bad_type, "x")), Error);
  const auto bad_default = with_option_info([](uint32_t, tn_option_info* info, tn_error*) {
    info->name = "n";
    info->type = TN_VALUE_INTEGER;
    info->default_value.type = TN_VALUE_INTEGER;
    info->minimum.type = TN_VALUE_INTEGER;
    info->minimum.as.integer = 3;
    return tn_status{TN_OK};
  });
  EXPECT_THROW(list_options(DeviceTable(bad_default, "x")), Error);
}

}  // namespace
}  // namespace tenon
