// The rules that layers report, by their ids in device_api/RULES.md. The one table of ids in code.
#pragma once

#include <string_view>

namespace tenon {

struct Rule {
  std::string_view id;
  std::string_view text;  // what the caller owes, in short
};

namespace rules {

inline constexpr Rule known_handle{"TN-HOST-1", "every handle is this backend's and alive"};
inline constexpr Rule destroyed_once{"TN-HOST-2", "an object is destroyed once"};
inline constexpr Rule children_first{"TN-HOST-3", "what was made from an object is gone before it"};
inline constexpr Rule free_when_idle{"TN-HOST-4", "no work in flight uses what is freed"};
inline constexpr Rule event_idle{"TN-HOST-5", "no record of a destroyed event is in flight"};
inline constexpr Rule same_device{"TN-HOST-6", "operands belong to the stream's device"};
inline constexpr Rule inside_buffer{"TN-HOST-7", "a tensor lies in its buffer and its storage"};
inline constexpr Rule well_formed{"TN-HOST-8", "a tensor is well formed"};
inline constexpr Rule absent_operand{"TN-HOST-9", "only optional operands are absent, all zero"};
inline constexpr Rule device_memory{"TN-HOST-10", "tensors lie in DEVICE or SHARED memory"};
inline constexpr Rule no_overlap{"TN-HOST-11", "outputs overlap nothing but their exact aliases"};
inline constexpr Rule copy_overlap{"TN-HOST-12", "the ranges of copy_d2d do not overlap"};
inline constexpr Rule copy_range{"TN-HOST-13", "copies and fills end inside their buffers"};
inline constexpr Rule workspace{"TN-HOST-16", "the workspace is what op_query asked for"};
inline constexpr Rule args_header{"TN-HOST-18", "struct_size is sizeof, flags and padding are 0"};
inline constexpr Rule contiguous{"TN-HOST-19", "operands are as contiguous as the op demands"};
inline constexpr Rule agreeing{"TN-HOST-20", "dtypes, shapes and attributes agree"};
inline constexpr Rule host_arrays{"TN-HOST-22", "host arrays have the right length and contents"};
inline constexpr Rule one_thread{"TN-HOST-23", "a stream or graph is used by one thread at a time"};
inline constexpr Rule host_function{"TN-HOST-24", "a host function does not call the device API"};
inline constexpr Rule private_layout{"TN-HOST-25", "a private layout is handled as a whole"};
inline constexpr Rule legal_in_capture{"TN-HOST-27", "the call is legal during capture"};
inline constexpr Rule forks_joined{"TN-HOST-28", "forks are joined before a capture ends"};
inline constexpr Rule outlives_graph{"TN-HOST-29", "what a graph's nodes use outlives the graph"};
inline constexpr Rule updatable_only{"TN-HOST-30", "graph_update changes updatable fields only"};
inline constexpr Rule update_when_idle{"TN-HOST-31", "graph_update with no launch pending"};
inline constexpr Rule node_of_graph{"TN-HOST-32", "a node belongs to the graph"};
inline constexpr Rule launch_one_stream{"TN-HOST-33", "pending launches are on one stream"};
inline constexpr Rule collective_order{"TN-HOST-36", "ranks get equal collectives in equal order"};
inline constexpr Rule world_size{"TN-HOST-37", "world_size is the communicator's"};
inline constexpr Rule one_backend{"TN-HOST-38", "a communicator's devices are of one backend"};
inline constexpr Rule prefetch_range{"TN-HOST-39", "a prefetch names bytes of its tensor"};
inline constexpr Rule struct_size{"TN-HOST-40", "structs to be filled carry struct_size"};
inline constexpr Rule layout_request{"TN-HOST-41", "a layout request describes a loaded tensor"};
inline constexpr Rule block_size{"TN-HOST-42", "the KV block size suits the device"};
inline constexpr Rule lost_device{"TN-HOST-43", "a lost device is only closed"};

// Rules about the plugin whose breach by the host is refused before the plugin sees it.
inline constexpr Rule supported_op{"TN-OP-4", "only what op_query supports is enqueued"};
inline constexpr Rule capturable_op{"TN-GRAPH-5", "only a capturable op is enqueued in capture"};

}  // namespace rules
}  // namespace tenon
