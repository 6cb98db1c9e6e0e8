// Runs requests of several threads on one engine: whoever waits for a token runs the next step for
// all.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>

#include "engine/engine.hpp"

namespace tenon {

class RequestLoop {
 public:
  // The engine must outlive the loop; nobody else may use it.
  explicit RequestLoop(Engine& engine) : engine_(engine) {}

  // Submits the request and hands its events to `on_event`, without a lock held, until the one with
  // `finished`, which is returned. A stop request cancels between steps. When `on_event` throws,
  // the request is cancelled and the exception passed on. May be called from several threads.
  TokenEvent run(Request request, const std::stop_token& stop,
                 const std::function<void(const TokenEvent&)>& on_event);

 private:
  // A mutex that serves its waiters in order, so that a thread that steps again and again does not
  // shut out one that wants to submit.
  class Turn {
   public:
    explicit Turn(RequestLoop& loop);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    RequestLoop& loop_;
  };

  std::deque<TokenEvent> next_events(RequestId id);
  void forget(RequestId id);

  Engine& engine_;
  std::mutex guard_;
  std::condition_variable turn_changed_;
  uint64_t next_ticket_ = 0;
  uint64_t serving_ = 0;
  std::map<RequestId, std::deque<TokenEvent>> mailboxes_;
};

}  // namespace tenon
