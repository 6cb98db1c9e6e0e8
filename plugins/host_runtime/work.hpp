// Stream work that runs to its end without waiting for anything: copies, fills, ops, prefetches and
// functions of the host. The same objects are the nodes of graphs, where they run again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <tenon/plugin/owned_arguments.hpp>

#include "host_runtime/accelerator.hpp"
#include "host_runtime/profiler.hpp"
#include "host_runtime/stream_executor.hpp"
#include "host_runtime/task_queue.hpp"

namespace tenon::host_runtime {

class Work {
 public:
  Work() = default;
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  virtual ~Work() = default;

  virtual void execute() = 0;
  virtual WorkLabel label() const = 0;

  // The arguments of an op, which graph_update may change; NULL for other work.
  virtual plugin::OwnedArguments* arguments() { return nullptr; }
};

// Executes `work` and records it if it has a ticket.
void execute_recorded(Work& work, Profiler& profiler, ProfileTicket ticket,
                      const std::string& stream_name);

// Work as one task of a queue.
class WorkTask final : public Task {
 public:
  WorkTask(std::unique_ptr<Work> work, Profiler& profiler)
      : work_(std::move(work)), profiler_(profiler), ticket_(profiler.take_ticket()) {}

  Progress run(TaskQueue& queue) override {
    execute_recorded(*work_, profiler_, ticket_, queue.name());
    return Progress::done;
  }

 private:
  std::unique_ptr<Work> work_;
  Profiler& profiler_;
  ProfileTicket ticket_;
};

// `what` is "copy_h2d", "copy_d2h" or "copy_d2d". With `staged` the source lies in there.
std::unique_ptr<Work> make_copy(const char* what, const void* source, void* destination,
                                std::uint64_t size, std::vector<std::byte> staged = {});

std::unique_ptr<Work> make_fill(std::byte* destination, std::uint64_t size, std::uint32_t pattern,
                                std::uint32_t pattern_size);

// Asks the processor for the lines of [begin, begin + size).
std::unique_ptr<Work> make_prefetch(const std::byte* begin, std::uint64_t size);

std::unique_ptr<Work> make_host_call(StreamExecutor& executor, tn_host_function function,
                                     void* context);

// An op other than a collective; copies `args`. `accelerator` and `threads` must outlive it.
std::unique_ptr<Work> make_op(const plugin::OpDescription& description, const void* args,
                              std::span<std::byte> workspace, const Accelerator& accelerator,
                              ThreadPool& threads);

// The name of the engine for records, from the class of the op.
const char* engine_name(tn_op_class op_class);

// What an op's operands hold, for records.
WorkLabel label_of(const plugin::OwnedArguments& arguments);

}  // namespace tenon::host_runtime
