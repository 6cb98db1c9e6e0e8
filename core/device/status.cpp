#include "device/status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace tenon {
namespace {

// What a code of a later minor version means to a host that does not know it.
tn_status group_of(tn_status status) {
  switch (status & ~0xf) {
    case 0x10:
      return TN_INVALID_ARGUMENT;
    case 0x20:
      return TN_UNSUPPORTED;
    case 0x30:
      return TN_OUT_OF_MEMORY;
    default:
      return TN_INTERNAL;
  }
}

std::string failure_text(tn_status status, const tn_error& error, std::string_view call) {
  const std::string message = message_of(error);
  if (message.empty()) {
    return error_text(call, fmt::format("{} without a message", status_name(status)));
  }
  return error_text(call, fmt::format("{}: {}", status_name(status), message));
}

}  // namespace

std::string_view status_name(tn_status status) {
  switch (status) {
    case TN_OK:
      return "TN_OK";
    case TN_INVALID_ARGUMENT:
      return "TN_INVALID_ARGUMENT";
    case TN_INVALID_STATE:
      return "TN_INVALID_STATE";
    case TN_NOT_FOUND:
      return "TN_NOT_FOUND";
    case TN_UNSUPPORTED:
      return "TN_UNSUPPORTED";
    case TN_UNIMPLEMENTED:
      return "TN_UNIMPLEMENTED";
    case TN_VERSION_MISMATCH:
      return "TN_VERSION_MISMATCH";
    case TN_OUT_OF_MEMORY:
      return "TN_OUT_OF_MEMORY";
    case TN_OUT_OF_RESOURCES:
      return "TN_OUT_OF_RESOURCES";
    case TN_STREAM_FAILED:
      return "TN_STREAM_FAILED";
    case TN_DEVICE_LOST:
      return "TN_DEVICE_LOST";
    case TN_INTERNAL:
      return "TN_INTERNAL";
    default:
      return status_name(group_of(status));
  }
}

std::string message_of(const tn_error& error) {
  const char* end = std::find(error.message, error.message + TN_ERROR_MESSAGE_SIZE, '\0');
  std::string text(error.message, end);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 && c != '\n' && c != '\t'; },
      '?');
  return text;
}

tn_status write_error(tn_error* error, tn_status code, std::string_view message) {
  if (error == nullptr) return code;
  size_t length = std::min<size_t>(message.size(), TN_ERROR_MESSAGE_SIZE - 1);
  const auto continues = [&](size_t at) {
    return at < message.size() && (static_cast<unsigned char>(message[at]) & 0xc0u) == 0x80u;
  };
  while (length > 0 && continues(length))
    --length;
  error->code = code;
  error->reserved = 0;
  if (length > 0) std::memcpy(error->message, message.data(), length);
  error->message[length] = '\0';
  return code;
}

void check(tn_status status, const tn_error& error, std::string_view call) {
  if (status == TN_OK) return;
  throw DeviceError(ErrorKind::failure, status, failure_text(status, error, call));
}

void check_setting(tn_status status, const tn_error& error, std::string_view call) {
  if (status == TN_OK) return;
  const bool wrong = group_of(status) == TN_INVALID_ARGUMENT || group_of(status) == TN_UNSUPPORTED;
  throw DeviceError(wrong ? ErrorKind::input : ErrorKind::failure, status,
                    failure_text(status, error, call));
}

}  // namespace tenon
