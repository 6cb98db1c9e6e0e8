// Faults of one op, as wrappers of op_enqueue that see its argument struct.
//
// A wrapper is a captureless lambda given as a template argument, as slots are plain functions.
// Calls whose struct_size is not this header's pass through untouched. GCC 12 ends the argument
// list at a ">" in such a lambda: comparisons are written with "<".
#pragma once

#include <tenon/device_api.h>

#include <cstring>
#include <memory>
#include <utility>

#include "plant/base.hpp"
#include "plant/mutant.hpp"

namespace tenon::mutants {

template <class Args>
inline constexpr uint32_t op_of = TN_OP_none;
#define TN_OP(id, name, op_class, since_major, since_minor) \
  template <>                                               \
  inline constexpr uint32_t op_of<tn_##name##_args> = id;
#include <tenon/ops.def>

// op_enqueue but for the struct.
struct OpCall {
  tn_stream* stream;
  const tn_buffer_range* workspace;
  tn_node* out_node;
  tn_error* error;

  template <class Args>
  tn_status enqueue(const Args& args) const {
    return base().op_enqueue(stream, op_of<Args>, &args, workspace, out_node, error);
  }
};

// tn_status around(const Args&, const OpCall&) in place of op_enqueue of this op.
template <class Args, auto around>
void wrap_op(Planted& planted) {
  planted.table.op_enqueue = [](tn_stream* stream, uint32_t op, const void* args,
                                const tn_buffer_range* workspace, tn_node* out_node,
                                tn_error* error) {
    uint32_t size = 0;
    if (args != nullptr) std::memcpy(&size, args, sizeof size);
    if (op != op_of<Args> || size != sizeof(Args)) {
      return base().op_enqueue(stream, op, args, workspace, out_node, error);
    }
    return around(*static_cast<const Args*>(args), OpCall{stream, workspace, out_node, error});
  };
}

// void edit(Args&) changes the struct on its way.
template <class Args, auto edit>
void edit_op(Planted& planted) {
  wrap_op<Args, [](const Args& given, const OpCall& call) {
    Args args = given;
    edit(args);
    return call.enqueue(args);
  }>(planted);
}

// void after(const Args&) touches device memory when the op has run.
template <class Args, auto after>
void follow_op(Planted& planted) {
  wrap_op<Args, [](const Args& args, const OpCall& call) {
    const tn_status status = call.enqueue(args);
    if (status == TN_OK) run_on_stream(call.stream, [args] { after(args); });
    return status;
  }>(planted);
}

// State before(const Args&), then the op, then void after(const Args&, State&), all in stream
// order.
template <class Args, auto before, auto after>
void enclose_op(Planted& planted) {
  wrap_op<Args, [](const Args& args, const OpCall& call) {
    using State = decltype(before(args));
    const auto state = std::make_shared<std::unique_ptr<State>>();
    run_on_stream(call.stream, [args, state] { *state = std::make_unique<State>(before(args)); });
    const tn_status status = call.enqueue(args);
    if (status == TN_OK) {
      run_on_stream(call.stream, [args, state] {
        if (*state) after(args, **state);
      });
    }
    return status;
  }>(planted);
}

// Changes op_query's answer: void lie(const Args&, tn_op_support&), after an honest answer.
template <class Args, auto lie>
void lie_about_op(Planted& planted) {
  planted.table.op_query = [](tn_device* device, uint32_t op, const void* args, tn_op_support* out,
                              tn_error* error) {
    const tn_status status = base().op_query(device, op, args, out, error);
    uint32_t size = 0;
    if (args != nullptr) std::memcpy(&size, args, sizeof size);
    if (status == TN_OK && op == op_of<Args> && size == sizeof(Args) &&
        out->struct_size >= sizeof(tn_op_support)) {
      lie(*static_cast<const Args*>(args), *out);
    }
    return status;
  };
}

}  // namespace tenon::mutants
