// A growing list of calls on two streams, with the prefetches put at the beginning of windows.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ascend_emu/timing/op_demand.hpp"
#include "ascend_emu/timing/work_item.hpp"
#include "decoder_step.hpp"

namespace validation {

// Where the published implementation begins a prefetch, in the window that the wrapper would use.
enum class Window { all, after_collective, last_op };

// A window is the run of ops since the last one of the cube: vector, copy and communication.
class CallList {
 public:
  CallList(bool captured, const PrefetchSettings& prefetch) : prefetch_(prefetch) {
    if (captured) append(timing::WorkKind::graph_launch, compute_stream);
    captured_ = captured;
  }

  template <class Args>
  void op(std::uint32_t id, Args args, std::string name, const timing::RuntimeValues& values = {}) {
    timing::WorkItem work;
    work.demand = timing::op_demand(id, &args, values);
    work.name = std::move(name);
    work.captured = captured_;
    const bool cube =
        work.demand.op_class == TN_CLASS_CUBE || work.demand.op_class == TN_CLASS_ATTENTION;
    window_.push_back(std::move(work));
    if (cube) close_window();
  }

  // As op(), the weight being prefetched at the window's beginning, if there is a window.
  template <class Args>
  void wrapped_op(std::uint32_t id, Args args, std::string name, const tn_tensor& weight,
                  Window window, double ratio, std::uint64_t most_bytes,
                  const timing::RuntimeValues& values = {}) {
    const bool wrapped = prefetch_.enabled && ratio > 0 && !window_.empty();
    if (wrapped && prefetch_.published_windows) leave_out_before(window);
    if (wrapped) begin_prefetch(timing::extent_of(weight), ratio, most_bytes, name + ".weight");
    op(id, args, std::move(name), values);
    if (wrapped) join();
  }

  // The tokens come back and the host waits for them.
  std::vector<timing::WorkItem> finish(const timing::Extent& tokens);

 private:
  static constexpr std::uint32_t compute_stream = 0;

  timing::WorkItem& append(timing::WorkKind kind, std::uint32_t stream);
  void event(timing::WorkKind kind, std::uint32_t stream, std::uint32_t number);
  void begin_prefetch(timing::Extent extent, double ratio, std::uint64_t most_bytes,
                      const std::string& name);
  void leave_out_before(Window window);
  void join();
  void close_window();

  PrefetchSettings prefetch_;
  bool captured_ = false;
  std::vector<timing::WorkItem> calls_;
  std::vector<timing::WorkItem> window_;
  std::uint32_t events_ = 0;
};

}  // namespace validation
