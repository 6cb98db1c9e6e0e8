#include <cstring>
#include <map>
#include <string>
#include <utility>

#include <tenon/plugin/handles.hpp>
#include <tenon/plugin/op_description.hpp>

#include "ascend_emu/forced_copy.hpp"
#include "ascend_emu/timed/timed_objects.hpp"
#include "host_runtime/collective_group.hpp"
#include "host_runtime/operand_check.hpp"

namespace tenon::ascend_emu {
namespace {

using timing::WorkKind;

const host_runtime::MemoryBuffer& memory(const plugin::Buffer& buffer) {
  return static_cast<const host_runtime::MemoryBuffer&>(buffer);
}

// Ids of nodes that the runtime does not know.
constexpr tn_node first_own_node = 0x80000000U;

timing::Extent extent(plugin::Buffer& buffer, std::uint64_t offset, std::uint64_t size) {
  return {reinterpret_cast<timing::BufferId>(plugin::to_handle<tn_buffer>(&buffer)), offset, size};
}

}  // namespace

// A capture dies with the stream that it began on.
TimedStream::~TimedStream() {
  if (capture_ != nullptr && capture_->first_stream == id_) capture_->active = false;
  card_.clock->remove_stream(id_);
}

timing::WorkItem TimedStream::item(WorkKind kind, const char* name) const {
  timing::WorkItem work;
  work.kind = kind;
  work.stream = id_;
  work.name = name;
  return work;
}

CaptureLog* TimedStream::capture() {
  if (capture_ != nullptr && !capture_->active) capture_.reset();
  return capture_.get();
}

void TimedStream::log(timing::WorkItem work) {
  if (CaptureLog* captured = capture()) {
    work.captured = true;
    captured->calls.push_back({std::move(work), nullptr, {}});
  } else {
    call(std::move(work));
  }
}

// Not in a capture: the call takes place.
void TimedStream::call(timing::WorkItem work) {
  if (card_.routing != nullptr) {
    for (const timing::Extent& write : work.demand.writes)
      card_.routing->written(write);
  }
  card_.clock->call(std::move(work));
}

// Where contents are missing, what an op does depends on the calls before it.
void TimedStream::call_op(timing::WorkItem work, std::uint32_t op, const void* args,
                          const timing::Extent& workspace) {
  std::vector<std::int64_t> rows;
  if (card_.routing != nullptr && op == TN_OP_grouped_matmul) {
    rows = card_.routing->group_rows(*static_cast<const tn_grouped_matmul_args*>(args));
  }
  demand_op(work, op, args, card_.settings, workspace, {rows});
  call(std::move(work));
  if (card_.routing != nullptr && op == TN_OP_moe_permute) {
    card_.routing->permuted(*static_cast<const tn_moe_permute_args*>(args));
  }
}

void TimedStream::accept_copy(const char* what, const plugin::Buffer& buffer) {
  if (capture() != nullptr) {
    throw plugin::Failure(TN_INVALID_STATE,
                          std::string("[") + what + "] is illegal during capture");
  }
  host_runtime::check_device(what, memory(buffer), card_.index);
}

void TimedStream::copy_h2d(const void* source, plugin::Buffer& destination, std::uint64_t offset,
                           std::uint64_t size) {
  if (card_.settings.contents) {
    inner_->copy_h2d(source, destination, offset, size);
  } else {
    accept_copy("copy_h2d", destination);
  }
  if (size == 0) return;
  timing::WorkItem work = item(WorkKind::copy_with_host, "copy_h2d");
  work.extent = extent(destination, offset, size);
  work.demand.writes = {work.extent};
  log(std::move(work));
}

void TimedStream::copy_d2h(plugin::Buffer& source, std::uint64_t offset, void* destination,
                           std::uint64_t size) {
  if (card_.settings.contents) {
    inner_->copy_d2h(source, offset, destination, size);
  } else {
    accept_copy("copy_d2h", source);
  }
  if (size == 0) return;
  if (card_.routing != nullptr) {
    std::memset(destination, 0, size);
    card_.routing->read(extent(source, offset, size), static_cast<std::byte*>(destination));
  }
  timing::WorkItem work = item(WorkKind::copy_with_host, "copy_d2h");
  work.extent = extent(source, offset, size);
  log(std::move(work));
}

void TimedStream::copy_d2d(plugin::Buffer& source, std::uint64_t source_offset,
                           plugin::Buffer& destination, std::uint64_t destination_offset,
                           std::uint64_t size) {
  if (card_.settings.contents) {
    inner_->copy_d2d(source, source_offset, destination, destination_offset, size);
  } else if (memory(source).kind() == TN_MEMORY_PINNED ||
             memory(destination).kind() == TN_MEMORY_PINNED) {
    accept_copy("copy_d2d", destination);
  } else {
    host_runtime::check_device("copy_d2d", memory(destination), card_.index);
    stand_in(plugin::to_handle<tn_buffer>(&destination));
  }
  if (size == 0) return;
  timing::WorkItem work = item(WorkKind::copy_on_device, "copy_d2d");
  work.source = extent(source, source_offset, size);
  work.extent = extent(destination, destination_offset, size);
  work.demand.writes = {work.extent};
  log(std::move(work));
}

void TimedStream::fill(plugin::Buffer& buffer, std::uint64_t offset, std::uint64_t size,
                       std::uint32_t pattern, std::uint32_t pattern_size) {
  if (card_.settings.contents) {
    inner_->fill(buffer, offset, size, pattern, pattern_size);
  } else {
    host_runtime::check_device("fill", memory(buffer), card_.index);
    stand_in(plugin::to_handle<tn_buffer>(&buffer));
  }
  if (size == 0) return;
  timing::WorkItem work = item(WorkKind::fill, "fill");
  work.extent = extent(buffer, offset, size);
  work.demand.writes = {work.extent};
  log(std::move(work));
}

void TimedStream::synchronize() {
  inner_->synchronize();
  card_.clock->synchronize(WorkKind::synchronize_stream, id_, 0);
}

void TimedStream::record(plugin::Event& event) {
  auto& timed = static_cast<TimedEvent&>(event);
  inner_->record(timed.inner());
  timed.capture = capture() != nullptr ? capture_ : nullptr;
  timing::WorkItem work = item(WorkKind::event_record, "event_record");
  work.event = timed.id_on(*card_.clock);
  log(std::move(work));
}

void TimedStream::wait(plugin::Event& event) {
  auto& timed = static_cast<TimedEvent&>(event);
  inner_->wait(timed.inner());
  // As there, a stream that waits for an event of a capture takes part in it from now on.
  if (timed.capture != nullptr && timed.capture->active) capture_ = timed.capture;
  timing::WorkItem work = item(WorkKind::event_wait, "event_wait");
  work.event = timed.id_on(*card_.clock);
  // What a capture finds complete it does not wait for, nor does a replay.
  if (capture() != nullptr && timed.capture != capture_) return;
  log(std::move(work));
}

// What the runtime would refuse is refused here too. In a capture it gets each op, which then runs
// as nothing, so that it knows nodes and forks; a collective would wait there for ranks that never
// come.
tn_node TimedStream::accept_op(std::uint32_t op, const void* args,
                               const plugin::Workspace& workspace) {
  const plugin::OpDescription& description = *plugin::find_op(op);
  const bool collective = host_runtime::is_collective(description);
  CaptureLog* captured = capture();
  if (captured != nullptr && !collective) return inner_->enqueue_op(op, args, workspace);
  const plugin::Support support = card_.backend->accelerator->query(op, args);
  if (!support.supported) throw plugin::Failure(TN_UNSUPPORTED, support.reason);
  host_runtime::check_operands(description, args, card_.index);
  host_runtime::check_workspace(description.name, workspace, support.workspace_bytes, card_.index);
  if (collective) host_runtime::check_communicator(description, args, card_.index);
  if (captured == nullptr) return TN_NO_NODE;
  stand_in(plugin::operand_of(args, description.operands.front()).buffer);
  return first_own_node + static_cast<tn_node>(captured->calls.size());
}

// A node of the runtime's that touches nothing, where the real one is not made.
void TimedStream::stand_in(tn_buffer* buffer) {
  if (capture() == nullptr || buffer == nullptr) return;
  tn_tensor tensor{};
  tensor.buffer = buffer;
  inner_->prefetch(tensor, 0, 1);
}

tn_node TimedStream::enqueue_op(std::uint32_t op, const void* args,
                                const plugin::Workspace& workspace) {
  const tn_node node = card_.settings.contents ? inner_->enqueue_op(op, args, workspace)
                                               : accept_op(op, args, workspace);
  const plugin::OpDescription& description = *plugin::find_op(op);
  timing::WorkItem work = item(WorkKind::op, description.name);
  timing::Extent space;
  if (workspace.buffer != nullptr) {
    space = extent(*workspace.buffer, workspace.offset, workspace.size);
  }
  CaptureLog* captured = capture();
  if (captured == nullptr) {
    call_op(std::move(work), op, args, space);
    return node;
  }
  work.captured = true;
  work.demand.op = op;
  work.demand.op_class = description.op_class;
  captured->nodes[node] = captured->calls.size();
  captured->calls.push_back(
      {std::move(work), std::make_unique<plugin::OwnedArguments>(description, args), space});
  return node;
}

void TimedStream::call_host(tn_host_function function, void* context) {
  inner_->call_host(function, context);
  log(item(WorkKind::host_function, "call_host"));
}

void TimedStream::prefetch(const tn_tensor& tensor, std::uint64_t offset, std::uint64_t bytes) {
  if (card_.settings.contents) {
    inner_->prefetch(tensor, offset, bytes);
  } else {
    host_runtime::check_device("prefetch", host_runtime::memory_of(tensor.buffer), card_.index);
    stand_in(tensor.buffer);
  }
  timing::WorkItem work = item(WorkKind::prefetch, "prefetch");
  work.extent = {reinterpret_cast<timing::BufferId>(tensor.buffer), tensor.byte_offset + offset,
                 bytes};
  log(std::move(work));
}

void TimedStream::begin_capture() {
  inner_->begin_capture();
  capture_ = std::make_shared<CaptureLog>();
  capture_->first_stream = id_;
}

// Ends the capture also where the runtime refuses what was captured. At a launch the first stream
// is the one launched on; the others exist only within the graph.
std::unique_ptr<plugin::Graph> TimedStream::end_capture() {
  const std::shared_ptr<CaptureLog> captured = capture_;
  const bool own = capture() != nullptr && captured->first_stream == id_;
  if (own) captured->active = false;
  std::unique_ptr<plugin::Graph> graph = inner_->end_capture();
  std::map<std::uint32_t, std::uint32_t> lane_of{{id_, id_}};
  std::vector<std::uint32_t> lanes;
  for (CapturedCall& call : captured->calls) {
    const auto found = lane_of.find(call.work.stream);
    if (found == lane_of.end()) {
      const std::uint32_t lane = card_.clock->add_stream_like(call.work.stream);
      lanes.push_back(lane);
      lane_of[call.work.stream] = lane;
      call.work.stream = lane;
    } else {
      call.work.stream = found->second;
    }
  }
  return std::make_unique<TimedGraph>(std::move(graph), captured, card_.clock, std::move(lanes));
}

void TimedStream::launch(plugin::Graph& graph) {
  auto& timed = static_cast<TimedGraph&>(graph);
  inner_->launch(timed.inner());
  log(item(WorkKind::graph_launch, "graph_launch"));
  for (const CapturedCall& captured : timed.log().calls) {
    timing::WorkItem work = captured.work;
    if (work.stream == timed.log().first_stream) work.stream = id_;
    if (captured.arguments != nullptr) {
      call_op(std::move(work), captured.work.demand.op, captured.arguments->data(),
              captured.workspace);
    } else {
      call(std::move(work));
    }
  }
}

}  // namespace tenon::ascend_emu
