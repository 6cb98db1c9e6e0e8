#include "ascend_emu/timing/op_time.hpp"

#include <algorithm>
#include <cmath>

#include "ascend_emu/timing/collective_time.hpp"

namespace tenon::ascend_emu::timing {
namespace {

Picoseconds cube_time(const Demand& demand, const SocProfile& profile) {
  const double tflops = profile.cube.tflops[static_cast<std::size_t>(demand.cube_type)];
  return time_for(demand.cube_flops, tflops * 1e12 * profile.cube.efficiency);
}

// The busiest core's share. Whole rows go round the cores; a short one costs a cold core as much as
// the least row.
Picoseconds vector_time(const Demand& demand, const SocProfile& profile) {
  const VectorConstants& v = profile.vector;
  double cold = 0;
  double warm = 0;
  if (demand.one_row_on_many_cores) {
    const double elements = demand.vector_rows * demand.vector_row_elements / v.cores;
    cold = std::min(elements, v.cold_elements);
    warm = elements - cold;
  } else if (demand.vector_row_elements > 0) {
    const double rows = std::ceil(demand.vector_rows / v.cores);
    const double cold_row = std::max(demand.vector_row_elements, v.least_row_elements);
    const double cold_rows = std::min(rows, v.cold_elements / cold_row);
    cold = cold_rows * cold_row;
    warm = (rows - cold_rows) * demand.vector_row_elements;
  }
  return later(time_for(cold, v.cold_gigaelements_per_second * 1e9),
               time_for(warm, v.warm_gigaelements_per_second * 1e9));
}

// Attention's softmax runs beside its products.
Picoseconds softmax_time(const Demand& demand, const SocProfile& profile) {
  return time_for(demand.scores, profile.vector.cores * profile.vector.gigascores_per_second * 1e9);
}

double memory_limit(const Demand& demand, const SocProfile& profile) {
  double efficiency = profile.hbm.efficiency;
  if (demand.op_class == TN_CLASS_ATTENTION) {
    efficiency = std::min(efficiency, profile.hbm.attention_efficiency);
  }
  if (demand.op_class == TN_CLASS_CUBE && demand.row_major_weight) {
    efficiency = std::min(efficiency, profile.hbm.row_major_weight_efficiency);
  }
  return profile.hbm.gigabytes_per_second * 1e9 * efficiency;
}

Engine engine_of(tn_op_class op_class) {
  switch (op_class) {
    case TN_CLASS_CUBE:
      return Engine::cube;
    case TN_CLASS_ATTENTION:
      return Engine::cube_and_vector;
    case TN_CLASS_COMMUNICATION:
      return Engine::communication;
    default:
      return Engine::vector;  // ops that copy run on the vector cores
  }
}

}  // namespace

OpTime op_time(const Demand& demand, const SocProfile& profile) {
  OpTime time;
  time.engine = engine_of(demand.op_class);
  if (demand.op_class == TN_CLASS_COMMUNICATION) {
    const CollectiveTime links = collective_time(demand.op, demand.collective, profile);
    time.before = links.fixed;
    time.memory_bytes = links.bytes;
    time.memory_limit = links.bytes_per_second;
    time.uses_cache = false;
    return time;
  }
  const Picoseconds fixed = from_microseconds(profile.op_fixed_us.at(demand.op));
  time.before = std::min(fixed, from_microseconds(profile.stream.dispatch_us));
  time.after = fixed - time.before;
  time.compute = std::max(
      {cube_time(demand, profile), vector_time(demand, profile), softmax_time(demand, profile)});
  time.memory_limit = memory_limit(demand, profile);
  time.memory_bytes = demand.scattered_read_bytes + demand.scattered_write_bytes;
  for (const Extent& extent : demand.writes)
    time.memory_bytes += extent.bytes;
  return time;
}

}  // namespace tenon::ascend_emu::timing
