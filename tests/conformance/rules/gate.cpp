#include "rules/gate.hpp"

#include <chrono>
#include <thread>

#include "framework/outcome.hpp"

namespace tenon::conformance {
namespace {

void wait_for_future(void* context) {
  const std::unique_ptr<std::shared_future<void>> future(
      static_cast<std::shared_future<void>*>(context));
  future->wait();
}

}  // namespace

Gate::Gate(Subject& subject)
    : subject_(subject), free_(subject.stream("free")), passed_(subject.event()) {}

void Gate::enter(tn_stream* stream) {
  auto context = std::make_unique<std::shared_future<void>>(future_);
  tn_error error{};
  check_ok("TN-STR-8", "stream_call_host",
           subject_.table().stream_call_host(stream, wait_for_future, context.get(), &error),
           error);
  static_cast<void>(context.release());  // wait_for_future owns it
}

void Gate::linger() {
  constexpr int rounds = 40;
  for (int round = 0; round < rounds; ++round) {
    tn_error error{};
    check_ok("TN-EVT-6", "event_record", subject_.table().event_record(passed_, free_, &error),
             error);
    subject_.synchronize(free_);
    // Gives other threads the processor. Decides nothing where work is held back as it should be.
    std::this_thread::sleep_for(std::chrono::microseconds(250));
  }
}

void Gate::open() {
  if (!opened_) linger();
  let_go();
}

void Gate::let_go() {
  if (!opened_) promise_.set_value();
  opened_ = true;
}

}  // namespace tenon::conformance
