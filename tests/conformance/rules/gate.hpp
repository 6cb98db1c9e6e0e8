// Holds a stream back without any sleeping: a host function that waits until the test lets it go.
#pragma once

#include <future>
#include <memory>

#include "subject/subject.hpp"

namespace tenon::conformance {

// A test that uses it needs TN_CAN_CALL_HOST. Make all objects before the first enter(): a backend
// may wait for its device when memory is allocated or freed.
class Gate {
 public:
  explicit Gate(Subject& subject);
  ~Gate() { let_go(); }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // Later work of `stream` waits for open().
  void enter(tn_stream* stream);
  // Lingers first, so that what was held back in vain shows in what it read.
  void open();
  // Work goes to the device and comes back, several times: whatever is wrongly not held back has
  // had its chance to run when this returns. Before a "not done" that is to mean something.
  void linger();

 private:
  void let_go();

  Subject& subject_;
  tn_stream* free_;
  tn_event* passed_;
  std::promise<void> promise_;
  std::shared_future<void> future_ = promise_.get_future().share();
  bool opened_ = false;
};

}  // namespace tenon::conformance
