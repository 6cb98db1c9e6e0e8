// The names and ranges of a profile's constants: one list for the reader and its tests.
#pragma once

#include <limits>
#include <string>

#include <tenon/plugin/op_description.hpp>

#include "ascend_emu/timing/soc_profile.hpp"

namespace tenon::ascend_emu::timing {

struct Range {
  double least;
  double most;
};

// Wider than any chip, and narrow enough for times in whole picoseconds.
inline constexpr Range any_rate{1e-3, 1e9};
inline constexpr Range any_microseconds{0, 1e6};
inline constexpr Range any_amount{0, 1e12};
inline constexpr Range share{1e-3, 1};
inline constexpr Range count{1, 1e6};

// Calls visit(table, key, constant, range) for every constant, tables and keys as in the file.
template <class Profile, class Visit>
void visit_constants(Profile& p, Visit&& visit) {
  visit("cube", "bf16_tflops", p.cube.tflops[0], any_rate);
  visit("cube", "f16_tflops", p.cube.tflops[1], any_rate);
  visit("cube", "f32_tflops", p.cube.tflops[2], any_rate);
  visit("cube", "int8_tops", p.cube.tflops[3], any_rate);
  visit("cube", "efficiency", p.cube.efficiency, share);

  visit("vector", "cores", p.vector.cores, count);
  visit("vector", "cold_gigaelements_per_second", p.vector.cold_gigaelements_per_second, any_rate);
  visit("vector", "warm_gigaelements_per_second", p.vector.warm_gigaelements_per_second, any_rate);
  visit("vector", "cold_elements", p.vector.cold_elements, any_amount);
  visit("vector", "least_row_elements", p.vector.least_row_elements, any_amount);
  visit("vector", "gigascores_per_second", p.vector.gigascores_per_second, any_rate);

  visit("hbm", "gigabytes_per_second", p.hbm.gigabytes_per_second, any_rate);
  visit("hbm", "efficiency", p.hbm.efficiency, share);
  visit("hbm", "attention_efficiency", p.hbm.attention_efficiency, share);
  visit("hbm", "row_major_weight_efficiency", p.hbm.row_major_weight_efficiency, share);

  visit("l2", "mebibytes", p.l2.mebibytes, any_amount);
  visit("l2", "gigabytes_per_second", p.l2.gigabytes_per_second, any_rate);

  visit("cmo", "gigabytes_per_second", p.cmo.gigabytes_per_second, any_rate);
  visit("cmo", "present_gigabytes_per_second", p.cmo.present_gigabytes_per_second, any_rate);
  visit("cmo", "two_stream_gigabytes_per_second", p.cmo.two_stream_gigabytes_per_second, any_rate);
  visit("cmo", "fixed_us", p.cmo.fixed_us, any_microseconds);

  visit("stream", "dispatch_us", p.stream.dispatch_us, any_microseconds);
  visit("stream", "record_us", p.stream.record_us, any_microseconds);
  visit("stream", "wait_us", p.stream.wait_us, any_microseconds);
  visit("stream", "graph_node_us", p.stream.graph_node_us, any_microseconds);

  visit("host", "op_us", p.host.op_us, any_microseconds);
  visit("host", "copy_us", p.host.copy_us, any_microseconds);
  visit("host", "event_us", p.host.event_us, any_microseconds);
  visit("host", "prefetch_us", p.host.prefetch_us, any_microseconds);
  visit("host", "graph_launch_us", p.host.graph_launch_us, any_microseconds);
  visit("host", "synchronize_us", p.host.synchronize_us, any_microseconds);

  visit("copy", "host_gigabytes_per_second", p.copy.host_gigabytes_per_second, any_rate);
  visit("copy", "fixed_us", p.copy.fixed_us, any_microseconds);

  visit("link", "long_message_kibibytes", p.link.long_message_kibibytes, any_amount);
  visit("link", "small_group_ranks", p.link.small_group_ranks, count);
  visit("link", "full_mesh_ranks", p.link.full_mesh_ranks, Range{0, 1e6});
  visit("link", "node_ranks", p.link.node_ranks, count);
  visit("link", "between_nodes_gigabytes_per_second", p.link.between_nodes_gigabytes_per_second,
        any_rate);

  const auto algorithm = [&](const char* table, auto& constants) {
    visit(table, "short_latency_us", constants.short_latency_us, any_microseconds);
    visit(table, "short_gigabytes_per_second", constants.short_gigabytes_per_second, any_rate);
    visit(table, "long_latency_us", constants.long_latency_us, any_microseconds);
    visit(table, "long_gigabytes_per_second", constants.long_gigabytes_per_second, any_rate);
  };
  algorithm("gather", p.gather);
  algorithm("scatter", p.scatter);
  algorithm("exchange", p.exchange);

  const auto dispatch = [&](const char* table, auto& constants) {
    visit(table, "small_group_us", constants.small_group_us, any_microseconds);
    visit(table, "large_group_us", constants.large_group_us, any_microseconds);
  };
  dispatch("gather_dispatch", p.gather_dispatch);
  dispatch("scatter_dispatch", p.scatter_dispatch);
  dispatch("reduce_dispatch", p.reduce_dispatch);
  dispatch("exchange_dispatch", p.exchange_dispatch);

  for (const plugin::OpDescription& op : plugin::all_ops()) {
    // The time of a collective is in the tables above.
    if (op.op_class == TN_CLASS_COMMUNICATION) continue;
    visit("op_fixed_us", op.name, p.op_fixed_us.at(op.op), any_microseconds);
  }
}

}  // namespace tenon::ascend_emu::timing
