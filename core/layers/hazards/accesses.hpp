// Who touched which bytes, and whether a new access is ordered after them.
#pragma once

#include <tenon/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "layers/hazards/clock.hpp"

namespace tenon::hazards {

enum class AccessKind { read, write, prefetch };

// One piece of work: an op, a copy, a launch.
struct Work {
  std::string text;  // "'linear' (#12 on stream 'compute')"
  std::string stream_name;
  const tn_stream* handle = nullptr;
  StreamNumber stream = 0;
  uint64_t count = 0;  // its place on the stream, from 1
};

struct Access {
  AccessKind kind = AccessKind::read;
  tn_tensor view{};
  std::string operand;  // "output", "source"
};

struct RecordedAccess {
  Access access;
  std::shared_ptr<const Work> work;
};

// A conflict in words, with both pieces of work and the missing edge.
std::string hazard_text(const Access& later, const Work& work, const RecordedAccess& earlier);
std::string freed_text(const RecordedAccess& pending);

class AccessTable {
 public:
  // The earlier accesses that conflict with `access` and are not ordered before `work`, whose stream
  // knows `known`.
  std::vector<RecordedAccess> conflicts(const Access& access, const Work& work,
                                        const Clock& known) const;
  void add(const Access& access, std::shared_ptr<const Work> work);

  // Those of a buffer that `known` does not cover; then forgets the buffer.
  std::vector<RecordedAccess> take_pending(const tn_buffer* buffer, const Clock& known);
  // Forgets what everything to come is ordered after.
  void prune(const Clock& known);

 private:
  std::map<const tn_buffer*, std::vector<RecordedAccess>> by_buffer_;
};

}  // namespace tenon::hazards
