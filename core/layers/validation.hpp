// The validation layer (--validate): reports how a host misuses the device API.
//
// It stands over the table of any backend and gives the host objects of its own, so that it sees
// every handle that is foreign, destroyed or destroyed twice. A call that breaks a rule is refused:
// the plugin does not see it, and the answer is TN_INVALID_ARGUMENT with a message that begins with
// the rule's id in device_api/RULES.md (rules.hpp):
//
//   TN-HOST-7 [op_enqueue add] operand 'b' ends past its buffer; expected ...; found ...
//
// What is checked: handles and lifetimes; ranges; tensors (form, place, alignment, memory kind);
// overlaps beyond the permitted aliases; argument structs, host arrays and workspaces against
// op_query's answer; what is legal during capture; graph updates; the order of collectives; memory
// freed while work in flight uses it. In flight is judged by what the host has waited for
// (synchronising, a query that said done, a destroyed stream), never by timing, so that a report
// does not depend on how fast the device is. Values in device memory are not looked at.
//
// A destroying call consumes its handle also when it is refused: the object below is then
// destroyed as soon as that is right. Objects that a host never destroyed are reported when their
// backend is destroyed, and in the log when the layer goes.
#pragma once

#include <memory>

#include "layers/layer.hpp"

namespace tenon {

// Thread-safe, with the limits that the device API itself has. `next` is copied; the library behind
// it must outlive the layer. Throws Error{failure} when too many layers (32) exist at once.
std::unique_ptr<Layer> make_validation_layer(const DeviceTable& next);

}  // namespace tenon
