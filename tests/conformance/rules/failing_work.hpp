// Work that a device takes and then fails at.
#pragma once

#include <functional>
#include <string>

#include "subject/subject.hpp"

namespace tenon::conformance {

// Nothing obliges a device to fail: for an index out of range values may as well be undefined. So
// ops with such an index are tried on a stream of their own until one fails.
class FailingWork {
 public:
  // `index` is the value that is out of range. Throws TestSkipped when nothing fails. Allocates:
  // make it before a stream is held back.
  explicit FailingWork(Subject& subject, int32_t index = 1000000);

  void enqueue(tn_stream* stream) const { enqueue_(stream); }
  // The name of the op, for messages.
  const std::string& what() const { return what_; }

 private:
  std::function<void(tn_stream*)> enqueue_;
  std::string what_;
};

}  // namespace tenon::conformance
