// The objects of a card with virtual time: each passes its calls on to one of the host runtime, and
// logs what it was asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <tenon/plugin/objects.hpp>

#include "ascend_emu/timed/capture_log.hpp"
#include "ascend_emu/timed/card_clock.hpp"
#include "ascend_emu/timed/timed_card.hpp"

namespace tenon::ascend_emu {

class TimedEvent final : public plugin::Event {
 public:
  TimedEvent(std::unique_ptr<plugin::Event> inner, std::shared_ptr<CardClock> clock)
      : inner_(std::move(inner)), clock_(std::move(clock)), id_(clock_->add_event()) {}
  ~TimedEvent() override { clock_->remove_event(id_); }

  void synchronize() override;
  bool query() override { return inner_->query(); }
  std::int64_t elapsed_since(plugin::Event& begin) override;

  plugin::Event& inner() { return *inner_; }
  // Of its own card's clock; no_event for another's, whose time says nothing here.
  std::uint32_t id_on(const CardClock& clock) const {
    return &clock == clock_.get() ? id_ : no_event;
  }

  std::shared_ptr<CaptureLog> capture;  // in which it was last recorded

 private:
  const std::unique_ptr<plugin::Event> inner_;
  const std::shared_ptr<CardClock> clock_;
  const std::uint32_t id_;
};

class TimedGraph final : public plugin::Graph {
 public:
  // `lanes` are streams of `clock` that exist within the graph alone.
  TimedGraph(std::unique_ptr<plugin::Graph> inner, std::shared_ptr<CaptureLog> log,
             std::shared_ptr<CardClock> clock, std::vector<std::uint32_t> lanes)
      : inner_(std::move(inner)),
        log_(std::move(log)),
        clock_(std::move(clock)),
        lanes_(std::move(lanes)) {}
  ~TimedGraph() override;

  void update(tn_node node, std::uint32_t op, const void* args) override;

  plugin::Graph& inner() { return *inner_; }
  const CaptureLog& log() const { return *log_; }

 private:
  const std::unique_ptr<plugin::Graph> inner_;
  const std::shared_ptr<CaptureLog> log_;
  const std::shared_ptr<CardClock> clock_;
  const std::vector<std::uint32_t> lanes_;
};

// Without numerics the runtime gets events, captures and launches, but nothing that touches memory:
// what it would refuse is refused here. A collective then waits for nobody and takes the time of one
// whose ranks arrive together; what the host reads back is zeros.
class TimedStream final : public plugin::Stream {
 public:
  TimedStream(std::unique_ptr<plugin::Stream> inner, TimedCard card, const std::string& name)
      : inner_(std::move(inner)), card_(std::move(card)), id_(card_.clock->add_stream(name)) {}
  ~TimedStream() override;

  void copy_h2d(const void* source, plugin::Buffer& destination, std::uint64_t offset,
                std::uint64_t size) override;
  void copy_d2h(plugin::Buffer& source, std::uint64_t offset, void* destination,
                std::uint64_t size) override;
  void copy_d2d(plugin::Buffer& source, std::uint64_t source_offset, plugin::Buffer& destination,
                std::uint64_t destination_offset, std::uint64_t size) override;
  void fill(plugin::Buffer& buffer, std::uint64_t offset, std::uint64_t size, std::uint32_t pattern,
            std::uint32_t pattern_size) override;
  void synchronize() override;
  bool query() override { return inner_->query(); }
  void record(plugin::Event& event) override;
  void wait(plugin::Event& event) override;
  tn_node enqueue_op(std::uint32_t op, const void* args,
                     const plugin::Workspace& workspace) override;
  void call_host(tn_host_function function, void* context) override;
  void prefetch(const tn_tensor& tensor, std::uint64_t offset, std::uint64_t bytes) override;
  void begin_capture() override;
  std::unique_ptr<plugin::Graph> end_capture() override;
  void launch(plugin::Graph& graph) override;

 private:
  timing::WorkItem item(timing::WorkKind kind, const char* name) const;
  CaptureLog* capture();  // NULL when the stream takes part in none
  void log(timing::WorkItem work);
  void call(timing::WorkItem work);
  void call_op(timing::WorkItem work, std::uint32_t op, const void* args,
               const timing::Extent& workspace);
  tn_node accept_op(std::uint32_t op, const void* args, const plugin::Workspace& workspace);
  void accept_copy(const char* what, const plugin::Buffer& buffer);
  void stand_in(tn_buffer* buffer);

  const std::unique_ptr<plugin::Stream> inner_;
  const TimedCard card_;
  const std::uint32_t id_;
  std::shared_ptr<CaptureLog> capture_;
};

class TimedDevice final : public plugin::Device {
 public:
  TimedDevice(std::unique_ptr<plugin::Device> inner, TimedCard card)
      : inner_(std::move(inner)), card_(std::move(card)) {}

  tn_device_memory memory() override { return inner_->memory(); }
  std::unique_ptr<plugin::Buffer> allocate(tn_memory_kind kind, std::uint64_t size) override;
  std::unique_ptr<plugin::Buffer> import_host(void* memory, std::uint64_t size) override;
  std::unique_ptr<plugin::Stream> create_stream(const std::string& name) override;
  std::unique_ptr<plugin::Event> create_event() override;
  plugin::Support query_op(std::uint32_t op, const void* args) override {
    return inner_->query_op(op, args);
  }
  tn_layout_answer layout_for(const tn_layout_request& request) override {
    return inner_->layout_for(request);
  }
  std::vector<std::unique_ptr<plugin::Communicator>> create_communicators(
      std::span<plugin::Device* const> ranks) override;
  void start_profiling() override;
  std::vector<plugin::ProfileRecord> stop_profiling() override;

 private:
  const std::unique_ptr<plugin::Device> inner_;
  const TimedCard card_;
};

}  // namespace tenon::ascend_emu
