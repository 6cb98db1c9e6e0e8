#include "ascend_emu/timing/activity_of.hpp"

namespace tenon::ascend_emu::timing {
namespace {

Activity op_activity(const WorkItem& work, const SocProfile& profile) {
  const OpTime time = op_time(work.demand, profile);
  Activity activity;
  activity.engine = time.engine;
  activity.before = time.before;
  activity.compute = time.compute;
  activity.after = time.after;
  activity.other_bytes = time.memory_bytes;
  activity.uses_cache = time.uses_cache;
  activity.memory.limit = time.memory_limit;
  return activity;
}

// Memory is read and written, so a copy on the device moves its bytes twice.
Activity copy_activity(const WorkItem& work, const SocProfile& profile) {
  Activity activity;
  activity.engine = Engine::copy;
  activity.before = from_microseconds(profile.copy.fixed_us);
  activity.other_bytes = work.extent.bytes;
  activity.memory.limit = profile.hbm_bytes_per_second();
  if (work.kind == WorkKind::copy_with_host) {
    activity.memory.limit = profile.copy.host_gigabytes_per_second * 1e9;
  } else if (work.kind == WorkKind::copy_on_device) {
    activity.other_bytes = 2 * work.extent.bytes;
  }
  return activity;
}

Activity held_up(double microseconds) {
  Activity activity;
  activity.before = from_microseconds(microseconds);
  return activity;
}

}  // namespace

Activity activity_of(const WorkItem& work, const SocProfile& profile) {
  Activity activity;
  switch (work.kind) {
    case WorkKind::op:
      activity = op_activity(work, profile);
      break;
    case WorkKind::prefetch:
      activity.engine = Engine::cmo;
      activity.before = from_microseconds(profile.cmo.fixed_us);
      break;
    case WorkKind::host_function:
      activity = held_up(0);
      break;
    case WorkKind::event_record:
      activity = held_up(profile.stream.record_us);
      break;
    case WorkKind::event_wait:
      activity = held_up(profile.stream.wait_us);
      break;
    default:
      activity = copy_activity(work, profile);
      break;
  }
  if (work.captured) {
    activity.before = later(activity.before, from_microseconds(profile.stream.graph_node_us));
  }
  activity.work = &work;
  return activity;
}

Picoseconds host_cost(const WorkItem& work, const HostConstants& host) {
  if (work.captured) return 0;
  switch (work.kind) {
    case WorkKind::op:
      return from_microseconds(host.op_us);
    case WorkKind::copy_with_host:
    case WorkKind::copy_on_device:
    case WorkKind::fill:
      return from_microseconds(host.copy_us);
    case WorkKind::prefetch:
      return from_microseconds(host.prefetch_us);
    case WorkKind::host_function:
    case WorkKind::event_record:
    case WorkKind::event_wait:
      return from_microseconds(host.event_us);
    case WorkKind::graph_launch:
      return from_microseconds(host.graph_launch_us);
    default:
      return from_microseconds(host.synchronize_us);
  }
}

std::uint64_t written_bytes(const WorkItem& work) {
  if (work.kind == WorkKind::copy_on_device || work.kind == WorkKind::fill) {
    return work.extent.bytes;
  }
  std::uint64_t bytes = work.demand.scattered_write_bytes;
  for (const Extent& extent : work.demand.writes)
    bytes += extent.bytes;
  return bytes;
}

}  // namespace tenon::ascend_emu::timing
