#include "host_runtime/collective_group.hpp"

#include <exception>
#include <utility>

#include <tenon/plugin/handles.hpp>

#include "ops/collective_kernels.hpp"

namespace tenon::host_runtime {
namespace {

struct CommunicatorFields {
  tn_communicator* communicator;
  std::uint32_t world_size;
};

template <class Args>
CommunicatorFields fields_of(const void* args) {
  const auto& typed = *static_cast<const Args*>(args);
  return {typed.communicator, typed.world_size};
}

CommunicatorFields fields_of(std::uint32_t op, const void* args) {
  switch (op) {
    case TN_OP_all_reduce:
      return fields_of<tn_all_reduce_args>(args);
    case TN_OP_all_gather:
      return fields_of<tn_all_gather_args>(args);
    case TN_OP_reduce_scatter:
      return fields_of<tn_reduce_scatter_args>(args);
    case TN_OP_all_to_all_v:
      return fields_of<tn_all_to_all_v_args>(args);
    default:
      throw plugin::Failure(TN_INTERNAL, "[op] op " + std::to_string(op) + " is no collective");
  }
}

const char* const closed_text =
    "[collective] the communicator was destroyed before all ranks had come";

const RankCommunicator& checked_communicator(const plugin::OpDescription& description,
                                             const void* args, std::uint32_t device) {
  const CommunicatorFields fields = fields_of(description.op, args);
  const auto& communicator =
      static_cast<const RankCommunicator&>(plugin::from_handle(fields.communicator));
  const std::string where = std::string("[") + description.name + "] ";
  if (communicator.device() != device) {
    throw plugin::Failure(TN_INVALID_ARGUMENT,
                          where + "the communicator belongs to another device; expected device " +
                              std::to_string(device) + "; found device " +
                              std::to_string(communicator.device()));
  }
  if (communicator.group()->world_size() != fields.world_size) {
    throw plugin::Failure(TN_INVALID_ARGUMENT,
                          where + "world_size differs from the communicator's; expected " +
                              std::to_string(communicator.group()->world_size()) + "; found " +
                              std::to_string(fields.world_size));
  }
  return communicator;
}

}  // namespace

std::uint64_t CollectiveGroup::reserve(std::uint32_t rank) {
  const std::lock_guard lock(mutex_);
  return reserved_[rank]++;
}

// Under the lock.
CollectiveGroup::Meeting& CollectiveGroup::meeting_at(std::uint64_t place) {
  Meeting& meeting = meetings_[place];
  meeting.arguments.resize(reserved_.size());
  return meeting;
}

std::shared_ptr<Completion> CollectiveGroup::arrive(
    std::uint32_t rank, std::uint64_t place,
    std::shared_ptr<const plugin::OwnedArguments> arguments) {
  Meeting last;
  {
    const std::lock_guard lock(mutex_);
    Meeting& meeting = meeting_at(place);
    meeting.arguments[rank] = std::move(arguments);
    if (closed_) meeting.completion->fail(closed_text);
    if (++meeting.accounted_for < world_size()) return meeting.completion;
    last = std::move(meeting);
    meetings_.erase(place);
  }
  if (!last.completion->done()) run(last);
  return last.completion;
}

void CollectiveGroup::run(const Meeting& meeting) {
  const std::uint32_t op = meeting.arguments[0]->description().op;
  std::vector<const void*> ranks;
  std::string problem;
  for (const auto& arguments : meeting.arguments) {
    ranks.push_back(arguments->data());
    if (arguments->description().op != op) problem = "the ranks meet in different collectives";
  }
  try {
    if (problem.empty()) problem = cpu_reference::collective_mismatch(op, ranks);
    if (problem.empty()) cpu_reference::run_collective(op, ranks, threads_);
  } catch (const std::exception& exception) {
    return meeting.completion->fail(exception.what());
  }
  if (problem.empty()) return meeting.completion->complete();
  meeting.completion->fail("[" + plugin::op_name(op) + "] " + problem);
}

void CollectiveGroup::give_up(std::uint64_t place, const std::string& text) {
  std::shared_ptr<Completion> completion;
  {
    const std::lock_guard lock(mutex_);
    Meeting& meeting = meeting_at(place);
    completion = meeting.completion;
    if (++meeting.accounted_for == world_size()) meetings_.erase(place);
  }
  completion->fail("[collective] another rank failed before it: " + text);
}

void CollectiveGroup::close() {
  std::vector<std::shared_ptr<Completion>> open;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (const auto& [place, meeting] : meetings_)
      open.push_back(meeting.completion);
  }
  for (const auto& completion : open)
    completion->fail(closed_text);
}

bool is_collective(const plugin::OpDescription& description) {
  return description.op_class == TN_CLASS_COMMUNICATION;
}

CollectivePart make_collective_part(const plugin::OpDescription& description, const void* args,
                                    std::uint32_t device) {
  const RankCommunicator& communicator = checked_communicator(description, args, device);
  return {communicator.group(), communicator.rank(),
          std::make_shared<plugin::OwnedArguments>(description, args)};
}

void check_communicator(const plugin::OpDescription& description, const void* args,
                        std::uint32_t device) {
  checked_communicator(description, args, device);
}

}  // namespace tenon::host_runtime
