// Status codes become exceptions that keep the plugin's words.
#include "device/status.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace tenon {
namespace {

tn_error error_with(tn_status code, const std::string& text) {
  tn_error error;
  write_error(&error, code, text);
  return error;
}

TEST(DeviceStatus, OkThrowsNothing) {
  EXPECT_NO_THROW(check(TN_OK, tn_error{}, "fill"));
}

TEST(DeviceStatus, KeepsCodeCallAndMessage) {
  try {
    check(TN_OUT_OF_MEMORY, error_with(TN_OUT_OF_MEMORY, "[buffer_allocate] 12 GiB are full"),
          "buffer_allocate");
    FAIL();
  } catch (const DeviceError& e) {
    EXPECT_EQ(e.status(), TN_OUT_OF_MEMORY);
    EXPECT_EQ(e.kind(), ErrorKind::failure);
    EXPECT_STREQ(e.what(), "[buffer_allocate] TN_OUT_OF_MEMORY: [buffer_allocate] 12 GiB are full");
  }
}

TEST(DeviceStatus, ASettingThatIsWrongIsTheUsersMistake) {
  const tn_error error = error_with(TN_INVALID_ARGUMENT, "threads");
  try {
    check_setting(TN_INVALID_ARGUMENT, error, "backend_create");
    FAIL();
  } catch (const DeviceError& e) {
    EXPECT_EQ(e.kind(), ErrorKind::input);
  }
  try {
    check_setting(TN_INTERNAL, error, "backend_create");
    FAIL();
  } catch (const DeviceError& e) {
    EXPECT_EQ(e.kind(), ErrorKind::failure);
  }
}

TEST(DeviceStatus, AnUnknownCodeIsItsGroupsFirst) {
  EXPECT_EQ(status_name(0x1f), "TN_INVALID_ARGUMENT");
  EXPECT_EQ(status_name(0x2e), "TN_UNSUPPORTED");
  EXPECT_EQ(status_name(0x39), "TN_OUT_OF_MEMORY");
  EXPECT_EQ(status_name(0x7777), "TN_INTERNAL");
  EXPECT_EQ(status_name(-1), "TN_INTERNAL");
}

TEST(DeviceStatus, AMessageWithoutAnEndIsCut) {
  tn_error error;
  std::memset(error.message, 'x', sizeof error.message);
  EXPECT_EQ(message_of(error).size(), static_cast<size_t>(TN_ERROR_MESSAGE_SIZE));
}

TEST(DeviceStatus, ControlCharactersDoNotReachTheTerminal) {
  EXPECT_EQ(message_of(error_with(TN_INTERNAL, "a\x1b[2Jb")), "a?[2Jb");
}

TEST(DeviceStatus, ALongMessageIsCutBetweenCharacters) {
  std::string text(TN_ERROR_MESSAGE_SIZE - 2, 'x');
  text += "\xc3\xa9";  // two bytes, of which one would fit
  tn_error error;
  write_error(&error, TN_INTERNAL, text);
  EXPECT_EQ(message_of(error), std::string(TN_ERROR_MESSAGE_SIZE - 2, 'x'));
}

TEST(DeviceStatus, NoErrorStructIsFine) {
  EXPECT_EQ(write_error(nullptr, 0x10, "x"), 0x10);
}

}  // namespace
}  // namespace tenon
