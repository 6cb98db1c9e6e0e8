// What a plugin puts on the runtime to make devices of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <tenon/device_api.h>
#include <tenon/plugin/support.hpp>

#include "host_runtime/kernel_types.hpp"

namespace tenon::host_runtime {

// What a run tells the profiler beside its beginning and its end.
struct RunReport {
  std::uint64_t copy_ns = 0;  // spent on copies that an operand's layout forced
};

// The runtime moves bytes, keeps order, captures and lets ranks meet; this says what the ops are.
// One object for all devices of a backend. Its functions are called from any thread, without a lock
// of the runtime's.
class Accelerator {
 public:
  Accelerator() = default;
  Accelerator(const Accelerator&) = delete;
  Accelerator& operator=(const Accelerator&) = delete;
  virtual ~Accelerator() = default;

  // The answer to device_info, but for memory_bytes, which the runtime fills in.
  virtual tn_device_info describe() const = 0;

  // The answer to op_query, collectives included; looks at no buffer. `args` has the size of this
  // plugin's headers.
  virtual plugin::Support query(std::uint32_t op, const void* args) const = 0;

  // tn_op_support.estimated_ns of arguments that query accepted; asked beside it by op_query alone.
  virtual std::uint64_t estimated_ns(std::uint32_t op, const void* args) const {
    static_cast<void>(op);
    static_cast<void>(args);
    return 0;
  }

  // Runs an op other than a collective to its end, on a worker of the runtime, with arguments that
  // query accepted and a workspace of the size that it named.
  virtual RunReport run(std::uint32_t op, const void* args, std::span<std::byte> workspace,
                        ThreadPool& threads) const = 0;

  virtual tn_layout_answer layout_for(const tn_layout_request& request) const = 0;

  // Why there are no communicators, as an error text; "" where there are.
  virtual std::string refuse_communicators() const { return {}; }

  // What this hardware's own runtime says about a capture whose forks were not joined; appended to
  // the error, which names them.
  virtual std::string unjoined_fork_note() const { return {}; }
};

}  // namespace tenon::host_runtime
