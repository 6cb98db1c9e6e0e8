// The few threads that run the work of all streams.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace tenon::host_runtime {

class TaskQueue;

// A queue that has something to do is handed to schedule() and drained by some worker until it is
// empty or has to wait for another stream; a waiting queue holds no worker. One idle worker spins
// for a moment before it sleeps, so that a host that enqueues op after op pays no wake-up for each.
//
// Functions may be called from any thread. The destructor needs all queues to be empty.
class StreamExecutor {
 public:
  explicit StreamExecutor(unsigned workers);
  ~StreamExecutor();
  StreamExecutor(const StreamExecutor&) = delete;
  StreamExecutor& operator=(const StreamExecutor&) = delete;

  void schedule(std::shared_ptr<TaskQueue> queue);
  bool has_ready() const { return ready_count_.load(std::memory_order_relaxed) > 0; }

  // Around a function of the host, which may block for as long as it likes: as many workers as
  // before stay available to the other streams.
  class BlockingSection {
   public:
    explicit BlockingSection(StreamExecutor& executor);
    ~BlockingSection();
    BlockingSection(const BlockingSection&) = delete;
    BlockingSection& operator=(const BlockingSection&) = delete;

   private:
    StreamExecutor& executor_;
  };

 private:
  void work();
  std::shared_ptr<TaskQueue> next_queue();
  void spin(std::unique_lock<std::mutex>& lock);

  const std::size_t available_;  // workers that are not in a blocking section, at least
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<TaskQueue>> ready_;  // guarded by mutex_, as the rest
  std::size_t blocked_ = 0;
  std::size_t spinning_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
  std::atomic<std::size_t> ready_count_{0};
};

}  // namespace tenon::host_runtime
