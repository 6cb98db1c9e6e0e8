#include "host_runtime/stream.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "host_runtime/graph.hpp"
#include "host_runtime/machine.hpp"
#include "host_runtime/operand_check.hpp"
#include "host_runtime/waiting_tasks.hpp"

namespace tenon::host_runtime {
namespace {

using plugin::Failure;

MemoryBuffer& memory(plugin::Buffer& buffer) {
  return static_cast<MemoryBuffer&>(buffer);
}

[[noreturn]] void refuse_state(const std::string& what) {
  throw Failure(TN_INVALID_STATE, what);
}

}  // namespace

QueueStream::QueueStream(std::shared_ptr<BackendState> backend, std::uint32_t device,
                         std::string name)
    : backend_(std::move(backend)),
      device_(device),
      queue_(std::make_shared<TaskQueue>(backend_->executor, std::move(name))) {
  backend_->devices[device_]->add_queue(queue_);
}

QueueStream::~QueueStream() {
  const Membership part = membership();
  if (part.capture != nullptr && part.lane == 0) part.capture->abandon();
  queue_->wait_until_passed();
}

// A capture that has ended leaves its streams here.
QueueStream::Membership QueueStream::membership() {
  const std::lock_guard lock(mutex_);
  if (membership_.capture != nullptr && !membership_.capture->active()) membership_ = {};
  return membership_;
}

void QueueStream::refuse_in_capture(const char* what) {
  if (membership().capture == nullptr) return;
  refuse_state(std::string("[") + what + "] is illegal during capture; found " + queue_->title() +
               " in a capture");
}

tn_node QueueStream::submit(std::unique_ptr<Work> work) {
  queue_->throw_if_failed();
  const Membership part = membership();
  if (part.capture != nullptr) return part.capture->add(part.lane, std::move(work));
  queue_->push(std::make_unique<WorkTask>(std::move(work), device().profiler));
  return TN_NO_NODE;
}

void QueueStream::copy_h2d(const void* source, plugin::Buffer& destination, std::uint64_t offset,
                           std::uint64_t size) {
  refuse_in_capture("copy_h2d");
  queue_->throw_if_failed();
  check_device("copy_h2d", memory(destination), device_);
  if (size == 0) return;
  const auto* begin = static_cast<const std::byte*>(source);
  std::vector<std::byte> staged;
  if (!backend_->pinned.contains(begin, size)) staged.assign(begin, begin + size);
  submit(
      make_copy("copy_h2d", source, memory(destination).data() + offset, size, std::move(staged)));
}

void QueueStream::copy_d2h(plugin::Buffer& source, std::uint64_t offset, void* destination,
                           std::uint64_t size) {
  refuse_in_capture("copy_d2h");
  queue_->throw_if_failed();
  check_device("copy_d2h", memory(source), device_);
  if (size == 0) return;
  submit(make_copy("copy_d2h", memory(source).data() + offset, destination, size));
}

void QueueStream::copy_d2d(plugin::Buffer& source, std::uint64_t source_offset,
                           plugin::Buffer& destination, std::uint64_t destination_offset,
                           std::uint64_t size) {
  queue_->throw_if_failed();
  check_device("copy_d2d", memory(destination), device_);
  if (size == 0) return;
  if (memory(source).kind() == TN_MEMORY_PINNED || memory(destination).kind() == TN_MEMORY_PINNED) {
    refuse_in_capture("copy_d2d with PINNED memory");
  }
  submit(make_copy("copy_d2d", memory(source).data() + source_offset,
                   memory(destination).data() + destination_offset, size));
}

void QueueStream::fill(plugin::Buffer& buffer, std::uint64_t offset, std::uint64_t size,
                       std::uint32_t pattern, std::uint32_t pattern_size) {
  queue_->throw_if_failed();
  check_device("fill", memory(buffer), device_);
  if (size == 0) return;
  submit(make_fill(memory(buffer).data() + offset, size, pattern, pattern_size));
}

void QueueStream::synchronize() {
  refuse_in_capture("stream_synchronize");
  queue_->wait_until_passed();
  queue_->throw_if_failed();
}

bool QueueStream::query() {
  refuse_in_capture("stream_query");
  queue_->throw_if_failed();
  return queue_->all_passed();
}

// A record on a failed stream carries the failure to whoever waits for it.
void QueueStream::record(plugin::Event& event) {
  auto& target = static_cast<StreamEvent&>(event);
  const Membership part = membership();
  if (part.capture != nullptr && !queue_->failed()) {
    auto captured = std::make_shared<CapturedRecord>();
    captured->capture = part.capture;
    captured->clock = part.capture->record(part.lane);
    return target.set_latest(std::move(captured));
  }
  auto completion = std::make_shared<Completion>();
  target.set_latest(completion);
  queue_->push(std::make_unique<RecordTask>(std::move(completion)));
}

void QueueStream::wait(plugin::Event& event) {
  queue_->throw_if_failed();
  const LatestRecord record = static_cast<StreamEvent&>(event).latest();
  if (const auto* captured = std::get_if<std::shared_ptr<CapturedRecord>>(&record)) {
    return wait_for_captured(**captured);
  }
  const auto* completion = std::get_if<std::shared_ptr<Completion>>(&record);
  if (completion == nullptr) return;
  if (membership().capture != nullptr) return require_passed(**completion);
  queue_->push(std::make_unique<WaitTask>(*completion));
}

// A capture may only look back at what is over: a replay has nothing to wait for.
void QueueStream::require_passed(const Completion& record) const {
  if (!record.done()) {
    refuse_state("[event_wait] the event was recorded outside of the capture that " +
                 queue_->title() + " takes part in, and is not complete");
  }
  if (!record.failure().empty()) {
    throw Failure(TN_STREAM_FAILED,
                  "[event_wait] the event carries a failure: " + record.failure());
  }
}

void QueueStream::wait_for_captured(const CapturedRecord& record) {
  const Membership part = membership();
  if (!record.capture->active()) {
    refuse_state("[event_wait] the event was last recorded in the capture begun on " +
                 record.capture->title() + ", which has ended; record it again first");
  }
  if (part.capture == record.capture) return part.capture->wait(part.lane, record.clock);
  if (part.capture != nullptr) {
    refuse_state(
        "[event_wait] the event was recorded in another capture; expected the one begun "
        "on " +
        part.capture->title() + "; found the one begun on " + record.capture->title());
  }
  const std::uint32_t lane = record.capture->fork(queue_->title(), queue_->name(), record.clock);
  const std::lock_guard lock(mutex_);
  membership_ = {record.capture, lane};
}

tn_node QueueStream::enqueue_op(std::uint32_t op, const void* args,
                                const plugin::Workspace& workspace) {
  const plugin::OpDescription& description = *plugin::find_op(op);
  const plugin::Support support = backend_->accelerator->query(op, args);
  if (!support.supported) throw Failure(TN_UNSUPPORTED, support.reason);
  if (!support.capturable) refuse_in_capture(description.name);  // casts between layouts
  check_operands(description, args, device_);
  check_workspace(description.name, workspace, support.workspace_bytes, device_);
  if (is_collective(description)) return enqueue_collective(description, args);
  std::span<std::byte> space;
  if (support.workspace_bytes > 0) {
    space = {memory(*workspace.buffer).data() + workspace.offset, support.workspace_bytes};
  }
  return submit(
      make_op(description, args, space, *backend_->accelerator, backend_->kernel_threads));
}

// The other ranks must not wait for one whose stream has failed.
tn_node QueueStream::enqueue_collective(const plugin::OpDescription& description,
                                        const void* args) {
  CollectivePart part = make_collective_part(description, args, device_);
  if (queue_->failed()) part.group->give_up(part.group->reserve(part.rank), queue_->failure());
  queue_->throw_if_failed();
  const Membership member = membership();
  if (member.capture != nullptr) return member.capture->add(member.lane, std::move(part));
  queue_->push(std::make_unique<CollectiveTask>(std::move(part), device().profiler));
  return TN_NO_NODE;
}

void QueueStream::call_host(tn_host_function function, void* context) {
  refuse_in_capture("stream_call_host");
  submit(make_host_call(backend_->executor, function, context));
}

void QueueStream::prefetch(const tn_tensor& tensor, std::uint64_t offset, std::uint64_t bytes) {
  const MemoryBuffer& buffer = memory_of(tensor.buffer);
  check_device("prefetch", buffer, device_);
  const std::uint64_t cache = machine().cache_bytes;
  submit(make_prefetch(buffer.data() + tensor.byte_offset + offset,
                       cache == 0 ? bytes : std::min(bytes, cache)));
}

void QueueStream::begin_capture() {
  queue_->throw_if_failed();
  refuse_in_capture("graph_capture_begin");
  auto capture = std::make_shared<Capture>(queue_->title(), queue_->name(), device_);
  const std::lock_guard lock(mutex_);
  membership_ = {std::move(capture), 0};
}

std::unique_ptr<plugin::Graph> QueueStream::end_capture() {
  const Membership part = membership();
  if (part.capture == nullptr) {
    refuse_state("[graph_capture_end] " + queue_->title() + " is not in a capture");
  }
  if (part.lane != 0) {
    refuse_state("[graph_capture_end] " + queue_->title() +
                 " only joined the capture; expected the stream it was begun on, " +
                 part.capture->title());
  }
  std::shared_ptr<GraphProgram> program =
      part.capture->finish(backend_->accelerator->unjoined_fork_note());
  queue_->throw_if_failed();
  return std::make_unique<ProgramGraph>(std::move(program));
}

void QueueStream::launch(plugin::Graph& graph) {
  refuse_in_capture("graph_launch");
  const std::shared_ptr<GraphProgram> program = static_cast<ProgramGraph&>(graph).program();
  if (program->device != device_) {
    throw Failure(TN_INVALID_ARGUMENT,
                  "[graph_launch] the graph was captured on another device; "
                  "expected device " +
                      std::to_string(program->device) + "; found device " +
                      std::to_string(device_));
  }
  if (program->pending > 0 && program->launched_on != queue_.get()) {
    refuse_state("[graph_launch] a launch of this graph is pending on another stream");
  }
  auto task = std::make_unique<LaunchTask>(program, device().profiler);
  if (queue_->failed()) task->skip(queue_->failure());
  queue_->throw_if_failed();
  program->launched_on = queue_.get();
  queue_->push(std::move(task));
}

}  // namespace tenon::host_runtime
