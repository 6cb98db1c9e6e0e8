#include "work.hpp"

#include <utility>

namespace timing_test {
namespace {

WorkItem item(WorkKind kind, std::uint32_t stream) {
  WorkItem work;
  work.kind = kind;
  work.stream = stream;
  return work;
}

}  // namespace

SocProfile round_profile() {
  SocProfile p;
  p.name = "round";
  p.cube = {{1, 1, 1, 1}, 1};
  p.vector = {1, 1, 1, 0, 0, 1};
  p.hbm = {1000, 1, 1, 1};
  p.l2 = {16, 1e9};
  p.cmo = {200, 1e15, 100, 0};
  p.copy = {10, 0};
  p.link = {256, 8, 16, 1000};
  p.gather = p.scatter = p.exchange = {10, 100, 20, 200};
  return p;
}

WorkItem cube_op(std::uint32_t stream, std::vector<Extent> reads, double flops) {
  WorkItem work = item(WorkKind::op, stream);
  work.demand.op = TN_OP_linear;
  work.demand.op_class = TN_CLASS_CUBE;
  work.demand.cube_flops = flops;
  work.demand.reads = std::move(reads);
  return work;
}

WorkItem vector_op(std::uint32_t stream, double elements, std::vector<Extent> reads) {
  WorkItem work = item(WorkKind::op, stream);
  work.demand.op = TN_OP_add;
  work.demand.op_class = TN_CLASS_VECTOR;
  work.demand.vector_rows = 1;
  work.demand.vector_row_elements = elements;
  work.demand.one_row_on_many_cores = true;
  work.demand.reads = std::move(reads);
  return work;
}

WorkItem prefetch(std::uint32_t stream, Extent extent) {
  WorkItem work = item(WorkKind::prefetch, stream);
  work.extent = extent;
  return work;
}

WorkItem record(std::uint32_t stream, std::uint32_t event) {
  WorkItem work = item(WorkKind::event_record, stream);
  work.event = event;
  return work;
}

WorkItem wait(std::uint32_t stream, std::uint32_t event) {
  WorkItem work = item(WorkKind::event_wait, stream);
  work.event = event;
  return work;
}

WorkItem synchronize(std::uint32_t stream) {
  return item(WorkKind::synchronize_stream, stream);
}

}  // namespace timing_test
