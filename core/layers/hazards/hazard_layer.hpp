// The layer behind the slots: which table is below a handle, and what is known of its work.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "device/table.hpp"
#include "layers/hazards.hpp"
#include "layers/hazards/tracker.hpp"

namespace tenon::hazards {

inline constexpr size_t most_layers = 32;

class HazardLayer final : public Layer {
 public:
  HazardLayer(const DeviceTable& below, size_t place, HazardMode mode, HazardReport report);
  ~HazardLayer() override;
  const DeviceTable& table() const override { return *table_; }

  // Reports; returns whether the call is to be refused. The mutex must be held.
  bool tell(const std::vector<std::string>& texts);

  // The ranks of a communicator, and the collectives that not all have enqueued yet.
  struct Group {
    std::vector<const tn_communicator*> ranks;
    std::vector<std::vector<const tn_stream*>> waiting;  // by collective, oldest first
    std::map<const tn_communicator*, size_t> next;       // of each rank, counted from the oldest
  };
  // A rank enqueued its next collective. The mutex must be held.
  void joined(const tn_communicator* rank, const tn_stream* stream);

  const DeviceTable next;
  std::mutex mutex;
  Tracker tracker;
  std::vector<std::shared_ptr<Group>> groups;

 private:
  size_t place_;
  HazardMode mode_;
  HazardReport report_;
  std::unique_ptr<DeviceTable> table_;
};

// The layer that a handle was made through; NULL: none. Handles of different layers never compare
// equal while they live.
HazardLayer* owner_of(const void* handle);
void own(const void* handle, HazardLayer* layer);
void disown(const void* handle);
HazardLayer* layer_at(size_t place);

void fill_object_slots(tn_device_table& table, size_t place);
void fill_work_slots(tn_device_table& table);
void fill_graph_slots(tn_device_table& table);

// Answers for a handle that no layer made.
tn_status refuse_unknown(tn_error* error, const char* call);
// The answer of a call that is refused because of a hazard.
tn_status refuse_hazard(tn_error* error, const std::vector<std::string>& texts);

}  // namespace tenon::hazards
