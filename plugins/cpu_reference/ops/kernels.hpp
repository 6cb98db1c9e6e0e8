// The kernels of the reference backend: for every op of ops.def but the collectives
//
//   Support query(const tn_<op>_args&)
//       whether the op runs with these shapes, dtypes, layouts and attributes, and its workspace.
//       Looks at no buffer. A refusal's reason reads "[op] what; expected ...; found ...".
//   void run(const tn_<op>_args&, std::span<std::byte> workspace, ThreadPool&)
//       runs it to its end. The arguments must be those that query accepted; the workspace has the
//       size it named, aligned to TN_BUFFER_ALIGNMENT. Index values are checked on use: a bad one
//       throws plugin::Failure(TN_INVALID_ARGUMENT), and outputs are then partly written.
//
// Both may be called from any thread. One file for each op or family, the formula at its top. No
// result depends on the number of threads, and no row of a result on the other rows of its batch.
#pragma once

#include <cstddef>
#include <span>

#include <tenon/ops.h>
#include <tenon/plugin/support.hpp>

#include "thread_pool.hpp"

namespace tenon::cpu_reference {

using plugin::Support;

#define TENON_DECLARE_KERNEL(name)        \
  Support query(const tn_##name##_args&); \
  void run(const tn_##name##_args&, std::span<std::byte> workspace, ThreadPool&);

#define TENON_DECLARE_CUBE(name) TENON_DECLARE_KERNEL(name)
#define TENON_DECLARE_ATTENTION(name) TENON_DECLARE_KERNEL(name)
#define TENON_DECLARE_VECTOR(name) TENON_DECLARE_KERNEL(name)
#define TENON_DECLARE_COPY(name) TENON_DECLARE_KERNEL(name)
#define TENON_DECLARE_COMMUNICATION(name)  // needs all ranks: collectives are no kernels
#define TN_OP(id, name, op_class, since_major, since_minor) TENON_DECLARE_##op_class(name)
#include <tenon/ops.def>

#undef TENON_DECLARE_KERNEL
#undef TENON_DECLARE_CUBE
#undef TENON_DECLARE_ATTENTION
#undef TENON_DECLARE_VECTOR
#undef TENON_DECLARE_COPY
#undef TENON_DECLARE_COMMUNICATION

}  // namespace tenon::cpu_reference
