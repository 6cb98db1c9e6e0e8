// The second-level cache as ranges of buffers, the least recently used ones going first.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "ascend_emu/timing/work_item.hpp"

namespace tenon::ascend_emu::timing {

// Counts exact bytes and keeps no lines: a range that came in one piece ages in one piece and goes
// from its front, as a stream that was read in order would. A value: a copy is a snapshot.
class L2Cache {
 public:
  explicit L2Cache(std::uint64_t capacity) : capacity_(capacity) {}

  std::uint64_t used() const { return used_; }

  // Bytes of `extent` that are here.
  std::uint64_t resident(const Extent& extent) const;

  // The parts of `extent` that are not, in order.
  std::vector<Extent> missing(const Extent& extent) const;

  // Brings in all of `extent` as the most recent range. Of one larger than the cache its end stays.
  void insert(const Extent& extent);

  // What lies in memory has changed without passing through here.
  void invalidate(const Extent& extent);
  void forget(BufferId buffer);

 private:
  struct Range {
    std::uint64_t end;
    std::uint64_t age;  // the number of the insertion
  };
  struct Place {
    BufferId buffer;
    std::uint64_t begin;
  };
  using Ranges = std::map<std::uint64_t, Range>;  // by begin; they do not overlap

  void add(BufferId buffer, std::uint64_t begin, std::uint64_t end, std::uint64_t age);
  void make_room();

  std::uint64_t capacity_;
  std::uint64_t used_ = 0;
  std::uint64_t insertions_ = 0;
  std::unordered_map<BufferId, Ranges> buffers_;
  // Oldest first. A cut range leaves two of one age, hence the order by begin.
  std::map<std::pair<std::uint64_t, std::uint64_t>, Place> by_age_;
};

}  // namespace tenon::ascend_emu::timing
