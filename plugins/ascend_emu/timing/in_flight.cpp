#include "ascend_emu/timing/in_flight.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "ascend_emu/timing/bandwidth_share.hpp"

namespace tenon::ascend_emu::timing {
namespace {

bool is_prefetch(const Activity& activity) {
  return activity.work->kind == WorkKind::prefetch;
}

double total_bytes(const std::vector<Extent>& extents) {
  double bytes = 0;
  for (const Extent& extent : extents)
    bytes += static_cast<double>(extent.bytes);
  return bytes;
}

// The share of a prefetch's bytes that `op` is about to read as well.
double common_share(const Activity& prefetch, const Activity& op) {
  double common = 0;
  for (const Extent& missing : prefetch.missing) {
    for (const Extent& read : op.work->demand.reads)
      common += static_cast<double>(overlap(missing, read));
  }
  const double all = total_bytes(prefetch.missing);
  return all > 0 ? std::min(1.0, common / all) : 0.0;
}

// Returns what was moved.
double move(Transfer& transfer, double extra_rate, Picoseconds from, Picoseconds to) {
  const double bytes = (transfer.rate + extra_rate) * (static_cast<double>(to - from) * 1e-12);
  const double moved =
      transfer.end <= to ? transfer.remaining : std::min(bytes, transfer.remaining);
  transfer.remaining -= moved;
  return moved;
}

bool has_moved_all(const Activity& activity, Picoseconds now) {
  return activity.moving && activity.compute_end <= now && activity.memory.remaining <= 0 &&
         activity.cache.remaining <= 0;
}

}  // namespace

std::uint64_t own_misses(const Activity& activity) {
  const auto brought = static_cast<std::uint64_t>(std::llround(activity.brought_bytes));
  return activity.missed_bytes - std::min(activity.missed_bytes, brought);
}

void InFlight::start(Activity activity, Picoseconds now) {
  now_ = now;
  activity.before_end = later(now, activity.before);
  activities_.push_back(std::move(activity));
  if (activities_.back().before == 0) begin_moving(activities_.back());
}

bool InFlight::busy(Engine engine) const {
  const auto uses = [](Engine a, Engine b) {
    return a == b || (a == Engine::cube_and_vector && (b == Engine::cube || b == Engine::vector));
  };
  return std::any_of(activities_.begin(), activities_.end(), [&](const Activity& activity) {
    return uses(activity.engine, engine) || uses(engine, activity.engine);
  });
}

// Puts what the prefetch has fetched so far into L2 and takes it off its list.
void InFlight::keep_fetched(Activity& prefetch) {
  double fetched = total_bytes(prefetch.missing) - prefetch.memory.remaining;
  std::size_t whole = 0;
  for (Extent& extent : prefetch.missing) {
    const auto bytes =
        std::min<std::uint64_t>(extent.bytes, static_cast<std::uint64_t>(std::max(0.0, fetched)));
    if (bytes == 0) break;
    cache_.insert({extent.buffer, extent.offset, bytes});
    fetched -= static_cast<double>(bytes);
    extent.offset += bytes;
    extent.bytes -= bytes;
    if (extent.bytes > 0) break;
    ++whole;
  }
  prefetch.missing.erase(prefetch.missing.begin(),
                         prefetch.missing.begin() + static_cast<std::ptrdiff_t>(whole));
}

std::uint64_t InFlight::resident(const Extent& extent) {
  for (Activity& activity : activities_) {
    if (activity.moving && is_prefetch(activity)) keep_fetched(activity);
  }
  return cache_.resident(extent);
}

void InFlight::begin_moving(Activity& activity) {
  activity.moving = true;
  activity.compute_end = later(now_, activity.compute);
  changed_ = true;
  activity.memory.remaining = static_cast<double>(activity.other_bytes);
  if (is_prefetch(activity)) {
    activity.read_bytes = activity.work->extent.bytes;
    resident({});  // prefetches before it
    activity.missing = cache_.missing(activity.work->extent);
    activity.memory.remaining = total_bytes(activity.missing);
    activity.missed_bytes = static_cast<std::uint64_t>(activity.memory.remaining);
    walk_over(activity, static_cast<double>(activity.read_bytes - activity.missed_bytes));
    return;
  }
  if (activity.uses_cache) {
    for (const Extent& read : activity.work->demand.reads) {
      activity.read_bytes += read.bytes;
      activity.missed_bytes += read.bytes - resident(read);
    }
    activity.cache.remaining = static_cast<double>(activity.read_bytes + activity.other_bytes);
  }
  activity.memory.remaining += static_cast<double>(activity.missed_bytes);
}

// A prefetch passes what is in L2 already without fetching it, line by line all the same.
void InFlight::walk_over(Activity& prefetch, double bytes) {
  prefetch.after =
      later(prefetch.after, time_for(bytes, profile_.cmo.present_gigabytes_per_second * 1e9));
}

void InFlight::share_memory() {
  std::vector<Flow> flows(activities_.size());
  std::size_t prefetches = 0;
  for (const Activity& activity : activities_)
    prefetches += activity.moving && is_prefetch(activity) && activity.memory.remaining > 0 ? 1 : 0;
  const double cmo_rate = prefetches > 1 ? profile_.cmo.two_stream_gigabytes_per_second
                                         : profile_.cmo.gigabytes_per_second;
  for (std::size_t i = 0; i < activities_.size(); ++i) {
    const Activity& activity = activities_[i];
    if (!activity.moving || activity.memory.remaining <= 0) continue;
    flows[i].limit = is_prefetch(activity) ? cmo_rate * 1e9 / static_cast<double>(prefetches)
                                           : activity.memory.limit;
  }
  share_bandwidth(profile_.hbm_bytes_per_second(), flows);
  for (std::size_t i = 0; i < activities_.size(); ++i)
    activities_[i].memory.rate = flows[i].rate;
}

void InFlight::share_cache() {
  std::vector<Flow> flows(activities_.size());
  for (std::size_t i = 0; i < activities_.size(); ++i) {
    const Activity& activity = activities_[i];
    if (activity.moving && activity.cache.remaining > 0) {
      flows[i].limit = profile_.l2.gigabytes_per_second * 1e9;
    }
  }
  share_bandwidth(profile_.l2.gigabytes_per_second * 1e9, flows);
  for (std::size_t i = 0; i < activities_.size(); ++i)
    activities_[i].cache.rate = flows[i].rate;
}

void InFlight::share() {
  share_memory();
  share_cache();
  for (Activity& activity : activities_) {
    activity.brought_rate = 0;
    if (!activity.moving) continue;
    if (!is_prefetch(activity) && activity.missed_bytes > 0 && activity.memory.remaining > 0) {
      for (const Activity& other : activities_) {
        if (other.moving && is_prefetch(other) && other.memory.remaining > 0) {
          activity.brought_rate += other.memory.rate * common_share(other, activity);
        }
      }
    }
    const auto end_of = [&](Transfer& transfer, double rate) {
      transfer.end = later(now_, time_for(transfer.remaining, rate));
    };
    end_of(activity.memory, activity.memory.rate + activity.brought_rate);
    end_of(activity.cache, activity.cache.rate);
  }
  changed_ = false;
}

Picoseconds InFlight::next_change() {
  if (changed_) share();
  Picoseconds next = never;
  for (const Activity& activity : activities_) {
    if (!activity.moving) {
      next = std::min(next, activity.moved ? activity.after_end : activity.before_end);
      continue;
    }
    Picoseconds end = now_;
    if (activity.compute_end > now_) end = activity.compute_end;
    for (const Transfer* transfer : {&activity.memory, &activity.cache}) {
      if (transfer->remaining > 0) next = std::min(next, transfer->end);
      if (transfer->remaining > 0) end = std::max(end, transfer->end);
    }
    next = std::min(next, end);
  }
  return next;
}

std::vector<Activity> InFlight::advance(Picoseconds time) {
  if (changed_) share();
  for (Activity& activity : activities_) {
    if (!activity.moving) continue;
    if (activity.memory.remaining > 0) {
      const double moved = move(activity.memory, activity.brought_rate, now_, time);
      const double all_rates = activity.memory.rate + activity.brought_rate;
      const double brought = all_rates > 0 ? moved * activity.brought_rate / all_rates : 0;
      activity.brought_bytes += brought;
      memory_bytes_ += moved - brought;
      if (activity.memory.remaining <= 0) changed_ = true;
    }
    if (activity.cache.remaining > 0) {
      cache_bytes_ += move(activity.cache, 0, now_, time);
      if (activity.cache.remaining <= 0) changed_ = true;
    }
  }
  now_ = time;
  for (Activity& activity : activities_) {
    if (!activity.moving && !activity.moved && activity.before_end <= now_) begin_moving(activity);
  }
  for (Activity& activity : activities_) {
    if (has_moved_all(activity, now_)) end_moving(activity);
  }

  const auto is_over = [this](const Activity& activity) {
    return activity.moved && activity.after_end <= now_;
  };
  std::vector<Activity> finished;
  std::copy_if(activities_.begin(), activities_.end(), std::back_inserter(finished), is_over);
  std::erase_if(activities_, is_over);
  return finished;
}

void InFlight::end_moving(Activity& activity) {
  if (is_prefetch(activity)) {
    keep_fetched(activity);
  } else {
    keep_in_cache(activity);
  }
  activity.moving = false;
  activity.moved = true;
  activity.after_end = later(now_, activity.after);
  changed_ = true;
}

void InFlight::keep_in_cache(const Activity& op) {
  const Demand& demand = op.work->demand;
  if (!op.uses_cache) {
    for (const Extent& write : demand.writes)
      cache_.invalidate(write);
    return;
  }
  for (const Extent& read : demand.reads)
    cache_.insert(read);
  for (const Extent& write : demand.writes)
    cache_.insert(write);
  // A prefetch need not fetch what the op has read meanwhile.
  for (Activity& other : activities_) {
    if (!other.moving || !is_prefetch(other)) continue;
    keep_fetched(other);
    std::vector<Extent> still_missing;
    for (const Extent& extent : other.missing) {
      for (const Extent& gap : cache_.missing(extent))
        still_missing.push_back(gap);
    }
    const double before = other.memory.remaining;
    other.missing = std::move(still_missing);
    other.memory.remaining = std::min(before, total_bytes(other.missing));
    other.brought_bytes += before - other.memory.remaining;
    walk_over(other, before - other.memory.remaining);
  }
}

}  // namespace tenon::ascend_emu::timing
