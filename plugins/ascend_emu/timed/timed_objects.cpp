#include "ascend_emu/timed/timed_objects.hpp"

#include <string>
#include <utility>

#include <tenon/plugin/handles.hpp>

namespace tenon::ascend_emu {
namespace {

std::unique_ptr<plugin::Buffer> without_past(std::unique_ptr<plugin::Buffer> buffer,
                                             const TimedCard& card) {
  const auto id = reinterpret_cast<timing::BufferId>(plugin::to_handle<tn_buffer>(buffer.get()));
  card.clock->forget(id);
  if (card.routing != nullptr) card.routing->forget(id);
  return buffer;
}

}  // namespace

void TimedEvent::synchronize() {
  inner_->synchronize();
  clock_->synchronize(timing::WorkKind::synchronize_event, 0, id_);
}

// The runtime refuses events that have no time or are not complete.
std::int64_t TimedEvent::elapsed_since(plugin::Event& begin) {
  auto& timed = static_cast<TimedEvent&>(begin);
  inner_->elapsed_since(timed.inner());
  if (timed.clock_ != clock_) {
    throw plugin::Failure(TN_INVALID_ARGUMENT,
                          "[event_elapsed] the events are of two cards, whose virtual clocks have "
                          "nothing in common; expected events of one card");
  }
  return clock_->elapsed_ns(timed.id_, id_);
}

TimedGraph::~TimedGraph() {
  for (const std::uint32_t lane : lanes_)
    clock_->remove_stream(lane);
}

void TimedGraph::update(tn_node node, std::uint32_t op, const void* args) {
  const auto found = log_->nodes.find(node);
  CapturedCall* call = found == log_->nodes.end() ? nullptr : &log_->calls[found->second];
  // The runtime knows no collective that waits for nobody.
  if (call != nullptr && call->work.demand.op_class == TN_CLASS_COMMUNICATION) {
    throw plugin::Failure(TN_INVALID_ARGUMENT, "[graph_update] node " + std::to_string(node) +
                                                   " is a collective, which has no fields to "
                                                   "update");
  }
  inner_->update(node, op, args);
  if (call != nullptr) call->arguments->update(args);
}

std::unique_ptr<plugin::Buffer> TimedDevice::allocate(tn_memory_kind kind, std::uint64_t size) {
  return without_past(inner_->allocate(kind, size), card_);
}

std::unique_ptr<plugin::Buffer> TimedDevice::import_host(void* memory, std::uint64_t size) {
  return without_past(inner_->import_host(memory, size), card_);
}

std::unique_ptr<plugin::Stream> TimedDevice::create_stream(const std::string& name) {
  return std::make_unique<TimedStream>(inner_->create_stream(name), card_, name);
}

std::unique_ptr<plugin::Event> TimedDevice::create_event() {
  return std::make_unique<TimedEvent>(inner_->create_event(), card_.clock);
}

std::vector<std::unique_ptr<plugin::Communicator>> TimedDevice::create_communicators(
    std::span<plugin::Device* const> ranks) {
  std::vector<plugin::Device*> inner;
  for (plugin::Device* rank : ranks) {
    auto* timed = dynamic_cast<TimedDevice*>(rank);
    if (timed == nullptr) {
      throw plugin::Failure(TN_INVALID_ARGUMENT,
                            "[communicator_create] a device belongs to another backend");
    }
    inner.push_back(timed->inner_.get());
  }
  return inner_->create_communicators(inner);
}

void TimedDevice::start_profiling() {
  inner_->start_profiling();
  card_.clock->start_profiling();
  if (card_.routing != nullptr) card_.routing->restart();
}

std::vector<plugin::ProfileRecord> TimedDevice::stop_profiling() {
  inner_->stop_profiling();
  return card_.clock->stop_profiling();
}

}  // namespace tenon::ascend_emu
