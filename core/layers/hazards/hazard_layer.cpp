#include "layers/hazards/hazard_layer.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <unordered_map>

#include "base/error.hpp"
#include "base/log.hpp"
#include "device/status.hpp"

namespace tenon::hazards {
namespace {

std::array<std::atomic<HazardLayer*>, most_layers> places{};

struct Owners {
  std::mutex mutex;
  std::unordered_map<const void*, HazardLayer*> layers;
};
Owners& owners() {
  static Owners all;
  return all;
}

// What the plugin does not offer, the layer does not either.
void drop_missing_slots(tn_device_table& table, const DeviceTable& next) {
#define TN_SLOT(name, need, since_major, since_minor) \
  if (!next.offers(#name)) table.name = nullptr;
#include <tenon/slots.def>
}

}  // namespace

HazardLayer* layer_at(size_t place) {
  return place < most_layers ? places[place].load() : nullptr;
}

HazardLayer* owner_of(const void* handle) {
  const std::lock_guard lock(owners().mutex);
  const auto known = owners().layers.find(handle);
  return known == owners().layers.end() ? nullptr : known->second;
}

void own(const void* handle, HazardLayer* layer) {
  const std::lock_guard lock(owners().mutex);
  owners().layers[handle] = layer;
}

void disown(const void* handle) {
  const std::lock_guard lock(owners().mutex);
  owners().layers.erase(handle);
}

tn_status refuse_unknown(tn_error* error, const char* call) {
  return write_error(error, TN_INVALID_ARGUMENT,
                     error_text(call, "the handle was not made by this backend"));
}

tn_status refuse_hazard(tn_error* error, const std::vector<std::string>& texts) {
  return write_error(error, TN_INVALID_STATE, "[hazards] " + texts.front());
}

HazardLayer::HazardLayer(const DeviceTable& below, size_t place, HazardMode mode,
                         HazardReport report)
    : next(below), place_(place), mode_(mode), report_(std::move(report)) {
  tn_device_table table = next.get();
  fill_object_slots(table, place);
  fill_work_slots(table);
  fill_graph_slots(table);
  drop_missing_slots(table, next);
  table_ = std::make_unique<DeviceTable>(table, "hazards");
}

HazardLayer::~HazardLayer() {
  HazardLayer* self = this;
  places[place_].compare_exchange_strong(self, nullptr);
  const std::lock_guard lock(owners().mutex);
  std::erase_if(owners().layers, [this](const auto& entry) { return entry.second == this; });
}

bool HazardLayer::tell(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    if (report_) {
      report_(text);
    } else {
      log(LogLevel::error, "hazards", text);
    }
  }
  return !texts.empty() && mode_ == HazardMode::abort;
}

void HazardLayer::joined(const tn_communicator* rank, const tn_stream* stream) {
  const auto group = std::ranges::find_if(groups, [&](const std::shared_ptr<Group>& one) {
    return std::ranges::find(one->ranks, rank) != one->ranks.end();
  });
  if (group == groups.end()) return;
  Group& g = **group;
  const size_t index = g.next[rank]++;
  if (index >= g.waiting.size()) g.waiting.resize(index + 1);
  g.waiting[index].push_back(stream);
  while (!g.waiting.empty() && g.waiting.front().size() == g.ranks.size()) {
    tracker.met(g.waiting.front());
    g.waiting.erase(g.waiting.begin());
    for (auto& [handle, next_index] : g.next)
      --next_index;
  }
}

}  // namespace tenon::hazards

namespace tenon {

std::unique_ptr<Layer> make_hazard_layer(const DeviceTable& next, HazardMode mode,
                                         HazardReport report) {
  using hazards::places;
  for (size_t place = 0; place < hazards::most_layers; ++place) {
    if (places[place].load() != nullptr) continue;
    auto layer = std::make_unique<hazards::HazardLayer>(next, place, mode, report);
    hazards::HazardLayer* expected = nullptr;
    if (places[place].compare_exchange_strong(expected, layer.get())) return layer;
  }
  fail_run("hazards", "too many hazard layers at once",
           "at most " + std::to_string(hazards::most_layers));
}

}  // namespace tenon
