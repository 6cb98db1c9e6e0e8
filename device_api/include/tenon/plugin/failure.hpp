#pragma once

#include <stdexcept>
#include <string>

#include <tenon/plugin.h>

namespace tenon::plugin {

/// The exception of backend authors: what() and status() become the caller's tn_error. Thrown out
/// of a call it refuses that call; thrown by work on a stream it fails the stream. The text reads
/// `[where] what happened; expected ...; found ...`.
class Failure : public std::runtime_error {
 public:
  Failure(tn_status status, const std::string& message)
      : std::runtime_error(message), status_(status) {}

  tn_status status() const noexcept { return status_; }

 private:
  tn_status status_;
};

}  // namespace tenon::plugin
