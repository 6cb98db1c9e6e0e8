#include "tenon/request_loop.hpp"

#include <utility>

namespace tenon {

RequestLoop::Turn::Turn(RequestLoop& loop) : loop_(loop) {
  std::unique_lock lock(loop_.guard_);
  const uint64_t ticket = loop_.next_ticket_++;
  loop_.turn_changed_.wait(lock, [&] { return loop_.serving_ == ticket; });
}

RequestLoop::Turn::~Turn() {
  {
    const std::lock_guard lock(loop_.guard_);
    ++loop_.serving_;
  }
  loop_.turn_changed_.notify_all();
}

// The request's events so far; with none there, after one more step of the engine.
std::deque<TokenEvent> RequestLoop::next_events(RequestId id) {
  const Turn turn(*this);
  if (mailboxes_[id].empty()) {
    for (TokenEvent& event : engine_.step()) {
      const auto mailbox = mailboxes_.find(event.request);
      if (mailbox != mailboxes_.end()) mailbox->second.push_back(std::move(event));
    }
  }
  return std::exchange(mailboxes_[id], {});
}

void RequestLoop::forget(RequestId id) {
  const Turn turn(*this);
  engine_.cancel(id);
  mailboxes_.erase(id);
}

TokenEvent RequestLoop::run(Request request, const std::stop_token& stop,
                            const std::function<void(const TokenEvent&)>& on_event) {
  const RequestId id = [&] {
    const Turn turn(*this);
    const RequestId submitted = engine_.submit(std::move(request));
    mailboxes_[submitted];
    return submitted;
  }();
  struct Forget {
    RequestLoop& loop;
    RequestId id;
    ~Forget() { loop.forget(id); }
  } const forget_at_end{*this, id};

  bool cancelled = false;
  while (true) {
    if (stop.stop_requested() && !cancelled) {
      cancelled = true;
      const Turn turn(*this);
      engine_.cancel(id);
    }
    for (TokenEvent& event : next_events(id)) {
      on_event(event);
      if (event.finished) return std::move(event);
    }
  }
}

}  // namespace tenon
