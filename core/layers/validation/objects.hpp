// The layer's record of every object that the host holds a handle of. All fields are guarded by the
// layer's mutex unless they say otherwise.
#pragma once

#include <tenon/device_api.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace tenon::validation {

enum class Kind : uint8_t { backend = 1, device, buffer, stream, event, graph, communicator };

std::string_view kind_name(Kind kind);

struct Object {
  Object(Kind which, void* below, std::shared_ptr<Object> of)
      : kind(which), next(below), parent(std::move(of)) {}
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;

  const Kind kind;
  void* const next;  // the handle of the layer below
  const std::shared_ptr<Object> parent;
  uint64_t id = 0;
  size_t children = 0;     // objects made from this one that still exist below
  bool condemned = false;  // destroyed by the host; below, with the last of its children

  std::string text() const;  // "stream 12 'compute'"
  virtual std::string detail() const { return {}; }
};

struct StreamObject;
struct Capture;

// A point in a stream: passed once the stream has completed its first `sequence` pieces of work. A
// stream that is gone has completed all.
struct Point {
  std::weak_ptr<StreamObject> stream;
  uint64_t sequence = 0;
};

// How far the work of each stream that takes part in a capture is ordered before something.
using CaptureClock = std::map<uint64_t, uint64_t>;

struct DeviceObject : Object {
  using Object::Object;
  uint32_t index = 0;
  tn_device_info info{};
  bool lost = false;
  std::vector<std::shared_ptr<Object>> waiting;  // condemned children that work still used
};

// What work on streams can use.
struct UsedObject : Object {
  using Object::Object;
  std::map<uint64_t, Point> uses;  // by stream id: the latest use
  std::set<uint64_t> graphs;       // ids of the graphs whose nodes use it
  std::weak_ptr<Capture> capture;  // the latest capture whose nodes use it
};

struct LayoutRegion {
  uint64_t size = 0;
  tn_layout layout = 0;
};

struct BufferObject : UsedObject {
  using UsedObject::UsedObject;
  uint32_t memory = TN_MEMORY_DEVICE;
  uint64_t size = 0;
  const std::byte* host = nullptr;  // where the host sees the bytes, once it has asked
  bool imported = false;
  std::map<uint64_t, LayoutRegion> regions;  // by offset: tensors in a private layout
  std::string detail() const override;
};

// The collectives of one group, so that ranks can be compared.
struct CommunicatorGroup {
  uint64_t first = 0;               // position of calls.front()
  std::vector<std::string> calls;   // what a collective looks like, by position
  std::vector<uint64_t> positions;  // of each rank
};

struct CommunicatorObject : UsedObject {
  using UsedObject::UsedObject;
  uint32_t rank = 0;
  uint32_t world_size = 0;
  std::shared_ptr<CommunicatorGroup> group;
};

// What stream_call_host hands to the layer below in place of the host's function.
struct HostCall {
  tn_host_function function = nullptr;
  void* context = nullptr;
  std::mutex* mutex = nullptr;  // the layer's
  Point point;
  std::atomic<bool> done = false;
};

struct StreamObject : Object {
  using Object::Object;
  std::string label;
  uint64_t enqueued = 0;
  uint64_t completed = 0;
  // "When I complete `sequence`, that point has passed": from event_wait.
  struct Wait {
    uint64_t sequence = 0;
    Point point;
  };
  std::vector<Wait> waits;
  std::shared_ptr<Capture> capture;  // NULL: not capturing
  CaptureClock clock;
  std::vector<std::shared_ptr<HostCall>> host_calls;  // alive as long as the stream is below
  std::atomic<bool> busy = false;  // not guarded: a thread is inside a call on this stream
  std::string detail() const override;
};

struct EventObject : Object {
  using Object::Object;
  bool recorded = false;
  Point point;
  std::weak_ptr<Capture> capture;  // recorded in it
  CaptureClock clock;
};

struct GraphNode {
  uint32_t op = 0;
  std::vector<uint64_t> args;  // as the host passed them, not translated
};

// Everything that the nodes of a graph use and are.
struct GraphContents {
  std::map<uint64_t, std::shared_ptr<UsedObject>> used;
  std::map<tn_node, GraphNode> nodes;
};

struct GraphObject : Object {
  using Object::Object;
  uint32_t device_index = 0;
  GraphContents contents;
  Point launched;
  std::atomic<bool> busy = false;  // not guarded
};

struct Capture {
  uint64_t origin = 0;  // id of the stream that began it
  bool open = true;
  std::map<uint64_t, std::weak_ptr<StreamObject>> members;
  GraphContents contents;
};

}  // namespace tenon::validation
