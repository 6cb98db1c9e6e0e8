#include "ops/op_dispatch.hpp"

#include <string>

#include <tenon/ops.h>
#include <tenon/plugin/failure.hpp>

#include "ops/collective_kernels.hpp"
#include "ops/kernels.hpp"

namespace tenon::cpu_reference {

plugin::Support query_any_op(std::uint32_t op, const void* args) {
  switch (op) {
#define TN_OP(id, name, op_class, since_major, since_minor) \
  case id:                                                  \
    return query(*static_cast<const tn_##name##_args*>(args));
#include <tenon/ops.def>
    default:
      return plugin::Support::no("no op has the id " + std::to_string(op));
  }
}

// A collective has no run(): its arguments alone do not reach the other ranks.
#define TENON_RUN(name) return run(*static_cast<const tn_##name##_args*>(args), workspace, threads)
#define TENON_RUN_CUBE(name) TENON_RUN(name)
#define TENON_RUN_ATTENTION(name) TENON_RUN(name)
#define TENON_RUN_VECTOR(name) TENON_RUN(name)
#define TENON_RUN_COPY(name) TENON_RUN(name)
#define TENON_RUN_COMMUNICATION(name) break

void run_op(std::uint32_t op, const void* args, std::span<std::byte> workspace,
            ThreadPool& threads) {
  switch (op) {
#define TN_OP(id, name, op_class, since_major, since_minor) \
  case id:                                                  \
    TENON_RUN_##op_class(name);
#include <tenon/ops.def>
    default:
      break;
  }
  throw plugin::Failure(TN_INTERNAL, "[op] op " + std::to_string(op) + " has no kernel");
}

}  // namespace tenon::cpu_reference
