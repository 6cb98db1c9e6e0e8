// Happens-before over the calls of a host: streams, events, captures, graphs.
#pragma once

#include <tenon/device_api.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "layers/hazards/accesses.hpp"

namespace tenon::hazards {

// Not thread-safe. Calls the device API never; what it is told happened. Unknown handles are taken
// as new ones.
class Tracker {
 public:
  void stream_made(const tn_stream* stream, const char* name);
  void stream_gone(const tn_stream* stream);  // its work has passed
  void event_gone(const tn_event* event) { events_.erase(event); }

  void recorded(const tn_event* event, const tn_stream* stream);
  void waited(const tn_stream* stream, const tn_event* event);
  // The host knows that all work of a stream, or before an event's record, has passed.
  void passed(const tn_stream* stream);
  void passed(const tn_event* event);

  // The hazards of a piece of work, as texts.
  std::vector<std::string> hazards(const tn_stream* stream, const std::string& what,
                                   const std::vector<Access>& accesses);
  // The work was taken.
  void enqueued(const tn_stream* stream, const std::string& what,
                const std::vector<Access>& accesses);
  // All ranks of a collective: none goes on before all have come.
  void met(const std::vector<const tn_stream*>& streams);

  // What may still use a buffer that is being freed; the buffer is forgotten.
  std::vector<RecordedAccess> freed(const tn_buffer* buffer);

  void capture_begun(const tn_stream* stream);
  void capture_ended(const tn_stream* stream, const tn_graph* graph);  // NULL: it failed
  const std::vector<Access>& graph_accesses(const tn_graph* graph) { return graphs_[graph]; }
  void graph_gone(const tn_graph* graph) { graphs_.erase(graph); }

 private:
  // Where work is ordered and recorded: the device's time line, or a capture.
  struct TimeLine {
    AccessTable accesses;
    std::map<StreamNumber, Clock> clocks;
    std::vector<Access> nodes;  // of a capture
    const tn_stream* origin = nullptr;
  };
  struct StreamState {
    StreamNumber number = 0;
    std::string name;
    uint64_t count = 0;
    std::shared_ptr<TimeLine> capture;  // NULL: none
  };
  struct EventState {
    Clock clock;
    std::shared_ptr<TimeLine> capture;  // recorded there
  };

  StreamState& state_of(const tn_stream* stream);
  TimeLine& line_of(StreamState& state) { return state.capture ? *state.capture : line_; }
  // What the stream's next piece of work is ordered after.
  Clock& clock_of(StreamState& state);
  Work work_on(const tn_stream* stream, const std::string& what);

  TimeLine line_;
  Clock host_;  // what the host has waited for
  StreamNumber next_number_ = 0;
  std::map<const tn_stream*, StreamState> streams_;
  std::map<const tn_event*, EventState> events_;
  std::map<const tn_graph*, std::vector<Access>> graphs_;
};

}  // namespace tenon::hazards
