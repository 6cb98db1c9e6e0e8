// Status codes of the device API as exceptions of the host.
#pragma once

#include <tenon/plugin.h>

#include <string_view>

#include "base/error.hpp"

namespace tenon {

// A call of the device API that failed. Carries the code, so that the engine can tell a full
// device (TN_OUT_OF_MEMORY) or a failed stream (TN_STREAM_FAILED) from a fault.
class DeviceError : public Error {
 public:
  DeviceError(ErrorKind kind, tn_status status, const std::string& message)
      : Error(kind, message), status_(status) {}
  tn_status status() const { return status_; }

 private:
  tn_status status_;
};

// "TN_OUT_OF_MEMORY" and so on; an unknown code is named after its group, as plugin.h says.
std::string_view status_name(tn_status status);

// Throws DeviceError{failure} unless `status` is TN_OK. The text is the plugin's own message behind
// "[call]" and the name of the code; a message that is not terminated or not text is made safe.
void check(tn_status status, const tn_error& error, std::string_view call);

// The same, as the user's mistake (DeviceError{input}): for calls whose arguments come straight
// from a configuration, where TN_INVALID_ARGUMENT and TN_NOT_FOUND mean a wrong setting.
void check_setting(tn_status status, const tn_error& error, std::string_view call);

// The message of an error as a string, whatever the plugin left in it.
std::string message_of(const tn_error& error);

// Writes `code` and `message` (cut at a character's border) where a call reports its failure.
// `error` may be NULL. Returns `code`.
tn_status write_error(tn_error* error, tn_status code, std::string_view message);

}  // namespace tenon
