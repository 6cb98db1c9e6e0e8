#include "layers/hazards/accesses.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "layers/validation/overlap.hpp"

namespace tenon::hazards {
namespace {

bool is_known(const RecordedAccess& recorded, const Clock& known) {
  return recorded.work->count <= known.of(recorded.work->stream);
}

// Two reads never conflict; a prefetch conflicts only with a write that comes after it.
bool can_conflict(AccessKind earlier, AccessKind later) {
  if (later == AccessKind::prefetch) return false;
  return earlier == AccessKind::write || later == AccessKind::write;
}

const char* conflict_name(AccessKind earlier, AccessKind later) {
  if (earlier == AccessKind::prefetch) return "write under a prefetch";
  if (earlier == AccessKind::read) return "write after read";
  return later == AccessKind::read ? "read after write" : "write after write";
}

const char* verb(AccessKind kind) {
  return kind == AccessKind::write ? "writes" : kind == AccessKind::read ? "reads" : "prefetches";
}

std::string bytes_text(const tn_tensor& view) {
  return fmt::format("bytes {} to {}", view.byte_offset, view.byte_offset + view.storage_bytes);
}

}  // namespace

std::string hazard_text(const Access& later, const Work& work, const RecordedAccess& earlier) {
  const Work& before = *earlier.work;
  return fmt::format(
      "{}: {} {} {} ({} of buffer {}), which {} {} ({}), and nothing orders the two; missing edge: "
      "an event recorded on stream '{}' after the latter that stream '{}' waits for before the "
      "former",
      conflict_name(earlier.access.kind, later.kind), work.text, verb(later.kind), later.operand,
      bytes_text(later.view), static_cast<const void*>(later.view.buffer), before.text,
      verb(earlier.access.kind), bytes_text(earlier.access.view), before.stream_name,
      work.stream_name);
}

std::string freed_text(const RecordedAccess& pending) {
  return fmt::format(
      "freed under work: buffer {} is freed while {} may still run ({}); missing edge: synchronise "
      "with stream '{}' before buffer_free",
      static_cast<const void*>(pending.access.view.buffer), pending.work->text,
      pending.access.operand, pending.work->stream_name);
}

std::vector<RecordedAccess> AccessTable::conflicts(const Access& access, const Work& work,
                                                   const Clock& known) const {
  std::vector<RecordedAccess> found;
  const auto of_buffer = by_buffer_.find(access.view.buffer);
  if (of_buffer == by_buffer_.end()) return found;
  for (const RecordedAccess& earlier : of_buffer->second) {
    if (earlier.work->stream == work.stream || is_known(earlier, known)) continue;
    if (!can_conflict(earlier.access.kind, access.kind)) continue;
    if (validation::overlap(earlier.access.view, access.view)) found.push_back(earlier);
  }
  return found;
}

void AccessTable::add(const Access& access, std::shared_ptr<const Work> work) {
  by_buffer_[access.view.buffer].push_back({access, std::move(work)});
}

std::vector<RecordedAccess> AccessTable::take_pending(const tn_buffer* buffer, const Clock& known) {
  std::vector<RecordedAccess> pending;
  const auto of_buffer = by_buffer_.find(buffer);
  if (of_buffer == by_buffer_.end()) return pending;
  std::ranges::copy_if(of_buffer->second, std::back_inserter(pending),
                       [&](const RecordedAccess& one) { return !is_known(one, known); });
  by_buffer_.erase(of_buffer);
  return pending;
}

void AccessTable::prune(const Clock& known) {
  for (auto entry = by_buffer_.begin(); entry != by_buffer_.end();) {
    std::erase_if(entry->second, [&](const RecordedAccess& one) { return is_known(one, known); });
    entry = entry->second.empty() ? by_buffer_.erase(entry) : std::next(entry);
  }
}

}  // namespace tenon::hazards
